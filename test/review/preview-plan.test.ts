import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, aws_ecr as ecr, Stack } from 'aws-cdk-lib';
import { appOf, keepNewest, nativeRepository, ownPolicy, removeAppFolders, writeApp } from './apps';
import { policyHash } from '../../src/digest';
import { ImageDetail, Inventory, InventoryRepository } from '../../src/lifecycle/model';
import { Plan, PlanFinding, RepositoryPlan } from '../../src/report/plan';
import { readDesired } from '../../src/review/desired';
import { PreviewQuestion, previewPlan } from '../../src/review/plan-preview';
import { InventoryState, RegistryAction } from '../../src/review/registry-source';

afterAll(removeAppFolders);

const NOW = Date.parse('2026-01-31T12:00:00Z');
const digest = (n: number) => `sha256:${String(n).padStart(64, '0')}`;

/** Image 1 is the oldest. */
function images(repositoryName: string, many: number, rest: (n: number) => Partial<ImageDetail> = () => ({})): ImageDetail[] {
  return Array.from({ length: many }, (_, i) => ({
    repositoryName, imageDigest: digest(i + 1), imageTags: [`v${i + 1}`], imageSizeInBytes: 1000, imagePushedAt: new Date(NOW - (many - i) * 86_400_000).toISOString(), ...rest(i + 1),
  }));
}

interface Case {
  readonly repositories?: readonly InventoryRepository[];
  readonly images?: readonly ImageDetail[];
  readonly complete?: boolean;
  readonly previewPolicy?: (name: string, text: string) => Promise<readonly RegistryAction[]>;
  readonly more?: Partial<PreviewQuestion>;
  readonly parameters?: Readonly<Record<string, string>>;
}

async function plan(app: string, { repositories, images: imageDetails = [], complete = false, previewPolicy, more, parameters }: Case = {}): Promise<Plan> {
  const inventory: Inventory = { imageDetails, ...(repositories && { repositories }) };
  const state = new InventoryState(inventory);
  return previewPlan({
    app: readDesired(app, { ...(parameters && { parameters }) }), now: NOW, basis: () => ({ kind: 'inventory', text: 'test' }),
    source: () => ({ state, complete, now: () => NOW, ...(previewPolicy && { previewPolicy }) }), ...more,
  });
}

const only = ({ repositories }: Plan): RepositoryPlan => {
  expect(repositories).toHaveLength(1);
  return repositories[0];
};
const all = (made: Plan): PlanFinding[] => [...made.findings, ...made.repositories.flatMap(({ findings }) => findings)];
const codes = (made: Plan) => all(made).map(({ code, effect }) => [code, ...effect === undefined ? [] : [effect]].join(' '));
const native = (properties = {}, rest = {}) => writeApp({ Shop: { Resources: { Web: nativeRepository({ RepositoryName: 'shop/web', ...properties }, rest) } } });
const own = (properties = {}) => writeApp({ Shop: { Resources: { Web: ownPolicy({ RepositoryName: 'shop/web', ...properties }) } } });

