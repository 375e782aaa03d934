import { copyImage, ecrSource } from '../../copy';
import { RepositoryAddress } from '../../ecr/registry';
import { Run } from '../run';
import { imageFailure } from './failure';

/** Of layers that are held at once; the function has a gigabyte. */
const MEMORY_BYTES = 256 * 1024 * 1024;

/** Puts a tag on an image of another repository: what the repository of the tag does not have of it is copied before, signatures and SBOMs included. */
export async function promoteFrom(run: Run, from: RepositoryAddress, to: RepositoryAddress, imageTag: string, imageDigest: string): Promise<void> {
  const source = ecrSource(run.connection, { ...from, reference: imageDigest });
  try {
    const outcome = await copyImage({
      source, destination: { connection: run.connection, address: to }, tags: [imageTag], referrers: true, signal: run.budget.signal, memoryBytes: MEMORY_BYTES, retry: run.timing,
    });
    if (!outcome.finished) {
      throw imageFailure('DD-IMAGE-206', 'SourceRepositoryName', `The image ${imageDigest} of ${from.repositoryName} could not be copied within the time of the function. The tag was not put.`, {
        value: imageDigest, fix: 'Deploy again: layers that are complete are not moved again. For images that take longer use ImageCopy.',
      });
    }
    const { put: { manifests }, moved: { blobs, bytes } } = outcome;
    run.log.info('The image has been copied.', { repositoryName: to.repositoryName, imageDigest, counts: { manifests: manifests.length, blobs, bytes } });
  } finally {
    await source.close();
  }
}
