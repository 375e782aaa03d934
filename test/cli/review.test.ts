import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, aws_ecr as ecr, NestedStack, Stack } from 'aws-cdk-lib';
import { start } from './processes';
import { drydock, root, workspace } from './support';
import { access } from '../../examples/access/app';
import { Emulator, startEmulator } from '../../src/emulator';
import { readInventory } from '../../src/lifecycle/inventory';
import { arnOf, CloudFormationStub, resourcesOf } from '../review/cloudformation-stub';

const NOW = '2026-01-31T12:00:00Z';
const inventoryFile = join(root, 'examples', 'access', 'inventory.json');
const { file, path, remove } = workspace();
const [deployed, proposed] = ['deployed', 'proposed'].map((variant) => path(variant));
const template = (directory: string, name = 'Shop.template.json') => JSON.parse(readFileSync(join(directory, name), 'utf8'));

beforeAll(() => {
  access('deployed', deployed).synth();
  access('proposed', proposed).synth();
});
afterAll(remove);

const offline = (...more: string[]) => drydock(['review', '--app', proposed, '--before', deployed, '--inventory', inventoryFile, '--now', NOW, ...more]);

/** What a reader must not miss, by repository. */
const digest = (plan: any) => plan.repositories.map(({ title, change, findings, access: given, lifecycle }: any) => ({
  title, change,
  codes: findings.map(({ code, effect, severity }: any) => `${code} ${effect ?? severity}`).sort(),
  access: (given?.changes ?? []).map(({ change: way, who }: any) => `${way} ${who}`),
  lifecycle: lifecycle?.change,
})).sort((a: any, b: any) => a.title < b.title ? -1 : 1);

const EXPECTED = [
  { title: 'platform/base', change: 'update', codes: ['DD-REVIEW-221 warning'], access: ['gains account 333344445555'], lifecycle: undefined },
  {
    title: 'shop/api', change: 'update', codes: ['DD-REVIEW-221 warning', 'DD-REVIEW-221 warning', 'DD-REVIEW-223 warning', 'DD-REVIEW-223 warning'], lifecycle: 'put',
    access: ['gains everybody', 'gains account 333344445555', 'loses role old-ci of account 222233334444', 'loses role old-ci of account 222233334444'],
  },
  { title: 'shop/jobs', change: 'create', codes: [], access: [], lifecycle: undefined },
  { title: 'shop/reports', change: 'delete', codes: ['DD-REVIEW-201 block'], access: [], lifecycle: undefined },
  { title: 'shop/worker', change: 'replace', codes: ['DD-REVIEW-204 block'], access: [], lifecycle: undefined },
];