describe('what a policy would do', () => {
  test('is told for each image, with the construct, the repository and a sentence', async () => {
    const made = await plan(own(), { images: images('shop/web', 5) });
    const { repositoryName, places, imageCount, imageSizeInBytes, lifecycle } = only(made);
    expect([repositoryName, places[0].constructPath, places[0].logicalId, imageCount, imageSizeInBytes]).toEqual(['shop/web', 'Shop/Web', 'Web', 5, 5000]);
    expect(lifecycle?.images?.map(({ imageDigest, outcome, explanation }) => [imageDigest, outcome, explanation.length > 20])).toEqual([
      [digest(1), 'EXPIRE', true], [digest(2), 'EXPIRE', true], [digest(3), 'KEEP', true], [digest(4), 'KEEP', true], [digest(5), 'KEEP', true],
    ]);
    expect(lifecycle?.preview).toMatchObject({ verdict: 'passed', counts: { images: 5, expiring: 2, newlyExpiring: 2 }, bytes: { expiring: { max: 2000 } } });
    expect(made.outcome).toBe('passed');
  });

  test('is judged by the gate of the construct', async () => {
    const strict = await plan(own({ PreviewGate: { MaxExpiringImages: '1' } }), { images: images('shop/web', 5) });
    expect(strict.outcome).toBe('blocked');
    expect(only(strict).lifecycle).toMatchObject({ gate: { maxExpiringImages: 1 }, preview: { verdict: 'blocked', findings: [{ code: 'DD-GATE-101', severity: 'error' }] } });
    const off = await plan(own({ PreviewGate: 'off' }), { images: images('shop/web', 50) });
    expect([off.outcome, only(off).lifecycle?.preview?.verdict]).toEqual(['passed', 'off']);
  });

  test('passes a gate that has acknowledged this very policy, and only this one', async () => {
    const hash = policyHash(JSON.parse(keepNewest(3)) as never);
    const gate = (Acknowledged: string[]) => own({ PreviewGate: { MaxExpiringImages: 0, Acknowledged } });
    const accepted = await plan(gate([hash]), { images: images('shop/web', 5) });
    expect([accepted.outcome, only(accepted).lifecycle?.preview?.verdict]).toEqual(['passed', 'acknowledged']);
    expect((await plan(gate(['0123456789abcdef']), { images: images('shop/web', 5) })).outcome).toBe('blocked');
  });

  test('counts only what is new against the policy in force, and says what is spared', async () => {
    const made = await plan(own({ PreviewGate: { MaxExpiringImages: 0 } }), { repositories: [{ repositoryName: 'shop/web', lifecyclePolicyText: keepNewest(2) }], images: images('shop/web', 5) });
    expect([made.outcome, only(made).lifecycle?.change]).toEqual(['passed', 'put']);
    expect(only(made).lifecycle?.preview?.counts).toMatchObject({ expiring: 2, newlyExpiring: 0, spared: 1 });
  });

  test('is not judged where the policy is in force already', async () => {
    const made = await plan(own({ PreviewGate: { MaxExpiringImages: 0, CountAgainst: 'everything' } }), { repositories: [{ repositoryName: 'shop/web', lifecyclePolicyText: keepNewest(3) }], images: images('shop/web', 5) });
    expect([made.outcome, only(made).lifecycle?.change, only(made).lifecycle?.preview?.verdict]).toEqual(['passed', 'keep', 'not-needed']);
  });

  test('referrers that go with their subject are shown, and not judged, as no gate of a deployment sees them', async () => {
    const list = [...images('shop/web', 4), { ...images('shop/web', 1)[0], imageDigest: digest(9), imageTags: ['prod-signature'], subjectManifestDigest: digest(1) }];
    const made = await plan(own({ LifecyclePolicy: { rules: [{ rulePriority: 1, selection: { tagStatus: 'tagged', tagPatternList: ['v1'], countType: 'sinceImagePushed', countUnit: 'days', countNumber: 2 }, action: { type: 'expire' } }] } }), { images: list });
    expect(only(made).lifecycle?.images?.find(({ imageDigest }) => imageDigest === digest(9))).toMatchObject({ outcome: 'EXPIRE', reason: 'FOLLOWS_SUBJECT' });
    expect(made.outcome).toBe('passed');
  });
});

