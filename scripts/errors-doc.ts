/**
 * Writes docs/errors.md: every code, and what a person sees who gives something wrong, each run for real. `errorsDocument()` is compared with the file by
 * test/errors-doc.test.ts.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { App, aws_ecr as ecr, aws_iam as iam, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { ERROR_ENTRIES } from './error-entries';
import { ACCESS_CODES } from '../src/access/codes';
import { ACCOUNT_CODES } from '../src/account/codes';
import { ASSEMBLY_CODES } from '../src/assembly/codes';
import { CLI_CODES } from '../src/cli/codes';
import { REPORT_CODES } from '../src/cli/report-codes';
import { REPOSITORY_CODES, RULE_CODES } from '../src/construct-codes';
import { SURVEY_CODES } from '../src/ecr/codes';
import { startEmulator } from '../src/emulator';
import { EMULATOR_CODES } from '../src/emulator/codes';
import { HANDLER_CODES } from '../src/handlers/codes';
import { createHandler } from '../src/handlers/dispatch';
import { IAM_CODES } from '../src/iam/codes';
import { COPY_CODES } from '../src/images/codes';
import { IMAGE_CODES } from '../src/images/image-codes';
import { IMAGE_COPY_CODES } from '../src/images/image-copy-codes';
import { GATE_CODES, IN_USE_CODES, INVENTORY_CODES, LIFECYCLE_CODES } from '../src/lifecycle/codes';
import { REHEARSAL_CODES } from '../src/rehearsal/codes';
import { LIFECYCLE_POLICY_TYPE, REPOSITORY_POLICY_TYPE, REPOSITORY_TYPE } from '../src/resources';
import { RETENTION_CODES } from '../src/retention-codes';
import { PREVIEW_CODES } from '../src/review/codes';
import { REVIEW_CHANGE_CODES } from '../src/review/review-codes';
import { LifecyclePolicy, LifecycleRule, PreviewGate, Repository, RepositoryPolicy, RepositoryProps } from 'cdk-drydock';

const root = join(__dirname, '..');

export const ALL_CODES: Readonly<Record<string, string>> = {
  ...LIFECYCLE_CODES,
  ...RULE_CODES,
  ...INVENTORY_CODES,
  ...GATE_CODES,
  ...ACCESS_CODES,
  ...REPOSITORY_CODES,
  ...HANDLER_CODES,
  ...IMAGE_CODES, ...IMAGE_COPY_CODES,
  ...ASSEMBLY_CODES,
  ...REHEARSAL_CODES,
  ...EMULATOR_CODES,
  ...IAM_CODES,
  ...ACCOUNT_CODES,
  ...CLI_CODES, ...COPY_CODES,
  ...RETENTION_CODES, ...PREVIEW_CODES, ...REVIEW_CHANGE_CODES,
  ...SURVEY_CODES,
  ...IN_USE_CODES,
  ...REPORT_CODES,
};

interface Example {
  readonly title: string;
  readonly input: string;
  readonly message: string;
}

const stackOf = () => new Stack(new App(), 'Shop', { env: { account: '123456789012', region: 'us-east-1' } });

function thrown(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the example is no mistake');
}

const rules = (title: string, input: string, list: LifecycleRule[]): Example => {
  const stack = stackOf();
  return { title, input, message: thrown(() => new LifecyclePolicy(stack, 'Retention', { repository: Repository.fromRepositoryName(stack, 'Api', 'shop/api'), rules: list })) };
};
const repository = (title: string, input: string, props: RepositoryProps): Example => ({ title, input, message: thrown(() => new Repository(stackOf(), 'Api', props)) });
const statement = (title: string, input: string, props: iam.PolicyStatementProps): Example => {
  const stack = stackOf();
  return {
    title,
    input,
    message: thrown(() => new RepositoryPolicy(stack, 'Access', { repository: Repository.fromRepositoryName(stack, 'Api', 'shop/api'), statements: [new iam.PolicyStatement(props)] })),
  };
};
/** What synth warns of. */
const warning = (title: string, input: string, props: iam.PolicyStatementProps): Example => {
  const stack = stackOf();
  new RepositoryPolicy(stack, 'Access', { repository: Repository.fromRepositoryName(stack, 'Api', 'shop/api'), statements: [new iam.PolicyStatement(props)] });
  const found = Annotations.fromStack(stack).findWarning('*', Match.anyValue());
  if (found.length === 0) {
    throw new Error('the example is no mistake');
  }
  return { title, input, message: found.map(({ id, entry }) => `[Warning at ${id}] ${String(entry.data)}`).join('\n') };
};

