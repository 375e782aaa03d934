import { isRepositoryNotFound } from '../../ecr/errors';
import { RepositoryAddress } from '../../ecr/registry';
import type { ImageDetail } from '../../lifecycle/model';
import { epochMillis } from '../../lifecycle/time';
import { Attributes, Resource } from '../resource';
import { Run } from '../run';
import { digestBefore, idWithDigest } from './digest-memory';
import { findByTag } from './find-image';
import { ImagePropertyReader } from './image-properties';

interface Resolved {
  readonly address: RepositoryAddress;
  readonly repositoryUri: string;
  readonly imageTag: string;
  readonly imageDigest: string;
  /** Absent when a rollback leads back to an image that is gone by now. */
  readonly image?: ImageDetail;
}

/** `Custom::DrydockImageDigest`: what a tag stands for, and in a rollback what it stood for. Changes nothing. */
export const imageDigest: Resource<Resolved> = {
  async read(run) {
    const reader = new ImagePropertyReader(run);
    const address = reader.repository();
    const repositoryUri = reader.repositoryUri(address);
    const imageTag = reader.required('ImageTag', reader.imageTag('ImageTag'), 'Give the tag that is looked up.');
    reader.check('The digest cannot be looked up:');
    return { address, repositoryUri, imageTag: imageTag as string, ...await resolve(run, address, imageTag as string) };
  },
  physicalId: (run, resolved) => idWithDigest(run, 'image-digest', resolved.address, resolved.imageDigest),
  create: attributesOf,
  update: attributesOf,
  async delete(run) {
    run.log.info('Nothing was made, so there is nothing to delete.');
  },
};

async function resolve(run: Run, address: RepositoryAddress, imageTag: string): Promise<Pick<Resolved, 'imageDigest' | 'image'>> {
  const before = await digestBefore(run);
  if (before !== undefined) {
    const image = await unlessGone(() => run.images.describeImage(address, { imageDigest: before }));
    if (image === undefined) {
      run.log.warn('The stack rolls back to an image that has been deleted meanwhile.', { repositoryName: address.repositoryName, imageDigest: before });
    }
    return { imageDigest: before, image };
  }
  const image = await findByTag(run, address, imageTag, 'ImageTag');
  return { imageDigest: image.imageDigest, image };
}

/** The rollback does not fail for a repository that has been deleted meanwhile. */
async function unlessGone<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (isRepositoryNotFound(error)) {
      return undefined;
    }
    throw error;
  }
}

async function attributesOf(run: Run, resolved: Resolved): Promise<Attributes> {
  const { address, repositoryUri, imageTag, image } = resolved;
  run.log.info('The tag has been looked up.', { repositoryName: address.repositoryName, imageTag, imageDigest: resolved.imageDigest });
  return {
    RepositoryName: address.repositoryName,
    RegistryId: run.registryIdOf(address),
    ImageTag: imageTag,
    DigestHex: resolved.imageDigest.slice('sha256:'.length),
    ImageUri: `${repositoryUri}@${resolved.imageDigest}`,
    ImagePushedAt: image === undefined ? '' : new Date(epochMillis(image.imagePushedAt)).toISOString(),
    ImageSizeInBytes: image?.imageSizeInBytes === undefined ? '' : String(image.imageSizeInBytes),
    ImageManifestMediaType: image?.imageManifestMediaType ?? '',
  };
}
