import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import Ajv from 'ajv';
import { App, aws_ecr as ecr, CfnParameter, Stack } from 'aws-cdk-lib';
import { start } from './processes';
import { drydock, root, workspace } from './support';
import { Emulator, EmulatorOptions, startEmulator } from '../../src/emulator';
import { Plan } from '../../src/report/plan';
import { image, NOW } from '../emulator/support';
import { appOf, keepNewest, nativeRepository, ownPolicy, removeAppFolders, writeApp } from '../review/apps';
import { ScriptedCloudFormation } from '../review/cloudformation';
import { LifecyclePolicy, PreviewGate, Repository } from 'cdk-drydock';

const files = workspace();
const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});
afterAll(() => {
  files.remove();
  removeAppFolders();
});

async function emulate(options: EmulatorOptions): Promise<Emulator> {
  const emulator = await startEmulator({ now: NOW, allowMissingLayers: true, ...options });
  stops.push(() => emulator.stop());
  return emulator;
}

const old = '2025-01-01T00:00:00Z';
const many = (repositoryName: string, count: number, tag = 'v') => Array.from({ length: count }, (_, i) => image(repositoryName, `${repositoryName}-${i}`, {
  imageTags: [`${tag}${i}`], imagePushedAt: new Date(Date.parse(old) + i * 3_600_000).toISOString(), imageSizeInBytes: 1_000_000,
}));
const SHOP = {
  repositories: [{ repositoryName: 'shop/web' }, { repositoryName: 'shop/api', lifecyclePolicyText: keepNewest(30) }],
  imageDetails: [...many('shop/web', 12), ...many('shop/api', 20, 'release-')],
};
/** A native L2 repository and a policy of ours. */
const shop = () => appOf((app: App) => {
  const stack = new Stack(app, 'Shop');
  new ecr.Repository(stack, 'Web', { repositoryName: 'shop/web', lifecycleRules: [{ maxImageCount: 9 }] });
  PreviewGate.protect(stack);
  new LifecyclePolicy(stack, 'Retention', { repository: Repository.fromRepositoryName(stack, 'Api', 'shop/api'), replaceExisting: true, rules: [{ maxImageCount: 18 }] });
});

const plan = (text: string) => JSON.parse(text) as Plan;
const verdicts = ({ repositories, outcome }: Plan) => [outcome, repositories.map(({ places: [{ constructPath }], repositoryName, lifecycle }) => [
  constructPath, repositoryName, lifecycle?.preview?.verdict, lifecycle?.preview?.findings.map(({ code, digests }) => [code, digests]),
  lifecycle?.images?.map(({ imageDigest, outcome: becomes, explanation }) => [imageDigest, becomes, explanation]),
])];

test('a native repository and a policy of ours are judged alike against a live registry and against its snapshot', async () => {
  const app = shop();
  const { endpoint } = await emulate({ seed: SHOP });
  const live = await start(['preview', '--app', app, '--format', 'json'], { AWS_ENDPOINT_URL: endpoint }).ended;
  expect([live.stderr, live.status]).toEqual(['', 2]);
  const snapshot = files.path('snapshot.json');
  expect((await start(['snapshot', '--all', '--out', snapshot, '--endpoint', endpoint]).ended).status).toBe(0);
  const offline = drydock(['preview', '--app', app, '--inventory', snapshot, '--now', NOW, '--format', 'json']);
  expect([offline.stderr, offline.status]).toEqual(['', 2]);

  const [one, other] = [plan(live.stdout), plan(offline.stdout)];
  expect(verdicts(one)).toEqual(verdicts(other));
  const shown = one.repositories.map(({ places: [{ constructPath }], repositoryName, lifecycle }) => [
    constructPath, repositoryName, lifecycle?.preview?.verdict, lifecycle?.images?.length,
  ]);
  expect(shown).toEqual([['Shop/Retention', 'shop/api', 'blocked', 20], ['Shop/Web', 'shop/web', 'passed', 12]]);
  expect(one.repositories[0].lifecycle?.preview).toMatchObject({ counts: { expiring: 2, newlyExpiring: 2 }, findings: [{ code: 'DD-GATE-103' }] });
  expect(one.against).toMatchObject({ kind: 'registry', text: endpoint, calls: { 'ecr:StartLifecyclePolicyPreview': 3, 'ecr:DescribeImages': 2 } });
  expect(other.against).toEqual({ kind: 'inventory', text: snapshot });
  const matches = new Ajv({ strict: false, validateFormats: false }).compile(JSON.parse(readFileSync(join(root, 'schemas', 'plan.schema.json'), 'utf8')) as object);
  expect(matches(one) || matches.errors).toBe(true);
}, 60_000);