function constructs(): Example[] {
  const account = [new iam.AccountPrincipal('210987654321')];
  return [
    rules('A rule without a limit', '{ tagPatternList: ["build-*"] }', [{ tagPatternList: ['build-*'] }]),
    rules('Two limits in one rule', '{ maxImageCount: 5, maxImageAge: Duration.days(30) }', [{ maxImageCount: 5, maxImageAge: Duration.days(30) }]),
    rules('Half a day', '{ maxImageAge: Duration.hours(12) }', [{ maxImageAge: Duration.hours(12) }]),
    rules('A rule for all images before another rule', '{ maxImageCount: 100 }, { tagPatternList: ["build-*"], maxImageCount: 5 }', [{ maxImageCount: 100 }, { tagPatternList: ['build-*'], maxImageCount: 5 }]),
    rules('Expiring by the last pull', '{ maxTimeSinceLastPull: Duration.days(90), action: EXPIRE }', [{ maxTimeSinceLastPull: Duration.days(90), action: 'expire' as never }]),
    rules('Less than 90 days in the archive', '{ maxTimeInArchive: Duration.days(30) }', [{ maxTimeInArchive: Duration.days(30) }]),
    rules('Five wildcards', '{ tagPatternList: ["*a*b*c*d*"], maxImageCount: 5 }', [{ tagPatternList: ['*a*b*c*d*'], maxImageCount: 5 }]),
    repository('An illegal name', '{ repositoryName: "Shop//API" }', { repositoryName: 'Shop//API' }),
    repository('Images to be deleted with a repository that stays', '{ emptyOnDelete: true }', { emptyOnDelete: true }),
    repository('A snapshot of a repository', '{ removalPolicy: RemovalPolicy.SNAPSHOT }', { removalPolicy: RemovalPolicy.SNAPSHOT }),
    repository('Exceptions without filters', '{ imageTagMutability: IMMUTABLE_WITH_EXCLUSION }', { imageTagMutability: ecr.TagMutability.IMMUTABLE_WITH_EXCLUSION }),
    { title: 'A percentage above 100', input: 'PreviewGate.of({ maxExpiringPercent: 120 })', message: thrown(() => PreviewGate.of({ maxExpiringPercent: 120 })) },
    { title: 'An acknowledgement that is no hash', input: 'PreviewGate.of({ acknowledgedPolicies: ["yes"] })', message: thrown(() => PreviewGate.of({ acknowledgedPolicies: ['yes'] })) },
    statement('A misspelt action', '{ actions: ["ecr:BatchGetImages"], ... }', { actions: ['ecr:BatchGetImages'], principals: account }),
    statement('The login in a repository policy', '{ actions: ["ecr:GetAuthorizationToken"], ... }', { actions: ['ecr:GetAuthorizationToken'], principals: account }),
    statement('Nobody', '{ actions: ["ecr:BatchGetImage"] }', { actions: ['ecr:BatchGetImage'] }),
    statement('A resource', '{ resources: ["*"], ... }', { actions: ['ecr:BatchGetImage'], principals: account, resources: ['*'] }),
    statement('An action of another service', '{ actions: ["s3:GetObject"], ... }', { actions: ['s3:GetObject'], principals: account }),
    statement('A role by wildcard', '{ principals: [new ArnPrincipal("arn:aws:iam::210987654321:role/*")], ... }', {
      actions: ['ecr:BatchGetImage'], principals: [new iam.ArnPrincipal('arn:aws:iam::210987654321:role/*')],
    }),
    statement('A Sid with a blank', '{ sid: "allow pull", ... }', { sid: 'allow pull', actions: ['ecr:BatchGetImage'], principals: account }),
    statement('A condition operator that does not exist', '{ conditions: { StringEqual: { "aws:PrincipalOrgID": "o-1234567890" } }, ... }', {
      actions: ['ecr:BatchGetImage'], principals: account, conditions: { StringEqual: { 'aws:PrincipalOrgID': 'o-1234567890' } },
    }),
    warning('A public repository', '{ principals: [new AnyPrincipal()], ... }', { actions: ['ecr:BatchGetImage'], principals: [new iam.AnyPrincipal()] }),
    warning('A service for anybody', '{ principals: [new ServicePrincipal("codebuild.amazonaws.com")], ... }', {
      actions: ['ecr:BatchGetImage'], principals: [new iam.ServicePrincipal('codebuild.amazonaws.com')],
    }),
    statement('A lock-out', '{ effect: DENY, actions: ["ecr:*"], principals: [new AnyPrincipal()] }', { effect: iam.Effect.DENY, actions: ['ecr:*'], principals: [new iam.AnyPrincipal()] }),
    {
      title: 'An ARN of something else', input: 'Repository.fromRepositoryArn(stack, "Api", "arn:aws:s3:::bucket")',
      message: thrown(() => Repository.fromRepositoryArn(stackOf(), 'Api', 'arn:aws:s3:::bucket')),
    },
  ];
}