describe('native repositories', () => {
  test('without a gate are judged by the default one, and that is a finding', async () => {
    const made = await plan(native(), { images: images('shop/web', 9) });
    expect(made.outcome).toBe('blocked');
    expect(codes(made)).toContain('DD-REVIEW-232');
    expect(only(made).lifecycle?.gate).toBeUndefined();
  });

  test.each([
    ['name', { RepositoryName: 'shop/web' }],
    ['logical id', { RepositoryLogicalId: 'Web' }],
  ])('are judged by the gate that stands before them, by %s', async (_, before) => {
    const gate = { Type: 'Custom::DrydockPreviewGate', Properties: { ServiceToken: 'x', ...before, LifecyclePolicyText: keepNewest(3), PreviewGate: { MaxExpiringPercent: 90 } } };
    const made = await plan(writeApp({ Shop: { Resources: { Gate: gate, Web: nativeRepository({ RepositoryName: 'shop/web' }, { DependsOn: 'Gate' }) } } }), { images: images('shop/web', 9) });
    expect([made.outcome, codes(made)]).toEqual(['passed', []]);
    expect(only(made).lifecycle?.gate).toEqual({ maxExpiringPercent: 90, countAgainst: 'policy-in-force' });
  });

  test('of L2 are found in every stack and stage', async () => {
    const made = await plan(appOf((app: App) => {
      const stack = new Stack(app, 'Shop');
      new ecr.Repository(stack, 'Web', { repositoryName: 'shop/web', lifecycleRules: [{ maxImageCount: 3 }] });
      new ecr.Repository(stack, 'Plain', { repositoryName: 'shop/plain' });
    }), { images: images('shop/web', 3) });
    expect(only(made).places[0].constructPath).toBe('Shop/Web');
  });
});

describe('what cannot be told', () => {
  test.each<[string, string, string]>([
    ['a name that a parameter leaves open', own({ RepositoryName: { Ref: 'P' } }), 'DD-REVIEW-001'],
    ['a generated name', writeApp({ S: { Resources: { R: nativeRepository() } } }), 'DD-REVIEW-001'],
    ['a policy that is a token', own({ LifecyclePolicy: { 'Fn::GetAtt': ['Other', 'Policy'] } }), 'DD-REVIEW-002'],
    ['a policy with a token in it', native({ LifecyclePolicy: { LifecyclePolicyText: { 'Fn::Sub': '{"rules":[${Other.Rule}]}' } } }), 'DD-REVIEW-002'],
    ['a gate that is a token', own({ PreviewGate: { MaxExpiringImages: { Ref: 'P' } } }), 'DD-REVIEW-003'],
    ['a repository that the inventory does not have', own({ RepositoryName: 'shop/other' }), 'DD-REVIEW-005'],
    ['a repository of another account', own({ RepositoryName: 'shop/other', RegistryId: '999999999999' }), 'DD-REVIEW-007'],
  ])('%s leaves the outcome open, unless that is allowed', async (_, app, code) => {
    // What the templates refer to is given where it is needed.
    const known = withOthers(app);
    const made = await plan(known, { images: images('shop/web', 3) });
    expect(codes(made)).toContain(`${code} undetermined`);
    expect(made.outcome).toBe('undetermined');
    expect((await plan(known, { images: images('shop/web', 3), more: { allowUnknown: true } })).outcome).toBe('passed');
  });

  test('does not hide what is certain', async () => {
    const app = writeApp({ A: { Resources: { R: nativeRepository() } }, B: { Resources: { Web: ownPolicy({ RepositoryName: 'shop/web' }) } } });
    expect((await plan(app, { images: images('shop/web', 50) })).outcome).toBe('blocked');
  });

  test('a parameter that is given closes the gap', async () => {
    const app = withOthers(own({ RepositoryName: { 'Fn::Join': ['/', ['shop', { Ref: 'P' }]] } }));
    expect((await plan(app, { images: images('shop/web', 3), parameters: { P: 'web' } })).outcome).toBe('passed');
  });

  test('images and policies that a snapshot could not read are no empty repository', async () => {
    for (const member of ['imageDetails', 'lifecyclePolicyText']) {
      const made = await plan(own(), { repositories: [{ repositoryName: 'shop/web', unread: [member] }] });
      expect(codes(made)).toEqual(['DD-SURVEY-101', 'DD-REVIEW-006 undetermined']);
      expect(only(made).lifecycle?.preview).toBeUndefined();
    }
  });

  test('a repository of the same name somewhere else is not the one', async () => {
    const app = writeApp({ Shop: { Resources: { Web: ownPolicy({ RepositoryName: 'shop/web' }) } } }, 'aws://123456789012/eu-west-1');
    const repositories = (account: string, region: string) => [{ repositoryName: 'shop/web', registryId: account, repositoryArn: `arn:aws:ecr:${region}:${account}:repository/shop/web` }];
    expect((await plan(app, { repositories: repositories('123456789012', 'eu-west-1') })).outcome).toBe('passed');
    expect(codes(await plan(app, { repositories: repositories('999999999999', 'eu-west-1') }))).toEqual(['DD-REVIEW-007 undetermined']);
    const elsewhere = writeApp({ Shop: { Resources: { Web: ownPolicy({ RepositoryName: 'shop/web', RegistryId: '999999999999' }) } } }, 'aws://123456789012/eu-west-1');
    expect((await plan(elsewhere, { repositories: repositories('999999999999', 'eu-west-1') })).outcome).toBe('passed');
    expect(codes(await plan(elsewhere, { repositories: repositories('123456789012', 'eu-west-1') }))).toEqual(['DD-REVIEW-007 undetermined']);
    expect(codes(await plan(app, { repositories: repositories('123456789012', 'us-east-1') }))).toEqual(['DD-REVIEW-007 undetermined']);
  });

  test('a policy in force that is none counts as none, with a warning', async () => {
    const made = await plan(own(), { repositories: [{ repositoryName: 'shop/web', lifecyclePolicyText: '{"rules":[]}' }], images: images('shop/web', 5) });
    expect(codes(made)).toEqual(['DD-REVIEW-014']);
    expect(only(made).lifecycle?.preview?.counts.newlyExpiring).toBe(2);
  });
});

