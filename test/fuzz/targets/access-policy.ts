import { checkStatements } from '../../../src/access/check';
import { samePolicy } from '../../../src/access/compare';
import { locksOut } from '../../../src/access/lockout';
import { mergeStatements } from '../../../src/access/merge';
import { AccessPolicy } from '../../../src/access/model';
import { parsePolicy } from '../../../src/access/parse';
import { normalisedText } from '../../../src/access/render';
import { accessPlan } from '../../../src/access/words';
import { isDrydockError } from '../../../src/errors';
import { FuzzTarget, mustHold } from '../target';

const pull = { Sid: 'Pull', Effect: 'Allow', Principal: { AWS: ['123456789012', 'arn:aws:iam::210987654321:role/ci'] }, Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'] };
const CURRENT: AccessPolicy = parsePolicy(JSON.stringify({
  Version: '2012-10-17',
  Statement: [pull, { Effect: 'Deny', Principal: '*', Action: 'ecr:*', Condition: { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' }, StringLike: { 'aws:PrincipalArn': '*/a*b' } } }],
}));

/** The text of a repository policy: read, compared, merged into another one and taken apart for people. */
export const accessPolicy: FuzzTarget = {
  name: 'access-policy',
  maxBytes: 131_072,
  words: [
    'Version', '2012-10-17', 'Statement', 'Sid', 'Effect', 'Allow', 'Deny', 'Principal', 'NotPrincipal', 'AWS', 'Service', 'Federated', 'Action', 'NotAction', 'Resource', 'Condition', 'ecr:*', 'ecr:Batch*',
    '*', '?', 'StringEquals', 'StringLike', 'ForAllValues:StringLike', 'ArnLikeIfExists', 'Null', 'aws:SourceIp', 'aws:SourceAccount', 'arn:aws:iam::123456789012:root', '${aws:username}', 'Pull',
  ],
  seeds: () => [JSON.stringify(CURRENT), JSON.stringify({ Statement: pull }), JSON.stringify({ Version: '2008-10-17', Statement: [{ ...pull, Principal: { Service: 'lambda.amazonaws.com' }, Resource: '*' }] })],
  run(input) {
    const policy = parsePolicy(input.toString());
    mustHold(samePolicy(policy, policy), 'a policy is the same as itself');
    checkStatements(policy.Statement, { registryId: '123456789012' });
    locksOut(policy, { accountId: '123456789012', principalArn: 'arn:aws:iam::123456789012:role/admin' });
    accessPlan(CURRENT, policy, { registryId: '123456789012' });
    accessPlan(policy, undefined);
    const text = normalisedText(policy);
    mustHold(normalisedText(parsePolicy(text)) === text, 'what was rendered is rendered the same again');
    const ours = [{ ...pull, Effect: 'Allow' as const }];
    const merged = mergeStatements({ current: policy, ours, previousSids: ['Pull', 'Old'] });
    if (merged.conflicts.length === 0 && merged.policy !== undefined) {
      const theirs = policy.Statement.filter(({ Sid }) => Sid !== 'Pull' && Sid !== 'Old');
      mustHold(theirs.every((statement) => merged.policy!.Statement.includes(statement)), 'statements of others stay');
      mustHold(!mergeStatements({ current: merged.policy, ours, previousSids: ['Pull'] }).changed, 'a second merge changes nothing');
    }
    mustThrowNothingElse(() => mergeStatements({ current: CURRENT, ours: policy.Statement, previousSids: [] }));
  },
};

function mustThrowNothingElse(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!isDrydockError(error)) {
      throw error;
    }
  }
}