function commands(): Example[] {
  const run = (title: string, args: string[], input: string): Example => ({
    title,
    input: `${input === '' ? '' : `echo '${input}' | `}drydock ${args.join(' ')}`,
    message: outputOf(spawnSync(process.execPath, [join(root, 'bin', 'drydock'), ...args], { encoding: 'utf8', input, cwd: root })),
  });
  return [
    run('A policy that is no JSON', ['validate', '--policy', '-'], 'rules: none'),
    run('A policy with a misspelt member', ['validate', '--policy', '-'], '{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumer":5},"action":{"type":"expire"}}]}'),
    run('Tags of which an image has one or the other', ['validate', '--policy', '-'], '{"rules":[{"rulePriority":1,"selection":{"tagStatus":"tagged","tagPatternList":["prod*","staging*"],"countType":"imageCountMoreThan","countNumber":5},"action":{"type":"expire"}}]}'),
    run('Images without a push time, and one twice', ['emulator', '--seed', '-'], '{"imageDetails":[{"imageDigest":"sha256:11","imageTags":["v1"]},{"imageDigest":"sha256:11"}]}'),
    run('A file that is not there', ['validate', '--policy', 'nowhere.json'], ''),
    run('A time that is none', ['simulate', '--policy', '-', '--images', 'examples/retention/inventory.json', '--now', 'yesterday'], '{}'),
    run('A port that is none', ['emulator', '--port', '99999'], ''),
    run('An app that was not synthesized', ['rehearse', '--app', 'nowhere'], ''),
  ];
}

/** Events that reach the handler, and the reason that CloudFormation then shows. */
async function events(): Promise<Example[]> {
  const emulator = await startEmulator({
    now: '2026-01-31T12:00:00Z',
    seed: {
      repositories: [{ repositoryName: 'shop/api', lifecyclePolicyText: JSON.stringify({ rules: [RULE] }), repositoryPolicyText: JSON.stringify({ Statement: [PULL] }) }],
      imageDetails: [],
    },
  });
  const answers: string[] = [];
  const sink = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => body += part).on('end', () => {
      answers.push((JSON.parse(body) as { Reason: string }).Reason);
      response.end();
    });
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  const handler = createHandler({
    endpoints: { ecr: emulator.endpoint, cloudFormation: emulator.endpoint }, region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'y' }, log: () => {},
  });
  const cases: [string, string, Record<string, unknown>][] = [
    ['A property that is missing', REPOSITORY_TYPE, { ExistingRepository: 'fail' }],
    ['Values that cannot be used', REPOSITORY_TYPE, { RepositoryName: 'shop/api', ImageTagMutability: 'SOMETIMES', EmptyOnDelete: 'perhaps' }],
    ['A repository that exists already', REPOSITORY_TYPE, { RepositoryName: 'shop/api' }],
    ['A repository that does not exist', LIFECYCLE_POLICY_TYPE, { RepositoryName: 'shop/web', LifecyclePolicy: { rules: [RULE] } }],
    ['A lifecycle policy of somebody else', LIFECYCLE_POLICY_TYPE, { RepositoryName: 'shop/api', LifecyclePolicy: { rules: [{ ...RULE, selection: { ...RULE.selection, countNumber: '7' } }] } }],
    ['Statements that cannot be put', REPOSITORY_POLICY_TYPE, { RepositoryName: 'shop/api', Statements: [{ Effect: 'Allow', Principal: { AWS: '21098765432' }, Action: 'ecr:*' }] }],
    ['A Sid that somebody else has', REPOSITORY_POLICY_TYPE, { RepositoryName: 'shop/api', Statements: [{ Sid: 'Pull', Effect: 'Allow', Principal: { AWS: '210987654321' }, Action: 'ecr:*' }] }],
    ['A setting that the gate does not have', LIFECYCLE_POLICY_TYPE, { RepositoryName: 'shop/api', LifecyclePolicy: { rules: [RULE] }, PreviewGate: { MaxExpiring: '5', MaxExpiringPercent: '120' } }],
    ['A resource type of another release', 'Custom::DrydockCrane', { RepositoryName: 'shop/api' }],
  ];
  const examples: Example[] = [];
  for (const [title, ResourceType, ResourceProperties] of cases) {
    await handler({
      RequestType: 'Create', ResponseURL: `http://127.0.0.1:${(sink.address() as AddressInfo).port}/`, RequestId: `request-${examples.length}`,
      StackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/Shop/6f1c0a10-0000-4000-8000-000000000001', LogicalResourceId: 'Api', ResourceType, ResourceProperties,
    }, { getRemainingTimeInMillis: () => 60_000 });
    examples.push({ title, input: `${ResourceType} ${JSON.stringify(ResourceProperties)}`, message: answers[answers.length - 1] });
  }
  sink.close();
  await emulator.stop();
  return examples;
}