/** Adds what the tests' templates refer to. */
function withOthers(app: string): string {
  const { stacks: [stack], findings } = readDesired(app);
  if (stack !== undefined && findings.length === 0) {
    return app;
  }
  const template = JSON.parse(readFileSync(join(app, 'Shop.template.json'), 'utf8')) as { Resources: object };
  return writeApp({ Shop: { ...template, Parameters: { P: { Type: 'String' } }, Resources: { ...template.Resources, Other: { Type: 'Custom::Other', Properties: { ServiceToken: 'x' } } } } });
}

describe('what stops a deployment besides the gate', () => {
  test('a policy that ECR refuses, with the problem of the validator at its place', async () => {
    const made = await plan(own({ LifecyclePolicy: { rules: [{ rulePriority: 1, selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: '0' }, action: { type: 'expire' } }] } }), { images: images('shop/web', 3) });
    expect(made.outcome).toBe('blocked');
    expect(only(made).findings).toEqual([expect.objectContaining({ code: expect.stringMatching(/^DD-LIFECYCLE-0/) as string, place: '/LifecyclePolicy/rules/0/selection/countNumber', effect: 'block' })]);
  });

  test('a repository that does not exist and that the app does not make', async () => {
    expect(codes(await plan(own(), { complete: true }))).toEqual(['DD-REVIEW-008 block']);
  });

  test('a policy that somebody else has put there', async () => {
    const foreign = { repositoryName: 'shop/web', lifecyclePolicyText: keepNewest(30) };
    expect(codes(await plan(own(), { repositories: [{ ...foreign, tags: [] }] }))).toEqual(['DD-REVIEW-013 block']);
    expect(codes(await plan(own({ ReplaceExisting: 'true' }), { repositories: [{ ...foreign, tags: [] }] }))).toEqual([]);
    expect(codes(await plan(own(), { repositories: [{ ...foreign, tags: [{ Key: 'cdk-drydock:before-lifecycle', Value: 'put x 0 -' }] }] }))).toEqual([]);
    // Tags that were not read tell nothing.
    expect(codes(await plan(own(), { repositories: [foreign] }))).toEqual([]);
  });

  test('an image that something runs, whoever would take it', async () => {
    const inUse = () => new Map([[digest(1), ['ECS service prod/api']], [digest(5), ['Lambda function web']]]);
    const made = await plan(own({ PreviewGate: 'off' }), { images: images('shop/web', 5), more: { inUse } });
    expect(made.outcome).toBe('blocked');
    expect(only(made).findings).toEqual([expect.objectContaining({ code: 'DD-REVIEW-011', digests: [digest(1)], message: expect.stringContaining('v1 (ECS service prod/api)') as string })]);
    expect(only(made).lifecycle?.images?.map(({ inUseBy }) => inUseBy)).toEqual([['ECS service prod/api'], undefined, undefined, undefined, ['Lambda function web']]);
  });

  test('two resources with different policies for one repository, where both go to one place', async () => {
    const resources = { A: ownPolicy({ RepositoryName: 'shop/web' }), B: nativeRepository({ RepositoryName: 'shop/web', LifecyclePolicy: { LifecyclePolicyText: keepNewest(9) } }) };
    const certain = await plan(writeApp({ Shop: { Resources: resources } }, 'aws://123456789012/eu-west-1'), { images: images('shop/web', 3) });
    expect(codes(certain).filter((code) => code.startsWith('DD-REVIEW-230'))).toEqual(['DD-REVIEW-230 block', 'DD-REVIEW-230 block']);
    const together = await plan(writeApp({ Shop: { Resources: resources } }), { images: images('shop/web', 3) });
    expect([together.outcome, codes(together).filter((code) => code.startsWith('DD-REVIEW-230'))]).toEqual(['blocked', ['DD-REVIEW-230 block', 'DD-REVIEW-230 block']]);
    const perhaps = await plan(writeApp({ One: { Resources: { A: resources.A } }, Two: { Resources: { B: resources.B } } }), { images: images('shop/web', 3) });
    expect(perhaps.outcome).toBe('passed');
    expect(codes(perhaps)).toEqual(expect.arrayContaining(['DD-REVIEW-230']));
  });
});

