import { operationOf } from '../../ecr/errors';
import { isTimeIsUp } from '../../ecr/retry';
import type { InUseReference } from '../../lifecycle/in-use';
import { Run } from '../run';
import { CleanupWanted } from './cleanup-properties';
import { imageFailure } from './failure';

/** What runs, as far as the cleanup is told or may look, in the account and Region of the stack. */
export async function whoRuns(run: Run, { address, references, inUse }: CleanupWanted): Promise<InUseReference[]> {
  const told = references.map((reference) => ({ reference, by: reference }));
  if (inUse.length === 0) {
    return told;
  }
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { referencesInUse } = require('./in-use') as typeof import('./in-use');
    const found = await Promise.all(inUse.map((source) => referencesInUse(source, { region: run.home.region, ...run.connection.options }, run.budget)));
    return [...told, ...found.flat()];
  } catch (error) {
    if (isTimeIsUp(error)) {
      throw error;
    }
    throw imageFailure('DD-IMAGE-305', 'InUse', `Which images of ${address.repositoryName} are in use could not be found out (${operationOf(error) ?? 'no call was made'}): ${(error as Error).message}`, {
      fix: 'See that the function may make the call. Nothing was deleted.', cause: error,
    });
  }
}
