import { resolve } from 'node:path';
import { cliError } from './codes';
import { ownRegistry } from './rehearsal-registry';
import { Inventory } from '../lifecycle/model';
import { RehearsalSession, RehearsalState } from '../rehearsal';

export interface DeployedOptions {
  readonly assembly: string;
  readonly stacks?: readonly string[];
  readonly parameters?: Readonly<Record<string, string>>;
  readonly now?: Date;
  readonly seed?: Inventory;
  readonly iam?: boolean;
}

/** What an app leaves in an empty registry, and the state of its stacks. */
export async function deployedBefore({ assembly, stacks, parameters, now, seed, iam }: DeployedOptions): Promise<{ inventory: Inventory; state: RehearsalState }> {
  const registry = await ownRegistry({ now, accountId: accountOf(seed) });
  try {
    const session = await RehearsalSession.open({ ecrEndpoint: registry.endpoint, accountId: registry.accountId, iam });
    try {
      const result = await session.run({ assembly: resolve(assembly), stacks, parameters });
      if (!result.ok) {
        const reason = result.stacks.find((stack) => stack.reason !== undefined)?.reason;
        throw cliError('DD-CLI-005', '--deployed', `The app cannot be deployed into an empty registry: ${reason ?? 'see the events of a rehearsal with --app'}.`, undefined, assembly);
      }
      return { inventory: (await registry.state())!.inventory, state: result.state };
    } finally {
      await session.close();
    }
  } finally {
    await registry.stop();
  }
}

/** The seed's images in the repositories as the deployed app made them. */
export function seedFor(seed: Inventory | undefined, deployed: Inventory | undefined): Inventory | undefined {
  if (seed === undefined || deployed === undefined) {
    return seed ?? deployed;
  }
  const made = new Set((deployed.repositories ?? []).map(({ repositoryName }) => repositoryName));
  return {
    repositories: [...deployed.repositories ?? [], ...(seed.repositories ?? []).filter(({ repositoryName }) => !made.has(repositoryName))],
    imageDetails: seed.imageDetails,
    manifestChildren: seed.manifestChildren,
  };
}

/** The account that the seed names, if it does. */
function accountOf(seed: Inventory | undefined): string | undefined {
  return [...seed?.repositories ?? [], ...seed?.imageDetails ?? []].find(({ registryId }) => registryId !== undefined)?.registryId;
}
