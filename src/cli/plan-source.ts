import type { LiveRegistry } from '../ecr/survey/live-registry';
import type { ManifestReading } from '../ecr/survey/manifests';
import { Inventory } from '../lifecycle/model';
import { PlanBasis } from '../report/plan';
import { DeployedNames, Environment } from '../review/deployed';
import { InventoryState, RegistrySource } from '../review/registry-source';

export type PlanSourceOptions = InventorySourceOptions | LiveSourceOptions;

interface InventorySourceOptions {
  readonly kind: 'inventory';
  readonly file: string;
  readonly inventory: Inventory;
  /** One that it lacks does not exist. */
  readonly complete: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly region?: string;
}

interface LiveSourceOptions {
  readonly kind: 'live';
  readonly concurrency: number;
  readonly manifests: ManifestReading;
  readonly region?: string;
  readonly profile?: string;
  readonly endpoint?: string;
}

/** Where a plan gets repositories and names from. */
export interface PlanSource {
  /** Of stacks that are for any account or Region. */
  readonly environment: Environment;
  /** Absent: CloudFormation is not asked. */
  readonly names?: DeployedNames;
  /** Set where it is not the registry's. */
  readonly now?: number;
  /** Whether services of AWS are asked at all. */
  readonly asksServices: boolean;
  registry(environment: Environment): RegistrySource;
  /** With the calls that were made besides. */
  basis(calls?: Readonly<Record<string, number>>): PlanBasis;
  close(): void;
}

export async function openPlanSource(options: PlanSourceOptions, signal: AbortSignal): Promise<PlanSource> {
  return options.kind === 'inventory' ? inventorySource(options) : liveSource(options, signal);
}

function inventorySource({ file, inventory, complete, now, region }: InventorySourceOptions): PlanSource {
  const state = new InventoryState(inventory);
  return {
    environment: { ...(region !== undefined && { region }) },
    now,
    asksServices: false,
    registry: () => ({ state, complete, now: () => now }),
    basis: (calls = {}) => ({ kind: 'inventory', text: file === '-' ? 'standard input' : file, ...(Object.keys(calls).length > 0 && { calls }) }),
    close: () => undefined,
  };
}

async function liveSource(options: LiveSourceOptions, signal: AbortSignal): Promise<PlanSource> {
  // The AWS SDK is loaded by those commands only that call AWS.
  /* eslint-disable @typescript-eslint/no-require-imports */
  const { LiveRegistry: Live } = require('../ecr/survey/live-registry') as typeof import('../ecr/survey/live-registry');
  const { DeployedStacks } = require('../ecr/deployed') as typeof import('../ecr/deployed');
  /* eslint-enable @typescript-eslint/no-require-imports */
  const { kind: _, ...shell } = options;
  const registries = new Map<string, LiveRegistry>();
  const at = (region: string | undefined): LiveRegistry => {
    const key = region ?? '';
    const registry = registries.get(key) ?? new Live({ ...shell, signal, ...(region !== undefined && { region }) });
    registries.set(key, registry);
    return registry;
  };
  const region = options.region ?? await at(undefined).region().catch(() => undefined);
  if (region !== undefined) {
    registries.set(region, at(undefined));
  }
  const names = new DeployedStacks({ ...shell, signal });
  return {
    environment: { ...(region !== undefined && { region }) },
    names,
    asksServices: true,
    registry: (environment) => {
      const registry = at(environment.region ?? region);
      return {
        state: registry,
        complete: true,
        now: () => registry.now() ?? Date.now(),
        previewPolicy: (repositoryName, text) => registry.previewPolicy(repositoryName, text),
      };
    },
    basis: (more = {}) => ({
      kind: 'registry',
      text: [...new Set([...registries.values()].map(({ where }) => where))].join(', '),
      calls: sum([...new Set(registries.values()), names].map(({ calls }) => calls).concat(more)),
    }),
    close: () => {
      registries.forEach((registry) => registry.close());
      names.close();
    },
  };
}

function sum(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const [operation, calls] of all.flatMap((one) => Object.entries(one))) {
    total[operation] = (total[operation] ?? 0) + calls;
  }
  return total;
}
