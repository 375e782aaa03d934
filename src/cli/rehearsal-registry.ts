import { Emulator, FaultCount, FaultScript, startEmulator } from '../emulator';
import { Inventory } from '../lifecycle/model';
import { EcrClient, EcrError } from '../rehearsal/ecr-client';

/** What can be known of the registry that a rehearsal works on. */
export interface RegistryState {
  readonly inventory: Inventory;
  /** The registry's time, in milliseconds. */
  readonly now: number;
}

/** The registry that a rehearsal works on: an embedded one of its own, or one that runs already. */
export interface RehearsalRegistry {
  readonly endpoint: string;
  readonly accountId?: string;
  /** Nothing where the registry does not tell. */
  state(): Promise<RegistryState | undefined>;
  /** What came of the fault script; nothing where there is none. */
  faults(): readonly FaultCount[];
  stop(): Promise<void>;
}

export async function ownRegistry(options: {
  readonly seed?: Inventory;
  readonly now?: Date;
  readonly accountId?: string;
  readonly faults?: FaultScript;
}): Promise<RehearsalRegistry> {
  const emulator: Emulator = await startEmulator({ ...options, allowMissingLayers: true });
  return {
    endpoint: emulator.endpoint,
    accountId: emulator.accountId,
    state: async () => ({ inventory: emulator.inventory(), now: emulator.clock.now() }),
    faults: () => emulator.faults.counts,
    stop: () => emulator.stop(),
  };
}

export async function runningRegistry(endpoint: string): Promise<RehearsalRegistry> {
  await mustAnswer(endpoint);
  const told = await stateOf(endpoint);
  return {
    endpoint,
    accountId: told?.accountId,
    state: () => stateOf(endpoint),
    faults: () => [],
    stop: async () => undefined,
  };
}

/** A handler would go on trying until its time is over; so ask first. */
async function mustAnswer(endpoint: string): Promise<void> {
  try {
    await new EcrClient(endpoint).call('us-east-1', 'DescribeRepositories', { maxResults: 1 });
  } catch (error) {
    if (!(error instanceof EcrError)) {
      throw error;
    }
  }
}

/** As `drydock emulator` tells it; other stand-ins for ECR do not. */
async function stateOf(endpoint: string): Promise<RegistryState & { readonly accountId?: string } | undefined> {
  try {
    const response = await fetch(new URL('/_drydock/state', endpoint));
    if (!response.ok) {
      return undefined;
    }
    const { inventory, now, accountId } = await response.json() as { inventory: Inventory; now: string; accountId?: string };
    return inventory?.imageDetails === undefined ? undefined : { inventory, now: Date.parse(now), accountId };
  } catch {
    return undefined;
  }
}