test('tables name repositories, constructs, images and what stops the deployment', async () => {
  const app = shop();
  const inventory = files.file('shop.json', SHOP);
  const { stdout, status } = drydock(['preview', '--app', app, '--inventory', inventory, '--now', NOW]);
  expect(status).toBe(2);
  for (const words of ['shop/web', 'shop/api', 'Shop/Retention', 'Shop/Web', 'release-0', 'DD-GATE-103', 'stopped by the gate', 'passes the gate']) {
    expect(stdout).toContain(words);
  }
  for (const [format, words] of [['markdown', /^#.*\n(.*\n)*.*shop\/api/m], ['sarif', /"ruleId":\s*"DD-GATE-103"/], ['html', /^<!doctype html>/i]] as const) {
    const file = files.path(`plan.${format}`);
    expect(drydock(['preview', '--app', app, '--inventory', inventory, '--now', NOW, '--format', format, '--out', file]).status).toBe(2);
    expect(readFileSync(file, 'utf8')).toMatch(words);
  }
});

test('only the stacks that are asked for are previewed', () => {
  const inventory = files.file('two.json', { imageDetails: many('a', 3) });
  const app = writeApp({ A: { Resources: { R: nativeRepository({ RepositoryName: 'a' }) } }, B: { Resources: { R: nativeRepository() } } });
  expect(drydock(['preview', '--app', app, '--inventory', inventory]).status).toBe(1);
  expect(drydock(['preview', '--app', app, '--inventory', inventory, '--stack', 'A']).status).toBe(0);
  expect(drydock(['preview', '--app', app, '--inventory', inventory, '--allow-unknown']).status).toBe(0);
});

test('parameters name repositories', () => {
  const app = appOf((root_: App) => {
    const stack = new Stack(root_, 'S');
    new ecr.Repository(stack, 'R', { repositoryName: `shop/${new CfnParameter(stack, 'Which').valueAsString}`, lifecycleRules: [{ maxImageCount: 1 }] });
  });
  const inventory = files.file('named.json', { imageDetails: many('shop/web', 30) });
  expect(drydock(['preview', '--app', app, '--inventory', inventory]).stdout).toMatch(/DD-REVIEW-001 at S\/R.*the parameter Which, which has no value/);
  expect(drydock(['preview', '--app', app, '--inventory', inventory, '--parameters', 'S:Which=web']).status).toBe(2);
});

test('parameters that no template has are named, with the closest', () => {
  const parameter = (name: string) => ({ Parameters: { [name]: { Type: 'String', Default: 'shop/web' } }, Resources: { R: ownPolicy({ RepositoryName: { Ref: name } }) } });
  const app = writeApp({ Shop: parameter('Name'), Tools: parameter('Which') });
  const inventory = files.file('named.json', { imageDetails: many('shop/web', 3) });
  const run = (...given: string[]) => drydock(['preview', '--app', app, '--inventory', inventory, '--parameters', ...given]);
  for (const [given, message] of [
    ['Nam=shop/api', 'DD-CLI-005 at --parameters: No stack of the app has a parameter "Nam". Fix: The closest is Name.'],
    ['Shop:Which=x', 'DD-CLI-005 at --parameters: The stack Shop does not have a parameter "Which". Fix: The closest is Name.'],
    ['Shpo:Name=x', 'DD-CLI-005 at --parameters: The app has no stack "Shpo", of which "Name" would be a parameter. Fix: The closest is Shop.'],
  ]) {
    const { status, stderr } = run(given);
    expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
  }
  expect(run('Nam=x', 'Shpo:Name=x').stderr.match(/DD-CLI-005/g)).toHaveLength(2);
  expect(run('Shop:Name=shop/web', 'Which=shop/web').status).toBe(0);
  expect(drydock(['review', '--app', app, '--before', 'none', '--inventory', inventory, '--parameters', 'Nam=x'])).toMatchObject({ status: 1, stderr: expect.stringContaining('The closest is Name.') as string });
  // A parameter that only the app before has, or a stack that is not looked at.
  const before = writeApp({ Shop: parameter('Old') });
  expect(drydock(['review', '--app', app, '--before', before, '--inventory', inventory, '--stack', 'Tools', '--parameters', 'Old=shop/web', 'Name=shop/web']).stderr).not.toContain('DD-CLI-005');
});

test('images in use stay, from a file or from standard input', () => {
  const app = writeApp({ S: { Resources: { R: ownPolicy({ RepositoryName: 'shop/web', PreviewGate: 'off' }) } } });
  const inventory = files.file('used.json', { repositories: [{ repositoryName: 'shop/web' }], imageDetails: many('shop/web', 5) });
  const args = ['preview', '--app', app, '--inventory', inventory, '--now', NOW];
  expect(drydock(args).status).toBe(0);
  const uri = '123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web';
  const used = drydock([...args, '--in-use', files.file('used.txt', `${uri}:v0\tpod prod/web\n`)]);
  expect(used.status).toBe(2);
  expect(used.stdout).toMatch(/DD-REVIEW-011 at S\/R: 1 image of shop\/web in use would expire: v0 \(pod prod\/web\)/);
  expect(drydock([...args, '--in-use', '-'], `${uri}:v4 nginx:1.27`).status).toBe(0);
});

test('what came of the references is told, and an empty list leaves the outcome open', () => {
  const app = writeApp({ S: { Resources: { R: ownPolicy({ RepositoryName: 'shop/web', PreviewGate: 'off' }) } } });
  const inventory = files.file('told.json', { repositories: [{ repositoryName: 'shop/web' }], imageDetails: many('shop/web', 5) });
  const args = ['preview', '--app', app, '--inventory', inventory, '--now', NOW, '--in-use'];
  const uri = '123456789012.dkr.ecr.us-east-1.amazonaws.com/shop';
  const told = drydock([...args, '-'], `${uri}/web:v4\n${uri}/web:gone\n${uri}/other:v1\nnginx:1.27\nshop/web:v1\n`);
  expect(told.status).toBe(0);
  expect(told.stdout).toMatch(new RegExp(`DD-REVIEW-019.*: 5 references to images that run were read; 1 is an image of the 1 repository looked at. One names such a repository, but no image that is known: ${uri}/web:gone\\.`));
  expect(drydock([...args, '-'], `${uri}/web:v4`).stdout).toMatch(/DD-REVIEW-019.*: 1 reference to images that run was read; 1 is an image of the 1 repository looked at\.\s*\n/);
  for (const empty of ['', '\n# nothing\n', '{"items":[]}', '[]']) {
    const { status, stdout } = drydock([...args, '-'], empty);
    expect([status, stdout]).toEqual([1, expect.stringMatching(/DD-REVIEW-020.*: The list of images that run is empty \(standard input\).*See whether the command before the pipe fails/s)]);
  }
  expect(drydock([...args, files.file('none.txt', '')])).toMatchObject({ status: 1, stdout: expect.stringMatching(/DD-REVIEW-020.*none\.txt/) as string });
});

test('a gate that asks what runs leaves the outcome open where nobody is asked', () => {
  const app = writeApp({ S: { Resources: { R: ownPolicy({ RepositoryName: 'shop/web', PreviewGate: { MaxExpiringPercent: 90, InUse: ['ecs'] } }) } } });
  const inventory = files.file('asks.json', { repositories: [{ repositoryName: 'shop/web' }], imageDetails: many('shop/web', 5) });
  const args = ['preview', '--app', app, '--inventory', inventory, '--now', NOW];
  expect(drydock(args)).toMatchObject({ status: 1, stdout: expect.stringContaining('DD-REVIEW-010') as string });
  expect(drydock([...args, '--in-use', files.file('running.txt', '123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web:v4')]).status).toBe(0);
  expect(drydock([...args, '--in-use', files.file('running.txt', '123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web:v0')])).toMatchObject({ status: 2, stdout: expect.stringContaining('DD-GATE-107') as string });
});

describe('what is no good is said with a code, and ends with 1', () => {
  const inventory = () => files.file('ok.json', { imageDetails: many('shop/web', 3) });
  const one = (properties: object) => writeApp({ Shop: { Resources: { R: ownPolicy({ RepositoryName: 'shop/web', ...properties }), Other: { Type: 'Custom::Other', Properties: { ServiceToken: 'x' } } } } });

  test.each<[string, () => string[], RegExp]>([
    ['no app', () => ['--app', '/nowhere'], /DD-ASSEMBLY-001/],
    ['a manifest that is cut off', () => {
      const app = one({});
      writeFileSync(join(app, 'manifest.json'), readFileSync(join(app, 'manifest.json'), 'utf8').slice(0, 40));
      return ['--app', app];
    }, /DD-ASSEMBLY-001.*manifest\.json/s],
    ['a template that is cut off', () => ['--app', writeApp({ Shop: '{"Resources": {' })], /DD-ASSEMBLY-001.*Shop\.template\.json/s],
    ['an unknown intrinsic', () => ['--app', one({ RepositoryName: { 'Fn::Magic': 1 } })], /DD-ASSEMBLY-004.*Fn::Magic/s],
    ['a policy that is a token', () => ['--app', one({ LifecyclePolicy: { 'Fn::GetAtt': ['Other', 'Policy'] } })], /DD-REVIEW-002.*Other/s],
    ['an unknown stack', () => ['--app', one({}), '--stack', 'Nothing'], /DD-ASSEMBLY-002/],
    ['parameters without value', () => ['--app', one({}), '--parameters', 'X'], /DD-CLI-005.*--parameters/s],
  ])('%s', (_, args, words) => {
    const { status, stdout, stderr } = drydock(['preview', ...args(), '--inventory', inventory()]);
    expect(status).toBe(1);
    expect(`${stdout}${stderr}`).toMatch(words);
  });

  test.each<[string, string[], RegExp]>([
    ['an inventory with a bad digest', ['--inventory', 'BAD'], /DD-INVENTORY-\d+.*sha256:xyz/s],
    ['an inventory that is not there', ['--inventory', '/nowhere.json'], /DD-CLI-001/],
    ['an endpoint beside an inventory', ['--inventory', 'OK', '--endpoint', 'http://127.0.0.1:9'], /DD-CLI-007/],
    ['a time for a live registry', ['--now', NOW], /DD-CLI-007.*--now/s],
    ['a format that there is none of', ['--inventory', 'OK', '--format', 'pdf'], /DD-CLI-005/],
    ['a list of images in use that is none', ['--inventory', 'OK', '--in-use', 'NONSENSE'], /DD-INUSE-00\d/],
    ['standard input twice', ['--inventory', '-', '--in-use', '-'], /DD-CLI-007/],
  ])('%s', (_, args, words) => {
    const bad = files.file('bad.json', { imageDetails: [{ repositoryName: 'shop/web', imageDigest: 'sha256:xyz', imagePushedAt: old }] });
    const nonsense = files.file('nonsense.txt', 'sha256:123 ???');
    const given = args.map((arg) => arg === 'BAD' ? bad : arg === 'OK' ? inventory() : arg === 'NONSENSE' ? nonsense : arg);
    const { status, stderr } = drydock(['preview', '--app', one({}), ...given]);
    expect([status, stderr]).toEqual([1, expect.stringMatching(words)]);
  });

  test('an endpoint at which nothing listens', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const { status, stderr } = await start(['preview', '--app', one({}), '--endpoint', `http://127.0.0.1:${port}`]).ended;
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^drydock: DD-SURVEY-001 at http:\/\/127\.0\.0\.1:\d+/)]);
  });

  test('permissions that are missing leave the outcome open, repository by repository', async () => {
    const { endpoint } = await emulate({
      seed: { imageDetails: many('shop/web', 3) },
      intercept: ({ operation }) => operation === 'DescribeImages' ? { error: { type: 'AccessDeniedException', message: 'not authorized', statusCode: 403 } } : undefined,
    });
    const { status, stdout } = await start(['preview', '--app', one({}), '--endpoint', endpoint]).ended;
    expect(status).toBe(1);
    expect(stdout).toMatch(/DD-REVIEW-006 at Shop\/R: shop\/web could not be read/);
    expect(stdout).toMatch(/DescribeImages is not allowed/);
  });
});