describe('examples/access, from two folders and a snapshot', () => {
  test('is blocked, and each change is told', () => {
    const { status, json } = offline('--format', 'json');
    const plan = json();
    expect({ status, kind: plan.kind, outcome: plan.outcome }).toEqual({ status: 2, kind: 'review', outcome: 'blocked' });
    expect(digest(plan)).toEqual(EXPECTED);
    expect(plan.against).toEqual({ kind: 'inventory', text: `${inventoryFile}, compared with ${deployed}` });
    const api = plan.repositories.find(({ title }: any) => title === 'shop/api');
    expect(api.settings).toEqual([
      { name: 'imageScanningConfiguration/scanOnPush', before: 'false', after: 'true' }, { name: 'imageTagMutability', before: 'MUTABLE', after: 'IMMUTABLE' },
    ]);
    expect(api.lifecycle.preview.counts).toMatchObject({ images: 46, newlyExpiring: 20 });
    expect(api.access.changes[0]).toMatchObject({ before: [expect.stringContaining('vpce-0a1b2c3d4e5f60718')], after: ['if the caller\'s organization is o-shop12345'] });
    expect(plan.repositories.every(({ places }: any) => places.every(({ constructPath }: any) => constructPath.startsWith('Shop/')))).toBe(true);
  });

  test.each<[string, RegExp[]]>([
    ['table', [/shop\/reports +DELETED +7/, /shop\/worker +REPLACED +19/, /Account 333344445555 may pull images/, /20 would expire/]],
    ['markdown', [/^<!-- drydock:review -->/, /\*\*DELETED\*\*/, /DD-REVIEW-204/, /That is looser\./]],
    ['sarif', [/"ruleId": ?"DD-REVIEW-201"/, /A repository is deleted with its images/, /Shop\/Reports/]],
    ['html', [/^<!doctype html>/i, /DD-REVIEW-204/]],
  ])('is shown as %s', (format, wanted) => {
    const { status, stdout } = offline('--format', format);
    expect(status).toBe(2);
    wanted.forEach((pattern) => expect(stdout).toMatch(pattern));
  });

  test('passes when what is meant is accepted, and that stays visible', () => {
    const { status, json } = offline('--format', 'json', '--accept', 'DD-REVIEW-201:shop/reports', 'DD-REVIEW-204:shop/worker');
    const plan = json();
    expect({ status, outcome: plan.outcome }).toEqual({ status: 0, outcome: 'passed' });
    expect(plan.repositories.flatMap(({ findings }: any) => findings).filter(({ message }: any) => message.endsWith('(Accepted.)')).map(({ code }: any) => code).sort())
      .toEqual(['DD-REVIEW-201', 'DD-REVIEW-204']);
  });

  test('is not let through by the acceptance of another repository, which is told to be for nothing', () => {
    const { status, json } = offline('--format', 'json', '--accept', 'DD-REVIEW-201:shop/api', 'DD-REVIEW-204');
    expect(status).toBe(2);
    expect(json().findings).toEqual([expect.objectContaining({ code: 'DD-REVIEW-253', severity: 'note', message: expect.stringContaining('DD-REVIEW-201:shop/api') })]);
  });

  test('an image that runs blocks the deletion of its repository, whatever else is accepted', () => {
    const { imageDigest } = JSON.parse(readFileSync(inventoryFile, 'utf8')).imageDetails.find(({ repositoryName }: any) => repositoryName === 'shop/reports');
    const running = file('running.txt', `123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/reports@${imageDigest}\n`);
    const { status, json } = offline('--format', 'json', '--accept', 'DD-REVIEW-201', 'DD-REVIEW-204', '--in-use', running);
    expect(status).toBe(2);
    expect(digest(json()).find(({ title }: any) => title === 'shop/reports').codes).toEqual(['DD-REVIEW-011 block', 'DD-REVIEW-201 note']);
  });

  test('with --fail-on warning, warnings stop it, too', () => {
    const accepted = ['--accept', 'DD-REVIEW-201', 'DD-REVIEW-204'];
    expect(offline(...accepted).status).toBe(0);
    expect(offline(...accepted, '--fail-on', 'warning').status).toBe(2);
  });

  test('the same app before and after changes nothing', () => {
    const { status, json } = drydock(['review', '--app', deployed, '--before', deployed, '--inventory', inventoryFile, '--now', NOW, '--format', 'json']);
    expect(status).toBe(0);
    expect(digest(json()).map(({ title, change, codes }: any) => [title, change, codes])).toEqual([
      ['shop/api', 'none', []], ['shop/reports', 'none', []], ['shop/worker', 'none', []],
    ]);
  });

  test('with nothing deployed, what the registry has already stands in the way', () => {
    const { status, json } = drydock(['review', '--app', proposed, '--before', 'none', '--inventory', inventoryFile, '--now', NOW, '--format', 'json']);
    expect(status).toBe(2);
    expect(digest(json()).find(({ title }: any) => title === 'shop/api').codes).toContain('DD-REVIEW-207 block');
  });
});

describe('what cannot be used is said, with exit code 1', () => {
  test.each<[string, () => { status: number | null; stderr: string; stdout: string }, RegExp]>([
    ['an inventory without a before', () => drydock(['review', '--app', proposed, '--inventory', inventoryFile]), /DD-CLI-007 at --before/],
    ['an acceptance that is no code', () => offline('--accept', 'everything'), /DD-CLI-005 at --accept/],
    ['an unknown severity', () => offline('--fail-on', 'note'), /DD-CLI-005 at --fail-on/],
    ['a before that is no app', () => drydock(['review', '--app', proposed, '--before', path('nowhere'), '--inventory', inventoryFile]), /DD-ASSEMBLY-001/],
    ['an app that is no app', () => drydock(['review', '--app', path('nowhere'), '--before', deployed, '--inventory', inventoryFile]), /DD-ASSEMBLY-001/],
  ])('%s', (_, run, message) => {
    const { status, stdout, stderr } = run();
    expect(status).toBe(1);
    expect(stderr + stdout).toMatch(message);
  });

  test('a template before that cannot be read: what changes there is unknown', () => {
    access('deployed', path('broken')).synth();
    file('broken/Shop.template.json', '{"Resources":');
    const { status, json } = drydock(['review', '--app', proposed, '--before', path('broken'), '--inventory', inventoryFile, '--now', NOW, '--format', 'json']);
    const plan = json();
    expect({ status, outcome: plan.outcome }).toEqual({ status: 1, outcome: 'undetermined' });
    expect(digest(plan).find(({ title }: any) => title === 'shop/api')).toMatchObject({ change: 'unknown', codes: ['DD-REVIEW-250 undetermined'] });
    expect(plan.findings.map(({ code }: any) => code)).toContain('DD-ASSEMBLY-001');
  });
});

