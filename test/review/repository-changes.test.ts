import { App, aws_ecr as ecr, CfnCondition, CfnParameter, CfnResource, Fn, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { changesIn, codesIn, ENV, findingsIn, only, registryOf, removeApps, ReviewCase, reviewed, synthesized } from './change-support';
import { ExistingRepository, Repository } from '../../src';
import { DrydockError } from '../../src/errors';
import { readDesired } from '../../src/review/desired';
import { reviewChanges } from '../../src/review/review';

afterAll(removeApps);

const native = (id: string, props: ecr.RepositoryProps = {}) => (stack: Stack) => void new ecr.Repository(stack, id, props);
const ours = (id: string, props: ConstructorParameters<typeof Repository>[2] = {}) => (stack: Stack) => void new Repository(stack, id, props);
const nothing = (stack: Stack) => void new CfnResource(stack, 'Other', { type: 'AWS::SNS::Topic' });
const both = (...builds: ((stack: Stack) => void)[]) => (stack: Stack) => builds.forEach((build) => build(stack));

const API = { repositoryName: 'shop/api' };
const holding = (images: number, settings = {}) => registryOf([{ repositoryName: 'shop/api', images, ...settings }]);
const DESTROY = { ...API, removalPolicy: RemovalPolicy.DESTROY };

interface Expected {
  readonly changes: string[];
  readonly codes: string[];
}

async function expectReview(wanted: ReviewCase, { changes, codes }: Expected): Promise<void> {
  const result = await reviewed(wanted);
  // Gates are another test's matter.
  expect({ changes: changesIn(result), codes: codesIn(result) }).toEqual({ changes, codes });
}

describe('a repository that leaves the app', () => {
  test.each<[string, ReviewCase, Expected]>([
    ['is left when it is retained', { before: native('Api', API), after: nothing, registry: holding(3) }, { changes: ['leave shop/api'], codes: ['DD-REVIEW-210 note'] }],
    ['of ours is left when it is retained', { before: ours('Api', API), after: nothing, registry: holding(3) }, { changes: ['leave shop/api'], codes: ['DD-REVIEW-210 note'] }],
    ['blocks when its images go with it', { before: native('Api', { ...DESTROY, emptyOnDelete: true }), after: nothing, registry: holding(3) },
      { changes: ['delete shop/api'], codes: ['DD-REVIEW-201 block'] }],
    ['of ours blocks when its images go with it', { before: ours('Api', { ...DESTROY, emptyOnDelete: true }), after: nothing, registry: holding(3) },
      { changes: ['delete shop/api'], codes: ['DD-REVIEW-201 block'] }],
    ['is left with a warning when ECR will refuse because of its images', { before: native('Api', DESTROY), after: nothing, registry: holding(3) },
      { changes: ['leave shop/api'], codes: ['DD-REVIEW-202 warning'] }],
    ['is only noted when it is empty', { before: native('Api', { ...DESTROY, emptyOnDelete: true }), after: nothing, registry: holding(0) },
      { changes: ['delete shop/api'], codes: ['DD-REVIEW-203 note'] }],
    ['is only noted when it is gone already', { before: native('Api', { ...DESTROY, emptyOnDelete: true }), after: nothing, registry: registryOf([]) },
      { changes: ['delete shop/api'], codes: ['DD-REVIEW-203 note'] }],
    ['cannot be judged when nobody knows its images', { before: native('Api', { ...DESTROY, emptyOnDelete: true }), after: nothing },
      { changes: ['delete shop/api'], codes: ['DD-REVIEW-201 undetermined'] }],
    ['is a warning when nobody knows its images and ECR would refuse', { before: native('Api', DESTROY), after: nothing },
      { changes: ['delete shop/api'], codes: ['DD-REVIEW-203 warning'] }],
  ])('%s', async (_, review, expected) => expectReview(review, expected));

  test('blocks once more for the images that run somewhere', async () => {
    const inUse = () => new Map([[`sha256:${'0'.repeat(64)}`, ['ECS service prod/api']], [`sha256:${'f'.repeat(64)}`, ['somebody else\'s']]]);
    const result = await reviewed({ before: native('Api', { ...DESTROY, emptyOnDelete: true }), after: nothing, registry: holding(3), inUse });
    expect(codesIn(result)).toEqual(['DD-REVIEW-011 block', 'DD-REVIEW-201 block']);
    expect(findingsIn(result).find(({ code }) => code === 'DD-REVIEW-011')!.message).toMatch(/^1 image of shop\/api in use would be deleted with it: .*ECS service prod\/api/);
    // What stays can be pulled.
    expect(codesIn(await reviewed({ before: native('Api', API), after: nothing, registry: holding(3), inUse }))).toEqual(['DD-REVIEW-210 note']);
  });

  test('is counted', async () => {
    const result = await reviewed({ before: native('Api', { ...DESTROY, emptyOnDelete: true }), after: nothing, registry: holding(7) });
    expect(only(result, 'shop/api')).toMatchObject({ imageCount: 7, imageSizeInBytes: 70 });
    expect(findingsIn(result)[0].message).toContain('7 images');
  });
});

describe('a repository that is replaced', () => {
  const renamed = { ...API, repositoryName: 'shop/jobs' };
  test.each<[string, ReviewCase, Expected]>([
    ['blocks when its images are left behind', { before: native('Api', API), after: native('Api', renamed), registry: holding(3) },
      { changes: ['replace shop/api', 'create shop/jobs'], codes: ['DD-REVIEW-204 block'] }],
    ['of ours blocks when its images are left behind', { before: ours('Api', API), after: ours('Api', renamed), registry: holding(3) },
      { changes: ['replace shop/api', 'create shop/jobs'], codes: ['DD-REVIEW-204 block'] }],
    ['blocks twice when its images are deleted', { before: native('Api', { ...DESTROY, emptyOnDelete: true }), after: native('Api', { ...DESTROY, ...renamed, emptyOnDelete: true }), registry: holding(3) },
      { changes: ['replace shop/api', 'create shop/jobs'], codes: ['DD-REVIEW-201 block', 'DD-REVIEW-204 block'] }],
    ['is a warning when it was empty', { before: native('Api', API), after: native('Api', renamed), registry: holding(0) },
      { changes: ['replace shop/api', 'create shop/jobs'], codes: ['DD-REVIEW-204 warning'] }],
    ['cannot be judged when nobody knows its images', { before: native('Api', API), after: native('Api', renamed) },
      { changes: ['replace shop/api', 'create shop/jobs'], codes: ['DD-REVIEW-204 undetermined'] }],
    ['fails when only its encryption changes and it has a name', { before: native('Api', API), after: native('Api', { ...API, encryption: ecr.RepositoryEncryption.KMS }), registry: holding(3) },
      { changes: ['replace shop/api'], codes: ['DD-REVIEW-205 block'] }],
    ['of ours fails when only its encryption changes and it has a name', { before: ours('Api', API), after: ours('Api', { ...API, encryption: ecr.RepositoryEncryption.KMS }), registry: holding(3) },
      { changes: ['replace shop/api'], codes: ['DD-REVIEW-205 block'] }],
    ['into a name that is taken fails', { before: native('Api', { repositoryName: 'shop/old' }), after: native('Api', API), registry: holding(3) },
      { changes: ['replace shop/old', 'create shop/api'], codes: ['DD-REVIEW-204 warning', 'DD-REVIEW-207 block'] }],
    ['by one of another type fails', {
      before: (stack) => void new ecr.CfnRepository(stack, 'X', API),
      after: (stack) => void new CfnResource(stack, 'X', { type: 'Custom::DrydockRepository', properties: { RepositoryName: 'shop/api' } }), registry: holding(3),
    }, { changes: ['replace shop/api'], codes: ['DD-REVIEW-206 block'] }],
  ])('%s', async (_, review, expected) => expectReview(review, expected));

  test('with a generated name of ours: the encryption changes the name', async () => {
    const result = await reviewed({ before: ours('Api'), after: ours('Api', { encryption: ecr.RepositoryEncryption.KMS }) });
    expect(changesIn(result).map((text) => text.split(' ')[0])).toEqual(['replace', 'create']);
  });

  test('with a generated name of CloudFormation: known by what is deployed', async () => {
    const result = await reviewed({
      before: native('Api'), after: native('Api', { encryption: ecr.RepositoryEncryption.KMS }), nameOf: () => 'shop-api-1x2y',
      registry: registryOf([{ repositoryName: 'shop-api-1x2y', images: 4 }]),
    });
    expect(changesIn(result)).toEqual(['replace shop-api-1x2y']);
    expect(codesIn(result)).toEqual(['DD-REVIEW-204 block']);
  });

  test('leaves no images behind where there are none, and says what becomes of it', async () => {
    const words = async (more: Partial<ecr.RepositoryProps>) => findingsIn(await reviewed({ before: native('Api', { ...API, ...more }), after: native('Api', { ...more, ...renamed }), registry: holding(0) }))[0].message;
    expect(await words({})).toMatch(/the name changes to shop\/jobs\. shop\/api is empty and stays in the registry\.$/);
    expect(await words(DESTROY)).toMatch(/shop\/api is empty and goes\.$/);
  });

  test('shows the two names, and says that it cannot be done in place', async () => {
    const result = await reviewed({ before: native('Api', API), after: native('Api', renamed), registry: holding(3) });
    expect(only(result, 'shop/api').settings).toEqual([{ name: 'repositoryName', before: 'shop/api', after: 'shop/jobs', replaces: true }]);
  });
});

describe('a repository that comes', () => {
  test.each<[string, ReviewCase, Expected]>([
    ['is created', { after: both(native('Api', API), ours('Jobs', { repositoryName: 'shop/jobs' })), registry: registryOf([]) },
      { changes: ['create shop/api', 'create shop/jobs'], codes: [] }],
    ['fails where the name is taken', { after: native('Api', API), registry: holding(3) }, { changes: ['create shop/api'], codes: ['DD-REVIEW-207 block'] }],
    ['of ours fails where the name is taken', { after: ours('Api', API), registry: holding(3) }, { changes: ['create shop/api'], codes: ['DD-REVIEW-207 block'] }],
    ['is adopted on request', { after: ours('Api', { ...API, existing: ExistingRepository.ADOPT }), registry: holding(3) }, { changes: ['adopt shop/api'], codes: ['DD-REVIEW-208 note'] }],
    ['is not adopted with another encryption', {
      after: ours('Api', { ...API, existing: ExistingRepository.ADOPT }), registry: holding(3, { encryptionConfiguration: { encryptionType: 'KMS', kmsKey: 'arn:aws:kms:us-east-1:123456789012:key/k' } }),
    }, { changes: ['adopt shop/api'], codes: ['DD-REVIEW-209 block'] }],
  ])('%s', async (_, review, expected) => expectReview(review, expected));

  test('by adoption shows what becomes of its settings, and leaves foreign tags alone', async () => {
    const result = await reviewed({
      after: (stack) => Tags.of(new Repository(stack, 'Api', { ...API, existing: ExistingRepository.ADOPT, imageScanOnPush: true })).add('team', 'shop'),
      registry: holding(1, { imageTagMutability: 'IMMUTABLE', tags: [{ Key: 'team', Value: 'old' }, { Key: 'cost', Value: '7' }] }),
    });
    expect(only(result, 'shop/api').settings).toEqual([
      { name: 'imageScanningConfiguration/scanOnPush', before: 'false', after: 'true' },
      { name: 'imageTagMutability', before: 'IMMUTABLE', after: 'MUTABLE' },
      { name: 'tags/team', before: 'old', after: 'shop' },
    ]);
  });
});

describe('a repository that goes from one logical id to another', () => {
  test.each<[string, ReviewCase, Expected]>([
    ['fails', { before: native('Api', API), after: native('Moved', API), registry: holding(3) }, { changes: ['replace shop/api'], codes: ['DD-REVIEW-206 block'] }],
    ['of ours fails', { before: ours('Api', API), after: ours('Moved', API), registry: holding(3) }, { changes: ['replace shop/api'], codes: ['DD-REVIEW-206 block'] }],
    ['is adopted', { before: native('Api', API), after: ours('Moved', { ...API, existing: ExistingRepository.ADOPT }), registry: holding(3) },
      { changes: ['adopt shop/api'], codes: ['DD-REVIEW-206 warning'] }],
    ['is deleted after its adoption when CloudFormation was to delete it', {
      before: native('Api', { ...DESTROY, emptyOnDelete: true }), after: ours('Moved', { ...API, existing: ExistingRepository.ADOPT }), registry: holding(3),
    }, { changes: ['adopt shop/api'], codes: ['DD-REVIEW-201 block', 'DD-REVIEW-206 block'] }],
  ])('%s', async (_, review, expected) => expectReview(review, expected));
});

describe('settings', () => {
  test('that stay are not shown', async () => {
    const result = await reviewed({ before: native('Api', API), after: native('Api', API), registry: holding(3) });
    expect(only(result, 'shop/api')).toMatchObject({ change: 'none', settings: [], findings: [] });
  });

  test('that change are shown from what the registry has', async () => {
    const result = await reviewed({
      before: native('Api', { ...API, imageScanOnPush: false }), after: native('Api', { ...API, imageScanOnPush: true }),
      registry: holding(3),
    });
    expect(only(result, 'shop/api')).toMatchObject({ change: 'update', settings: [{ name: 'imageScanningConfiguration/scanOnPush', before: 'false', after: 'true' }] });
  });

  test('that leave a native template stay as they are, and that is said', async () => {
    const result = await reviewed({
      before: (stack) => void new ecr.CfnRepository(stack, 'Api', { ...API, imageTagMutability: 'IMMUTABLE' }),
      after: (stack) => void new ecr.CfnRepository(stack, 'Api', API), registry: holding(3),
    });
    expect(only(result, 'shop/api').settings).toEqual([]);
    expect(codesIn(result)).toEqual(['DD-REVIEW-211 warning']);
  });

  test('that are loosened are warned of', async () => {
    const result = await reviewed({
      before: ours('Api', { ...API, imageTagMutability: ecr.TagMutability.IMMUTABLE, imageScanOnPush: true }), after: ours('Api', API),
      registry: holding(3, { imageTagMutability: 'IMMUTABLE', imageScanningConfiguration: { scanOnPush: true } }),
    });
    expect(codesIn(result)).toEqual(['DD-REVIEW-212 warning', 'DD-REVIEW-213 warning']);
  });

  test('tags and what happens on removal are told, too', async () => {
    const result = await reviewed({ before: native('Api', API), after: both(native('Api', DESTROY), (stack) => Tags.of(stack).add('team', 'shop')), registry: holding(3) });
    expect(only(result, 'shop/api').settings).toEqual(expect.arrayContaining([{ name: 'tags/team', after: 'shop' }]));
  });
});

describe('what cannot be told is said', () => {
  const broken = (problem: (state: any) => any): ReviewCase['registry'] => ({
    names: async () => undefined, repository: async (name: string) => problem(await holding(3).repository(name)),
  });

  test.each<[string, ReviewCase['registry'], string[]]>([
    ['the registry refuses to tell', broken(() => {
      throw new DrydockError({ code: 'DD-SURVEY-005', pointer: 'shop/api', message: 'Not allowed.' });
    }), ['DD-REVIEW-201 undetermined', 'DD-SURVEY-005 undetermined']],
    ['it is found in another Region', broken((state) => ({ ...state, settings: { ...state.settings, repositoryArn: 'arn:aws:ecr:eu-west-1:123456789012:repository/shop/api' } })),
      ['DD-REVIEW-007 undetermined', 'DD-REVIEW-201 undetermined']],
    ['its images were not all read', broken((state) => ({ ...state, problems: [{ code: 'DD-SURVEY-101', pointer: 'shop/api/imageDetails', message: 'denied' }] })), ['DD-REVIEW-201 undetermined']],
  ])('when %s', async (_, registry, codes) => {
    expect(codesIn(await reviewed({ before: native('Api', { ...DESTROY, emptyOnDelete: true }), after: nothing, registry }))).toEqual(codes);
  });

  test('what concerns every repository ends the review', async () => {
    const registry = broken(() => {
      throw new DrydockError({ code: 'DD-SURVEY-001', pointer: 'registry', message: 'Nothing answers.' });
    });
    await expect(reviewed({ after: native('Api', API), registry })).rejects.toThrow(/Nothing answers/);
  });

  test('what stays as it is need not be known', async () => {
    const registry = broken(() => {
      throw new DrydockError({ code: 'DD-SURVEY-005', pointer: 'shop/api', message: 'Not allowed.' });
    });
    expect(codesIn(await reviewed({ before: native('Api', API), after: native('Api', API), registry }))).toEqual([]);
  });

  test('when the deployed stack could not be read', async () => {
    const result = await reviewed({ after: native('Api', API), registry: holding(3), unknownStacks: new Set(['123456789012/us-east-1:Shop']) });
    expect(changesIn(result)).toEqual(['unknown shop/api']);
    expect(codesIn(result)).toEqual(['DD-REVIEW-250 undetermined']);
  });

  test('when a condition cannot be decided', async () => {
    const conditional = (stack: Stack) => {
      const condition = new CfnCondition(stack, 'Prod', { expression: Fn.conditionEquals(new CfnParameter(stack, 'Stage').valueAsString, 'prod') });
      new ecr.CfnRepository(stack, 'Api', API).cfnOptions.condition = condition;
    };
    const result = await reviewed({ after: conditional, registry: registryOf([]) });
    expect(codesIn(result)).toEqual(['DD-REVIEW-251 undetermined']);
    expect(changesIn(await reviewed({ after: conditional, registry: registryOf([]), desired: { parameters: { Stage: 'prod' } } }))).toEqual(['create shop/api']);
  });

  test('when the new name is known at deployment only', async () => {
    const result = await reviewed({
      before: native('Api', API), after: (stack) => void new ecr.Repository(stack, 'Api', { repositoryName: new CfnParameter(stack, 'Name').valueAsString }), registry: holding(3),
    });
    expect(codesIn(result)).toEqual(['DD-REVIEW-251 undetermined']);
  });
});

test('a stack that left the app is named, and nothing of it is reviewed', async () => {
  const folder = synthesized(nothing);
  const app = new App({ outdir: `${folder}-two` });
  new ecr.Repository(new Stack(app, 'Gone', { env: ENV }), 'Api', { ...DESTROY, emptyOnDelete: true });
  nothing(new Stack(app, 'Shop', { env: ENV }));
  app.synth();
  const result = await reviewChanges({ app: readDesired(`${folder}-two`) }, readDesired(folder), { registries: () => ({ state: holding(3), complete: true }), nameOf: () => undefined });
  expect(changesIn(result)).toEqual([]);
  expect(codesIn(result)).toEqual(['DD-REVIEW-252 note']);
});