const PULL = { Sid: 'Pull', Effect: 'Allow', Principal: { AWS: '345678901234' }, Action: 'ecr:BatchGetImage' };
const RULE = { rulePriority: 1, selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 100 }, action: { type: 'expire' } };

function outputOf({ stdout, stderr }: { stdout: string; stderr: string }): string {
  return `${stdout}${stderr}`.trim().split(root + '/').join('');
}

export async function errorsDocument(): Promise<string> {
  const areas = new Map<string, string[]>();
  for (const code of Object.keys(ALL_CODES)) {
    const area = code.split('-')[1];
    areas.set(area, [...areas.get(area) ?? [], code]);
  }
  const headings = [...areas.keys()].map((area) => AREAS[area] ?? area);
  const chapters = [...areas.values()].map((codes, index) => `## ${headings[index]}\n\n${codes.sort().map(entryOf).join('\n')}`);
  const examples = [...constructs(), ...await events(), ...commands()].map(({ title, input, message }) => `### ${title}\n\n\`\`\`text\n${input}\n\`\`\`\n\n\`\`\`text\n${message}\n\`\`\`\n`);
  return `# Errors

Every message has a code, the place (a construct path, a JSON pointer, a property or an option), the value and the fix. Messages of one action come together.
This page is made by \`npm run docs:errors\`.

The codes: ${headings.map((heading) => `[${heading}](#${anchor(heading)})`).join(' · ')}. And [${EXAMPLES.toLowerCase()}](#${anchor(EXAMPLES)}).

${chapters.join('\n')}
## ${EXAMPLES}

Each of these was run to write this page.

${examples.join('\n')}`;
}

const EXAMPLES = 'Mistakes and what you see';

function entryOf(code: string): string {
  const { when, fix } = ERROR_ENTRIES[code];
  return `### ${code}\n\n**${ALL_CODES[code]}.** ${when}\n\n*What to do:* ${fix}\n`;
}

/** As GitHub makes them of headings. */
function anchor(heading: string): string {
  return heading.toLowerCase().replace(/[^a-z0-9 -]/g, '').replace(/ /g, '-');
}

const AREAS: Readonly<Record<string, string>> = {
  LIFECYCLE: 'Lifecycle policies (0xx refused by ECR, 1xx warnings, 2xx rules of constructs)',
  INVENTORY: 'Inventories',
  GATE: 'Preview gate (0xx settings, 1xx findings)',
  ACCESS: 'Repository policies (0xx refused, 1xx warnings)',
  REPOSITORY: 'Repositories',
  HANDLER: 'Deployment',
  IMAGE: 'Images (0xx, 55x and 57x at synth, the others at deployment)',
  COPY: 'Copies of images',
  ASSEMBLY: 'Synthesized apps',
  REHEARSAL: 'Rehearsal (0xx stops it, 1xx notices)',
  EMULATOR: 'Embedded ECR',
  ACCOUNT: 'Account on a laptop',
  CLI: 'Command line',
  SURVEY: 'Reading a registry (0xx stops it, 1xx findings)',
  INUSE: 'Images in use (0xx lists, 1xx findings)',
  REPORT: 'Reports of saved plans',
  REVIEW: 'Previews and reviews (0xx previews, 2xx changes)',
};

if (require.main === module) {
  void errorsDocument().then((document) => writeFileSync(join(root, 'docs', 'errors.md'), document));
}
