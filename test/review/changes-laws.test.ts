import * as fc from 'fast-check';
import { registryOf } from './change-support';
import { DesiredApp, DesiredResource } from '../../src/review/desired';
import { ReviewedChanges, reviewChanges } from '../../src/review/review';

const PLACE = { account: '123456789012', region: 'us-east-1' };

interface Drawn {
  readonly logicalId: string;
  readonly type: 'AWS::ECR::Repository' | 'Custom::DrydockRepository';
  readonly name: string;
  readonly encryption: string;
  readonly scan: boolean;
  readonly retain: boolean;
  readonly empty: boolean;
  readonly existing: string;
}

function resourceOf({ logicalId, type, name, encryption, scan, retain, empty, existing }: Drawn): DesiredResource {
  const native = type === 'AWS::ECR::Repository';
  return {
    at: { constructPath: `Shop/${logicalId}`, stackName: 'Shop', logicalId, resourceType: type, templateFile: 'Shop.template.json' },
    stackId: 'Shop', type, ...PLACE, unresolved: [], assumed: {}, dependsOn: [], deletionPolicy: retain ? 'Retain' : 'Delete', updateReplacePolicy: retain ? 'Retain' : 'Delete',
    properties: {
      RepositoryName: name, EmptyOnDelete: empty,
      EncryptionConfiguration: native ? { EncryptionType: encryption } : { encryptionType: encryption },
      ImageScanningConfiguration: native ? { ScanOnPush: scan } : { scanOnPush: scan },
      ...(native ? {} : { ExistingRepository: existing, RemovalPolicy: retain ? 'retain' : 'destroy', ImageTagMutability: 'MUTABLE' }),
    },
  };
}

function appOf(drawn: readonly Drawn[]): DesiredApp {
  return {
    directory: 'cdk.out', findings: [], unread: [],
    stacks: [{
      id: 'Shop', stackName: 'Shop', displayName: 'Shop', templateFile: 'Shop.template.json', tags: {}, ...PLACE,
      template: { Resources: {} }, resources: drawn.map(resourceOf),
    } as unknown as DesiredApp['stacks'][number]],
  };
}

const NAMES = ['shop/a', 'shop/b', 'shop/c', 'shop/d'];
const repositories = fc.uniqueArray(fc.record({
  logicalId: fc.constantFrom('A', 'B', 'C', 'D'),
  type: fc.constantFrom('AWS::ECR::Repository' as const, 'Custom::DrydockRepository' as const),
  name: fc.constantFrom(...NAMES),
  encryption: fc.constantFrom('AES256', 'KMS'),
  scan: fc.boolean(), retain: fc.boolean(), empty: fc.boolean(), existing: fc.constantFrom('fail', 'adopt'),
}), { selector: ({ logicalId }) => logicalId, maxLength: 4 })
  .map((all) => all.filter(({ name }, i) => all.findIndex((one) => one.name === name) === i));
const counts = fc.array(fc.constantFrom(0, 1, 5), { minLength: NAMES.length, maxLength: NAMES.length });

/** A registry that has what the app before made, each with some images. */
const registryFor = (before: readonly Drawn[], images: readonly number[]) => registryOf(before.map(({ name }) => ({ repositoryName: name, images: images[NAMES.indexOf(name)] })));
const review = (before: readonly Drawn[], after: readonly Drawn[], images: readonly number[]): Promise<ReviewedChanges> => reviewChanges({ app: appOf(before) }, appOf(after), {
  registries: () => ({ state: registryFor(before, images), complete: true }), nameOf: () => undefined,
});
const findings = (changes: ReviewedChanges) => [...changes.repositories.flatMap((one) => one.findings), ...changes.findings];

test('law: an app reviewed against itself changes nothing', async () => {
  await fc.assert(fc.asyncProperty(repositories, counts, async (app, images) => {
    const changes = await review(app, app, images);
    expect(changes.repositories.map(({ change }) => change)).toEqual(app.map(() => 'none'));
    expect(findings(changes)).toEqual([]);
  }), { numRuns: 100 });
});

test('law: every repository of either app is in the plan once, by name', async () => {
  await fc.assert(fc.asyncProperty(repositories, repositories, counts, async (before, after, images) => {
    const names = (await review(before, after, images)).repositories.map(({ title }) => title).sort();
    expect([...new Set(names)]).toEqual(names);
    expect(names).toEqual([...new Set([...before, ...after].map(({ name }) => name))].sort());
  }), { numRuns: 300 });
});

test('a name that one resource leaves and another takes keeps the findings of both', async () => {
  const native = (logicalId: string, name: string): Drawn => ({ logicalId, type: 'AWS::ECR::Repository', name, encryption: 'AES256', scan: false, retain: true, empty: false, existing: 'fail' });
  const { repositories: plans } = await review([native('A', 'shop/a'), native('B', 'shop/b')], [native('A', 'shop/b'), native('B', 'shop/a')], [5, 5, 0, 0]);
  expect(plans.map(({ title, change, findings: own }) => [title, change, own.map(({ code }) => code).sort()])).toEqual([
    ['shop/a', 'replace', ['DD-REVIEW-204', 'DD-REVIEW-207']], ['shop/b', 'replace', ['DD-REVIEW-204', 'DD-REVIEW-207']],
  ]);
});

test('law: images that go are never let through', async () => {
  let lost = 0;
  await fc.assert(fc.asyncProperty(repositories, repositories, counts, async (before, after, images) => {
    const changes = await review(before, after, images);
    for (const { title, imageCount = 0, findings: own } of changes.repositories) {
      const old = before.find(({ name }) => name === title);
      const kept = after.some(({ name }) => name === title);
      if (old !== undefined && !kept && !old.retain && old.empty && imageCount > 0 && !after.some(({ logicalId, type }) => logicalId === old.logicalId && type !== old.type)) {
        lost += 1;
        expect(own.some(({ effect }) => effect === 'block')).toBe(true);
      }
    }
  }), { numRuns: 300 });
  expect(lost).toBeGreaterThan(10);
});

test('law: what is retained is never said to be deleted', async () => {
  await fc.assert(fc.asyncProperty(repositories, repositories, counts, async (before, after, images) => {
    const changes = await review(before.map((one) => ({ ...one, retain: true })), after, images);
    expect(changes.repositories.filter(({ change }) => change === 'delete')).toEqual([]);
    expect(findings(changes).filter(({ code }) => code === 'DD-REVIEW-201')).toEqual([]);
  }), { numRuns: 200 });
});