describe('against a live registry and the deployed stacks', () => {
  let emulator: Emulator;
  let cloudFormation: CloudFormationStub;
  let environment: Record<string, string>;

  beforeEach(async () => {
    emulator = await startEmulator({ seed: readInventory(JSON.parse(readFileSync(inventoryFile, 'utf8'))), now: NOW });
    cloudFormation = new CloudFormationStub();
    environment = {
      AWS_ENDPOINT_URL_ECR: emulator.endpoint, AWS_ENDPOINT_URL_STS: emulator.endpoint, AWS_ENDPOINT_URL_CLOUDFORMATION: await cloudFormation.start(),
      AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x',
    };
  });
  afterEach(async () => {
    await emulator.stop();
    await cloudFormation.stop();
  });

  const live = async (app: string, ...more: string[]) => {
    const ended = await start(['review', '--app', app, '--format', 'json', '--manifests', 'never', ...more], environment).ended;
    return { ...ended, plan: ended.stdout === '' ? undefined : JSON.parse(ended.stdout) };
  };

  test('says the same as offline, and counts its calls', async () => {
    const before = template(deployed);
    cloudFormation.stacks = { Shop: { template: before, resources: resourcesOf(before, { Reports65402A0A: 'shop/reports' }) } };
    const { status, plan } = await live(proposed);
    expect(digest(plan)).toEqual(EXPECTED);
    expect({ status, outcome: plan.outcome }).toEqual({ status: 2, outcome: 'blocked' });
    expect(plan.against).toMatchObject({ kind: 'registry', text: expect.stringContaining('compared with the deployed stacks') });
    expect(plan.against.calls).toMatchObject({ 'cloudformation:GetTemplate': 1, 'cloudformation:DescribeStacks': 1 });
    // Each of the five repositories is read once, though two analyses ask.
    expect(emulator.calls.DescribeImages).toBeLessThanOrEqual(2 * 5);
  });

  test('what is not deployed yet is created', async () => {
    const { status, plan } = await live(proposed);
    expect(digest(plan).filter(({ codes }: any) => codes.includes('DD-REVIEW-207 block')).map(({ title }: any) => title)).toEqual(['shop/api']);
    expect(status).toBe(2);
  });

  test('a stack that cannot be asked about leaves it open', async () => {
    cloudFormation.denied = true;
    const { status, plan } = await live(proposed);
    expect({ status, outcome: plan.outcome }).toEqual({ status: 1, outcome: 'undetermined' });
    expect(plan.findings.map(({ code }: any) => code)).toEqual(expect.arrayContaining(['DD-REVIEW-017', 'DD-REVIEW-250']));
    expect(digest(plan).find(({ title }: any) => title === 'shop/api').change).toBe('unknown');
  });

  test.each(['none', 'folder'])('with a before (%s), CloudFormation is asked only for names that are open', async (kind) => {
    cloudFormation.denied = true;
    const before = kind === 'none' ? kind : deployed;
    const { plan } = await live(proposed, '--before', before);
    expect([...plan.findings, ...plan.repositories.flatMap(({ findings }: any) => findings)].map(({ code }: any) => code)).not.toContain('DD-REVIEW-017');
    expect(cloudFormation.asked).toEqual([]);
    if (kind === 'folder') {
      expect(digest(plan)).toEqual(EXPECTED);
    }
    const app = new App({ outdir: path(`open-${kind}`) });
    new ecr.Repository(new Stack(app, 'Shop'), 'Unnamed', { lifecycleRules: [{ maxImageCount: 3 }] });
    app.synth();
    const open = await live(path(`open-${kind}`), '--before', before);
    expect(open.plan.findings.map(({ code }: any) => code)).toContain('DD-REVIEW-017');
  });

  test('a template that is no JSON leaves it open', async () => {
    cloudFormation.stacks = { Shop: { template: 'Resources:\n  Api:\n    Type: AWS::ECR::Repository\n', resources: {} } };
    const { status, plan } = await live(proposed);
    expect(status).toBe(1);
    expect(plan.findings).toEqual(expect.arrayContaining([expect.objectContaining({ code: 'DD-REVIEW-250', effect: 'undetermined' })]));
  });

  test('repositories in nested stacks, with names that CloudFormation made up, are found by what is deployed', async () => {
    const build = (directory: string, encryption: ecr.RepositoryEncryption) => {
      const app = new App({ outdir: path(directory) });
      const nested = new NestedStack(new Stack(app, 'Shop', { env: { account: '123456789012', region: 'us-east-1' } }), 'Deep');
      new ecr.Repository(nested, 'Inside', { encryption });
      app.synth();
      return nested;
    };
    build('nested-before', ecr.RepositoryEncryption.AES_256);
    build('nested-after', ecr.RepositoryEncryption.KMS);
    const [outer, inner] = [template(path('nested-before')), template(path('nested-before'), 'ShopDeepA7980109.nested.template.json')];
    const [logicalId] = Object.entries(outer.Resources).find(([, { Type }]: any) => Type === 'AWS::CloudFormation::Stack')!;
    const [repositoryId] = Object.keys(inner.Resources).filter((id) => inner.Resources[id].Type === 'AWS::ECR::Repository');
    cloudFormation.stacks = {
      Shop: { template: outer, resources: resourcesOf(outer, { [logicalId]: arnOf('Shop-Deep-1') }) },
      [arnOf('Shop-Deep-1')]: { template: inner, resources: resourcesOf(inner, { [repositoryId]: 'shop/worker' }) },
    };
    const { status, plan } = await live(path('nested-after'));
    expect(digest(plan).map(({ title, change, codes }: any) => [title, change, codes])).toEqual([['shop/worker', 'replace', ['DD-REVIEW-204 block']]]);
    expect(status).toBe(2);
  });
});
