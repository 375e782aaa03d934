import { isRepositoryNotFound } from '../../ecr/errors';
import { ImageName } from '../../ecr/images';
import { RepositoryAddress } from '../../ecr/registry';
import { nearest } from '../../images/nearest';
import type { ImageDetail } from '../../lifecycle/model';
import { failure } from '../codes';
import { Run } from '../run';
import { imageFailure } from './failure';

/** The image that an id names; undefined when there is none. Asked by DescribeImages: BatchGetImage would count as a pull. */
export async function lookUp(run: Run, address: RepositoryAddress, imageId: ImageName): Promise<ImageDetail | undefined> {
  try {
    return await run.images.describeImage(address, imageId);
  } catch (error) {
    throw isRepositoryNotFound(error) ? noRepository(run, address, error) : error;
  }
}

/** The image that a tag stands for, ready to be pulled. `pointer`: the property that names the tag. */
export async function findByTag(run: Run, address: RepositoryAddress, imageTag: string, pointer: string): Promise<ImageDetail> {
  const image = await lookUp(run, address, { imageTag });
  if (image === undefined) {
    throw await noSuchTag(run, address, imageTag, pointer);
  }
  return pullable(address, image, pointer, imageTag);
}

/** The image that a digest names, ready to be pulled. */
export async function findByDigest(run: Run, address: RepositoryAddress, imageDigest: string, pointer: string): Promise<ImageDetail> {
  const image = await lookUp(run, address, { imageDigest });
  if (image === undefined) {
    throw imageFailure('DD-IMAGE-103', pointer, `${address.repositoryName} has no image ${imageDigest}.`, {
      value: imageDigest, fix: 'Push or copy the image before, or correct the digest.',
    });
  }
  return pullable(address, image, pointer, imageDigest);
}

function pullable(address: RepositoryAddress, image: ImageDetail, pointer: string, value: string): ImageDetail {
  const { imageStatus = 'ACTIVE', imageDigest } = image;
  if (imageStatus !== 'ACTIVE') {
    const state = imageStatus === 'ARCHIVED' ? 'is archived' : 'is being restored from the archive';
    throw imageFailure('DD-IMAGE-102', pointer, `The image ${value} of ${address.repositoryName} (${imageDigest}) ${state} and cannot be pulled.`, {
      value, fix: imageStatus === 'ARCHIVED' ? 'Restore it (aws ecr update-image-storage-class), or take another image.' : 'Deploy again when it is restored.',
    });
  }
  return image;
}

async function noSuchTag(run: Run, address: RepositoryAddress, imageTag: string, pointer: string): Promise<Error> {
  const images = await run.images.describeImages(address) ?? [];
  const tags = images.flatMap((image) => image.imageTags ?? []);
  const near = nearest(imageTag, tags, 5);
  const there = tags.length === 0
    ? `It has ${images.length === 0 ? 'no images' : 'no tags'}.`
    : `The nearest of its ${tags.length} ${tags.length === 1 ? 'tag' : 'tags'}: ${near.join(', ')}.`;
  return imageFailure('DD-IMAGE-101', pointer, `No image of ${address.repositoryName} has the tag ${JSON.stringify(imageTag)}. ${there}`, {
    value: imageTag, fix: 'Push the image before you deploy, or correct the tag.',
  });
}

function noRepository(run: Run, address: RepositoryAddress, cause: unknown): Error {
  return failure('DD-HANDLER-101', 'RepositoryName', `The repository ${address.repositoryName} does not exist in account ${run.registryIdOf(address)}, ${run.home.region}.`, {
    value: address.repositoryName, fix: 'Create it first, or correct the name, the account or the region.', cause,
  });
}
