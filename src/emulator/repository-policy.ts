import { createHash } from 'node:crypto';
import { EcrError, invalidParameter } from './ecr-error';
import { checkStatements } from '../access/check';
import { AccessCode } from '../access/codes';
import { AccessPolicy, isRecord, listOf, Statement } from '../access/model';
import { parsePolicy } from '../access/parse';
import { normalisedText } from '../access/render';

/**
 * What ECR refuses. The rest of what the library objects to is legal here: statements may share a Sid or have blanks in it, and an action may be
 * one that a repository policy cannot give.
 */
const REFUSED: ReadonlySet<string> = new Set<AccessCode>([
  'DD-ACCESS-001', 'DD-ACCESS-002', 'DD-ACCESS-003', 'DD-ACCESS-004', 'DD-ACCESS-006', 'DD-ACCESS-007', 'DD-ACCESS-011', 'DD-ACCESS-014', 'DD-ACCESS-017',
]);
const ELEMENTS: ReadonlySet<string> = new Set(['Version', 'Id', 'Statement']);
const VERSIONS: ReadonlySet<string> = new Set(['2008-10-17', '2012-10-17']);

const invalidPolicy = () => invalidParameter('PolicyText', 'Invalid repository policy provided');
export const principalNotFound = (): EcrError => invalidParameter('PolicyText', 'Principal not found');

/** The policy that a text holds, or ECR's refusal, which never says what is wrong. */
export function readRepositoryPolicy(text: string, repositoryArn: string): AccessPolicy {
  let policy: AccessPolicy;
  try {
    policy = parsePolicy(text);
  } catch {
    throw invalidPolicy();
  }
  const { Statement: statements, Version = '2008-10-17' } = policy;
  const illegal = statements.length === 0
    || !VERSIONS.has(Version)
    || Object.keys(policy).some((element) => !ELEMENTS.has(element))
    || statements.some((statement) => !isLegal(statement, repositoryArn))
    || checkStatements(statements).problems.some(({ code }) => REFUSED.has(code));
  if (illegal) {
    throw invalidPolicy();
  }
  return policy;
}

function isLegal(statement: Statement, repositoryArn: string): boolean {
  return (statement.Condition === undefined || isRecord(statement.Condition))
    && (statement.Sid === undefined || typeof statement.Sid === 'string')
    && statement.NotResource === undefined
    // The repository is the resource; AWS's own examples write "*".
    && listOf(statement.Resource).every((resource) => resource === '*' || resource === repositoryArn)
    && awsPrincipals(statement).every((principal) => principal === '*' || !/[*?]/.test(principal));
}

/** The text as ECR stores it. */
export function storedRepositoryPolicy(text: string, repositoryArn: string): string {
  return normalisedText(readRepositoryPolicy(text, repositoryArn), partitionOfArn(repositoryArn));
}

const partitionOfArn = (arn: string) => arn.split(':')[1];

function awsPrincipals({ Principal, NotPrincipal }: Statement): readonly string[] {
  return [Principal, NotPrincipal].flatMap((principal) => (isRecord(principal) ? listOf(principal.AWS as string | string[] | undefined) : []));
}

const UNIQUE_ID = /^A(?:ROA|IDA)[A-Z0-9]+$/;

/** Whether IAM knows every principal. The unique id of a deleted one is not a name that could be looked up. */
export function knowsPrincipals(policy: AccessPolicy, isUnknown: (principal: string) => boolean): boolean {
  return policy.Statement.flatMap(awsPrincipals).every((principal) => principal === '*' || !(UNIQUE_ID.test(principal) || isUnknown(principal)));
}

/** The stored text as it is shown: roles and users that have been deleted since show as the unique ids that they had. */
export function shownRepositoryPolicy(text: string, repositoryArn: string, isUnknown: (principal: string) => boolean): string {
  const policy = parsePolicy(text);
  if (knowsPrincipals(policy, isUnknown)) {
    return text;
  }
  const shown = (principal: string) => {
    const kind = /^arn:[^:]+:iam::[0-9]{12}:(role|user)\//.exec(principal)?.[1];
    return kind !== undefined && isUnknown(principal) ? uniqueId(kind, principal) : principal;
  };
  const replaced = (principal: Statement['Principal']): Statement['Principal'] => {
    if (!isRecord(principal) || principal.AWS === undefined) {
      return principal;
    }
    const { AWS } = principal as { readonly AWS: string | readonly string[] };
    return { ...principal, AWS: typeof AWS === 'string' ? shown(AWS) : AWS.map(shown) };
  };
  const statements = policy.Statement.map((statement) =>
    ({ ...statement, Principal: replaced(statement.Principal), NotPrincipal: replaced(statement.NotPrincipal) }));
  return normalisedText({ ...policy, Statement: statements }, partitionOfArn(repositoryArn));
}

function uniqueId(kind: string, arn: string): string {
  return `${kind === 'role' ? 'AROA' : 'AIDA'}${createHash('sha256').update(arn).digest('hex').slice(0, 17).toUpperCase()}`;
}