describe('new repositories', () => {
  test('have nothing to lose', async () => {
    const app = writeApp({ Shop: { Resources: { Web: nativeRepository({ RepositoryName: 'shop/web' }) } } });
    const made = await plan(app, { complete: true });
    expect([made.outcome, only(made).change, only(made).lifecycle?.preview?.verdict]).toEqual(['passed', 'create', 'not-needed']);
  });

  test('in an inventory that need not have them are not taken for new', async () => {
    expect(codes(await plan(native(), {}))).toEqual(['DD-REVIEW-005 undetermined']);
  });
});

describe('repository creation templates', () => {
  const template = (properties = {}) => writeApp({ S: { Resources: { T: { Type: 'AWS::ECR::RepositoryCreationTemplate', Properties: { Prefix: 'hub', AppliedFor: ['PULL_THROUGH_CACHE'], LifecyclePolicy: keepNewest(3), ...properties } } } } });

  test('are for repositories to come: those that are there are named, and nothing of theirs is judged', async () => {
    const made = await plan(template(), { images: [...images('hub/nginx', 50), ...images('hubris', 50)] });
    expect([made.outcome, codes(made), only(made).lifecycle?.preview]).toEqual(['passed', ['DD-REVIEW-015'], undefined]);
    expect(only(made).findings[0].message).toMatch(/1 repository of that prefix is there and keeps its policy: hub\/nginx\./);
  });

  test('with a policy that ECR refuses stop the deployment', async () => {
    expect((await plan(template({ LifecyclePolicy: '{"rules":[]}' }))).outcome).toBe('blocked');
  });
});

