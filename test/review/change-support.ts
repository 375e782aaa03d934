import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Inventory, InventoryRepository } from '../../src/lifecycle/model';
import { RegistryState } from '../../src/lifecycle/registry-state';
import { PlanFinding, RepositoryPlan } from '../../src/report/plan';
import { DesiredOptions, DesiredResource, readDesired } from '../../src/review/desired';
import { Before } from '../../src/review/pairs';
import { InventoryState } from '../../src/review/registry-source';
import { ReviewContext } from '../../src/review/repository-changes';
import { ReviewedChanges, reviewChanges } from '../../src/review/review';

export const ENV = { account: '123456789012', region: 'us-east-1' };

/** A registry with so many images in each repository. */
export function registryOf(repositories: readonly (Partial<InventoryRepository> & { readonly repositoryName: string; readonly images?: number })[]): RegistryState {
  const settings = repositories.map(({ images: _, ...rest }) => ({
    registryId: ENV.account, imageTagMutability: 'MUTABLE', imageScanningConfiguration: { scanOnPush: false }, encryptionConfiguration: { encryptionType: 'AES256' }, ...rest,
  }));
  const inventory: Inventory = {
    repositories: settings,
    imageDetails: repositories.flatMap(({ repositoryName, images = 0 }) => Array.from({ length: images }, (_, i) => ({
      repositoryName, imageDigest: `sha256:${String(i).padStart(64, '0')}`, imageTags: [`v${i}`], imageSizeInBytes: 10, imagePushedAt: '2026-01-01T00:00:00Z',
    }))),
  };
  return new InventoryState(inventory);
}

export interface ReviewCase {
  readonly before?: (stack: Stack) => void;
  readonly after: (stack: Stack) => void;
  /** @default - nothing is known of the registry */
  readonly registry?: RegistryState;
  readonly unknownStacks?: Before['unknownStacks'];
  readonly desired?: DesiredOptions;
  readonly nameOf?: (resource: DesiredResource) => string | undefined;
  readonly inUse?: ReviewContext['inUse'];
}

const made: string[] = [];

export function removeApps(): void {
  made.splice(0).forEach((directory) => rmSync(directory, { recursive: true, force: true }));
}

/** Synthesizes an app with one stack, `Shop`. */
export function synthesized(build: (stack: Stack) => void): string {
  const outdir = mkdtempSync(join(tmpdir(), 'drydock-review-'));
  made.push(outdir);
  const app = new App({ outdir });
  build(new Stack(app, 'Shop', { env: ENV }));
  app.synth();
  return outdir;
}

export async function reviewed({ before, after, registry, unknownStacks, desired, nameOf = () => undefined, inUse }: ReviewCase): Promise<ReviewedChanges> {
  return reviewChanges(
    { ...(before && { app: readDesired(synthesized(before), desired) }), ...(unknownStacks && { unknownStacks }) },
    readDesired(synthesized(after), desired),
    { registries: () => registry && { state: registry, complete: true }, nameOf, ...(inUse && { inUse }) },
  );
}

/** `create shop/api`, in the order of the plan. */
export const changesIn = ({ repositories }: ReviewedChanges) => repositories.map(({ change, title }) => `${change} ${title}`);

export function findingsIn({ repositories, findings }: ReviewedChanges): PlanFinding[] {
  return [...repositories.flatMap((repository) => repository.findings), ...findings];
}

/** `DD-REVIEW-201 block`, sorted. */
export const codesIn = (changes: ReviewedChanges) => findingsIn(changes).map(({ code, effect, severity }) => `${code} ${effect ?? severity}`).sort();

export function only({ repositories }: ReviewedChanges, title: string): RepositoryPlan {
  const found = repositories.filter((repository) => repository.title === title);
  expect(found).toHaveLength(1);
  return found[0];
}
