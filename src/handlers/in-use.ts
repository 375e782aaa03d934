import { Run } from './run';
import { referencesInUse } from '../ecr/in-use';
import { RepositoryAddress } from '../ecr/registry';
import { InUseSource } from '../lifecycle/gate';
import { inUseBy } from '../lifecycle/in-use';
import { ImageDetail } from '../lifecycle/model';

/** Who runs the images of a repository, by digest, in the account and Region of the stack. */
export async function imagesInUse(
  run: Pick<Run, 'budget' | 'connection' | 'home' | 'registryIdOf'>, address: RepositoryAddress, sources: readonly InUseSource[], imageDetails: readonly ImageDetail[],
): Promise<Map<string, string[]>> {
  const found = await Promise.all(sources.map((source) => referencesInUse(source, { region: run.home.region, ...run.connection.options }, run.budget)));
  return inUseBy({ imageDetails }, `${run.registryIdOf(address)}.dkr.ecr.${run.home.region}.amazonaws.com/${address.repositoryName}`, found.flat());
}