describe('the registry\'s own preview', () => {
  const taking = (numbers: readonly number[], action: RegistryAction['action'] = 'EXPIRE') => async () => numbers.map((n) => ({ imageDigest: digest(n), action, appliedRulePriority: 1 }));

  test('that agrees is no finding', async () => {
    const made = await plan(own(), { images: images('shop/web', 5), previewPolicy: taking([1, 2]) });
    expect([made.outcome, codes(made)]).toEqual(['passed', []]);
  });

  test('that differs about an image is one, and decides', async () => {
    const made = await plan(own({ PreviewGate: { MaxExpiringImages: 2 } }), { images: images('shop/web', 5), previewPolicy: taking([1, 2, 3]) });
    expect(made.outcome).toBe('blocked');
    expect(only(made).findings).toEqual([expect.objectContaining({ code: 'DD-REVIEW-009', severity: 'warning', digests: [digest(3)] })]);
    expect(only(await plan(own(), { images: images('shop/web', 5), previewPolicy: taking([1, 2], 'TRANSITION') })).findings[0]).toMatchObject({ code: 'DD-REVIEW-009', digests: [digest(1), digest(2)] });
  });

  test('tells which untagged images an index holds, where nobody has read what the indexes list', async () => {
    const listed = images('shop/web', 5).map((image, n) => n === 0 ? { ...image, imageTags: undefined }
      : n === 4 ? { ...image, imageManifestMediaType: 'application/vnd.oci.image.index.v1+json' } : image);
    const made = await plan(own({ PreviewGate: { MaxExpiringImages: 1 } }), { images: listed, previewPolicy: taking([2]) });
    const { lifecycle } = only(made);
    expect([made.outcome, codes(made)]).toEqual(['passed', []]);
    expect(lifecycle?.preview).toMatchObject({ counts: { expiring: 1, newlyExpiring: 1, held: 1 }, rules: [{ counts: { expires: 1, blocked: 1 } }], findings: [] });
    expect(lifecycle?.preview?.images.map(({ imageDigest, effect }) => [imageDigest, effect])).toEqual([[digest(1), 'HELD'], [digest(2), 'EXPIRE']]);
    expect(lifecycle?.images?.[0]).toMatchObject({ outcome: 'KEEP', reason: 'HELD_BY_INDEX', heldAction: 'EXPIRE', explanation: expect.stringContaining('ECR\'s own preview leaves it') });
    expect(lifecycle?.inventory?.heldImages).toEqual([digest(1)]);
    const inUse = new Map([[digest(1), ['ECS service prod/api']]]);
    expect((await plan(own(), { images: listed, previewPolicy: taking([2]), more: { inUse: () => inUse, inUseAsked: 'list' } })).outcome).toBe('passed');
  });

  test('is asked about the policy in force too, and not at all where nothing is to be judged', async () => {
    const texts: string[] = [];
    const previewPolicy = async (_: string, text: string) => {
      texts.push(text);
      return taking([1, 2])();
    };
    const made = await plan(own({ PreviewGate: { MaxExpiringImages: 0 } }), { repositories: [{ repositoryName: 'shop/web', lifecyclePolicyText: keepNewest(2) }], images: images('shop/web', 5), previewPolicy });
    expect([made.outcome, texts.map((text) => JSON.parse(text).rules[0].selection.countNumber)]).toEqual(['passed', [3, 2]]);
    texts.length = 0;
    await plan(own(), { repositories: [{ repositoryName: 'shop/web', lifecyclePolicyText: keepNewest(3) }], images: images('shop/web', 5), previewPolicy });
    await plan(own(), { repositories: [{ repositoryName: 'shop/web' }], previewPolicy });
    expect(texts).toEqual([]);
  });
});

test('a resource that is only previewed blocks nothing', async () => {
  const app = writeApp({ S: { Resources: { P: { Type: 'Custom::DrydockLifecyclePolicyPreview', Properties: { ServiceToken: 'x', RepositoryName: 'shop/web', LifecyclePolicy: JSON.parse(keepNewest(1)) } } } } });
  const made = await plan(app, { images: images('shop/web', 50) });
  expect([made.outcome, only(made).lifecycle?.change, only(made).lifecycle?.preview?.verdict]).toEqual(['passed', 'preview', 'preview-only']);
});

test('an app without lifecycle policies says so', async () => {
  expect(codes(await plan(writeApp({ S: { Resources: { T: { Type: 'AWS::SNS::Topic' } } } })))).toEqual(['DD-REVIEW-016']);
});

test('repositories are sorted by stack, then construct path', async () => {
  const app = writeApp({ B: { Resources: { Z: nativeRepository({ RepositoryName: 'z' }), A: nativeRepository({ RepositoryName: 'a' }) } }, A: { Resources: { M: nativeRepository({ RepositoryName: 'm' }) } } });
  expect((await plan(app, { complete: true })).repositories.map(({ places: [{ constructPath }] }) => constructPath)).toEqual(['A/M', 'B/A', 'B/Z']);
});