test('a generated name needs CloudFormation, and says so where that does not answer', async () => {
  const { endpoint } = await emulate({ seed: SHOP });
  const app = writeApp({ S: { Resources: { R: nativeRepository() } } });
  const { status, stdout } = await start(['preview', '--app', app, '--endpoint', endpoint]).ended;
  expect(status).toBe(1);
  expect(stdout).toMatch(/DD-REVIEW-017: CloudFormation could not be asked about the stack S/);
  expect(stdout).toMatch(/DD-REVIEW-001 at S\/R/);
});

test('every rule of a SARIF file has a title in words', () => {
  const app = writeApp({ S: { Resources: { R: nativeRepository() } } });
  const inventory = files.path('generated-name.json');
  writeFileSync(inventory, JSON.stringify(SHOP));
  const { stdout } = drydock(['preview', '--app', app, '--inventory', inventory, '--format', 'sarif']);
  const rules = JSON.parse(stdout).runs[0].tool.driver.rules as { id: string; shortDescription: { text: string } }[];
  expect(rules.map(({ id }) => id)).toContain('DD-REVIEW-001');
  expect(rules.filter(({ id, shortDescription }) => shortDescription.text.startsWith(id))).toEqual([]);
});

test('a generated name is the one that the deployed stack has', async () => {
  const { endpoint } = await emulate({ seed: { imageDetails: many('shop-made-1', 30) } });
  const app = writeApp({ Shop: { Resources: { R: nativeRepository(), New: nativeRepository() } } });
  const cloudFormation = new ScriptedCloudFormation([{
    stackName: 'Shop', stackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/Shop/1', resources: { R: ['AWS::ECR::Repository', 'shop-made-1'] },
  }]);
  stops.push(() => cloudFormation.stop());
  const environment = { AWS_ENDPOINT_URL: endpoint, AWS_ENDPOINT_URL_CLOUDFORMATION: await cloudFormation.start() };
  const { status, stdout } = await start(['preview', '--app', app, '--format', 'json'], environment).ended;
  expect(status).toBe(2);
  const shown = plan(stdout).repositories.map(({ places: [at], repositoryName, change, lifecycle }) => [at.constructPath, repositoryName, change, lifecycle?.preview?.verdict]);
  expect(shown).toEqual([['Shop/New', undefined, 'create', 'not-needed'], ['Shop/R', 'shop-made-1', 'none', 'blocked']]);
});
