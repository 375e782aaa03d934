import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { policyHash } from '../../src/digest';
import { isIndexType } from '../../src/images/media-types';
import { compare } from '../../src/lifecycle/compare';
import { explain } from '../../src/lifecycle/explain';
import { DEFAULT_GATE, GateSettings, judge, previewedImages } from '../../src/lifecycle/gate';
import { readInventory } from '../../src/lifecycle/inventory';
import { lint } from '../../src/lifecycle/lint';
import { Inventory, PolicyDocument, Rule } from '../../src/lifecycle/model';
import { evaluationPreview } from '../../src/report/evaluation-preview';
import { LifecyclePlan, Plan, PlanFinding, PlanPlace, RepositoryPlan } from '../../src/report/plan';

export const NOW = '2026-01-31T12:00:00Z';
export const root = join(__dirname, '..', '..');

/** Inventories of real repositories, where they are there: they are no part of this one. */
export const inventoriesFolder = process.env.DRYDOCK_INVENTORIES ?? join(root, '..', 'shared', 'inventories');

export function exampleInventory(name: string): Inventory {
  return readInventory(JSON.parse(readFileSync(join(root, 'examples', name, 'inventory.json'), 'utf8')));
}

export const placeOf = (id: string): PlanPlace => ({
  constructPath: `Shop/${id}`, stackName: 'Shop', logicalId: `${id.replace(/\W/g, '')}1A2B3C4D`, resourceType: 'Custom::DrydockLifecyclePolicy', templateFile: 'Shop.template.json',
});

export const rule = (rulePriority: number, selection: Partial<Rule['selection']>, more: Partial<Rule> = {}): Rule => ({
  rulePriority, selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 100, ...selection }, action: { type: 'expire' }, ...more,
});
export const days = (countNumber: number) => ({ countType: 'sinceImagePushed', countUnit: 'days', countNumber } as const);

export const KEEP_100: PolicyDocument = { rules: [rule(1, { countNumber: 100 }, { description: 'keep the last 100 images' })] };
export const LAYERED: PolicyDocument = {
  rules: [
    rule(1, { tagStatus: 'tagged', tagPatternList: ['production*'], countNumber: 100_000 }, { description: 'what runs' }),
    rule(2, { tagStatus: 'tagged', tagPatternList: ['v*'], countNumber: 40 }, { description: 'releases' }),
    rule(3, { tagStatus: 'untagged', ...days(30) }),
    rule(4, { tagStatus: 'any', countType: 'sinceImagePulled', countUnit: 'days', countNumber: 90 }, { action: { type: 'transition', targetStorageClass: 'archive' } }),
  ],
};

export interface RepositoryOptions {
  readonly title?: string;
  readonly inventory: Inventory;
  readonly policy?: PolicyDocument;
  readonly policyInForce?: PolicyDocument;
  readonly gate?: GateSettings;
  readonly now?: string;
  readonly more?: Partial<RepositoryPlan>;
  readonly inUseBy?: (digest: string) => readonly string[] | undefined;
}

/** As a preview makes it: evaluated, judged by the gate, with a sentence for every image. */
export function repositoryPlan({ title = 'shop/api', inventory, policy = KEEP_100, policyInForce, gate = DEFAULT_GATE, now = NOW, more = {}, inUseBy }: RepositoryOptions): RepositoryPlan {
  const comparison = compare(policyInForce, policy, inventory, now);
  const hash = policyHash(policy);
  const at = placeOf(`${title}/Retention`);
  const verdict = judge(gate, {
    repositoryName: title, policyHash: hash, imageCount: inventory.imageDetails.length,
    taggedImageCount: inventory.imageDetails.filter(({ imageTags = [] }) => imageTags.length > 0).length,
    now, images: previewedImages(comparison, inventory), policy,
  });
  const findings: PlanFinding[] = [
    ...verdict.findings.map(({ code, message, fix, images }): PlanFinding => ({
      severity: 'error', code, message, fix, at, repositoryName: title, ...(verdict.verdict === 'blocked' && { effect: 'block' }),
      digests: images.slice(0, 50).map(({ imageDigest }) => imageDigest),
    })),
    ...lint(policy, inventory, now).map(({ code, pointer, message, fix }): PlanFinding => ({ severity: 'warning', code, place: pointer, message, fix, at, repositoryName: title })),
  ];
  const lifecycle: LifecyclePlan = {
    change: 'put', at, policy, policyHash: hash, ...(policyInForce && { policyInForce }), gate,
    preview: { ...evaluationPreview({ evaluation: comparison.after, inventory, comparison, repositoryName: title, policyHash: hash }), verdict: verdict.verdict },
    inventory,
    images: [...comparison.after.verdicts()].map((one) => {
      const used = inUseBy?.(one.imageDigest);
      return { ...one, explanation: explain(one, policy), ...(used && { inUseBy: used }) };
    }),
  };
  return {
    repositoryName: title, title, account: '123456789012', region: 'eu-central-1', change: 'update', places: [{ ...placeOf(title), resourceType: 'AWS::ECR::Repository' }, at],
    imageCount: inventory.imageDetails.length,
    imageSizeInBytes: inventory.imageDetails.reduce((sum, { imageSizeInBytes: size = 0, imageManifestMediaType }) => sum + (isIndexType(imageManifestMediaType) ? 0 : size), 0),
    settings: [], lifecycle, findings, ...more,
  };
}

export function plan(repositories: readonly RepositoryPlan[], more: Partial<Plan> = {}): Plan {
  const effects = [...repositories.flatMap(({ findings }) => findings), ...more.findings ?? []].map(({ effect }) => effect);
  return {
    formatVersion: 1, kind: 'preview', now: NOW, app: 'cdk.out', against: { kind: 'inventory', text: 'snapshot.json' },
    outcome: effects.includes('block') ? 'blocked' : effects.includes('undetermined') ? 'undetermined' : 'passed', repositories, findings: [], ...more,
  };
}

/** What JSON makes of it: members without a value are gone. */
export const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Images with tags, ages and sizes as repositories have them, the same at every call. */
export function manyImages(count: number, repositoryName = 'shop/api'): Inventory {
  let seed = 42;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const hex = (length: number) => Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
  const end = Date.parse(NOW);
  return {
    imageDetails: Array.from({ length: count }, (_, i) => {
      const age = 900 * 86_400_000 * i / count;
      const tag = i % 10 < 4 ? undefined : i % 10 < 6 ? [`v${Math.floor((count - i) / 400)}.${(count - i) % 400}.0`] : [`build-${count - i}`];
      return {
        registryId: '123456789012', repositoryName, imageDigest: `sha256:${hex(64)}`, ...(tag && { imageTags: i === 300 ? [...tag, 'production'] : tag }),
        imagePushedAt: new Date(Math.floor((end - age - random() * 3e6) / 1000) * 1000).toISOString().replace('.000Z', 'Z'), imageSizeInBytes: Math.floor(2e7 + random() * 3e8),
        imageManifestMediaType: 'application/vnd.oci.image.manifest.v1+json', imageStatus: 'ACTIVE',
        ...(random() < 0.3 && { lastRecordedPullTime: new Date(Math.floor((end - age * random()) / 1000) * 1000).toISOString().replace('.000Z', 'Z') }),
      };
    }),
  };
}
