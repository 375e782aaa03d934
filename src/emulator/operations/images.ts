import { imageNotFound, ImageIdentifier, invalidParameter } from '../ecr-error';
import { pageOf, placeAfter } from '../pagination';
import { Context, Operation, Output, placeOf, repositoryOf } from './context';
import { ImageRecord, ImageStatus } from '../registry/records';
import { RepositoryView } from '../registry/repository';
import { epochSeconds } from '../time';
import { distinctIds, findImage } from './image-ids';

interface ImageFilter {
  readonly tagStatus?: 'TAGGED' | 'UNTAGGED' | 'ANY';
  readonly imageStatus?: ImageStatus | 'ANY';
}

/** Without a status only active images are listed. @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImagesFilter.html */
function passes(image: ImageRecord, { tagStatus = 'ANY', imageStatus = 'ACTIVE' }: ImageFilter): boolean {
  const tagged = image.imageTags.length > 0;
  return (imageStatus === 'ANY' || image.imageStatus === imageStatus)
    && (tagStatus === 'ANY' || tagged === (tagStatus === 'TAGGED'));
}

function describeImage(context: Context, repositoryName: string, image: ImageRecord): Output {
  return {
    registryId: context.registry.accountId,
    repositoryName,
    imageDigest: image.imageDigest,
    // Absent, not empty, for an untagged image.
    ...(image.imageTags.length > 0 && { imageTags: image.imageTags }),
    imageSizeInBytes: image.imageSizeInBytes,
    imagePushedAt: epochSeconds(image.imagePushedAt),
    imageManifestMediaType: image.imageManifestMediaType,
    artifactMediaType: image.artifactMediaType,
    lastRecordedPullTime: secondsOrNone(image.lastRecordedPullTime),
    subjectManifestDigest: image.subjectManifestDigest,
    imageStatus: image.imageStatus,
    lastArchivedAt: secondsOrNone(image.lastArchivedAt),
    lastActivatedAt: secondsOrNone(image.lastActivatedAt),
  };
}

const secondsOrNone = (time: number | undefined) => (time === undefined ? undefined : epochSeconds(time));

export const describeImages: Operation<'DescribeImages'> = (input, context) => {
  const repository = repositoryOf(context, input);
  const filter = input.filter ?? {};
  const describe = (image: ImageRecord) => describeImage(context, input.repositoryName, image);
  if (input.imageIds) {
    return { imageDetails: namedImages(context, repository, input.repositoryName, input.imageIds, filter).map(describe) };
  }
  const scope = ['DescribeImages', input.repositoryName, filter.tagStatus, filter.imageStatus];
  const after = input.nextToken === undefined ? undefined : context.tokens.openPage(scope, input.nextToken) as string;
  const page = pageOf(repository.sortedDigests(), after, input.maxResults ?? 100, (digest) => {
    const image = repository.images.get(digest)!;
    return passes(image, filter) ? describe(image) : undefined;
  });
  return { imageDetails: page.items, ...(page.last === undefined ? {} : { nextToken: context.tokens.sealPage(scope, page.last) }) };
};

/** One image that does not exist fails the whole call; one that the filter leaves out counts as such. */
function namedImages(
  context: Context, repository: RepositoryView, repositoryName: string, imageIds: readonly ImageIdentifier[], filter: ImageFilter,
): readonly ImageRecord[] {
  const images = new Map<string, ImageRecord>();
  for (const imageId of distinctIds(imageIds)) {
    const found = findImage(repository, imageId);
    if ('failure' in found && ['MissingDigestAndTag', 'InvalidImageDigest', 'InvalidImageTag'].includes(found.failure.failureCode)) {
      throw invalidParameter('imageIds', found.failure.failureReason);
    }
    if ('failure' in found || !passes(found.image, filter)) {
      throw imageNotFound(placeOf(context, { repositoryName }), imageId);
    }
    images.set(found.image.imageDigest, found.image);
  }
  return [...images.values()];
}

/** One entry for each tag of each image; an untagged image has one with the digest only. */
export const listImages: Operation<'ListImages'> = (input, context) => {
  const repository = repositoryOf(context, input);
  const filter = input.filter ?? {};
  const limit = input.maxResults ?? 100;
  const scope = ['ListImages', input.repositoryName, filter.tagStatus, filter.imageStatus];
  const after = input.nextToken === undefined ? undefined : context.tokens.openPage(scope, input.nextToken) as readonly [string, string];
  const digests = repository.sortedDigests();
  const imageIds: ImageIdentifier[] = [];
  // The image at which the last page ended may have more tags.
  for (let i = after ? Math.max(0, placeAfter(digests, after[0]) - 1) : 0; i < digests.length; i++) {
    const image = repository.images.get(digests[i])!;
    if (!passes(image, filter)) {
      continue;
    }
    const tags = image.imageTags.length > 0 ? [...image.imageTags].sort() : [''];
    for (const tag of tags) {
      if (after && (image.imageDigest < after[0] || (image.imageDigest === after[0] && tag <= after[1]))) {
        continue;
      }
      if (imageIds.length === limit) {
        const last = imageIds[limit - 1];
        return { imageIds, nextToken: context.tokens.sealPage(scope, [last.imageDigest, last.imageTag ?? '']) };
      }
      imageIds.push({ imageDigest: image.imageDigest, ...(tag === '' ? {} : { imageTag: tag }) });
    }
  }
  return { imageIds };
};

/** The artifacts about an image. @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImageReferrers.html */
export const listImageReferrers: Operation<'ListImageReferrers'> = (input, context) => {
  const repository = repositoryOf(context, input);
  const { artifactTypes = [], artifactStatus } = input.filter ?? {};
  const scope = ['ListImageReferrers', input.repositoryName, input.subjectId.imageDigest, artifactTypes, artifactStatus];
  const after = input.nextToken === undefined ? undefined : context.tokens.openPage(scope, input.nextToken) as string;
  const page = pageOf(repository.referrersOf(input.subjectId.imageDigest), after, input.maxResults ?? 20, (digest) => {
    const image = repository.images.get(digest)!;
    const wanted = passes(image, { imageStatus: artifactStatus })
      && (artifactTypes.length === 0 || artifactTypes.includes(image.artifactMediaType ?? ''));
    return wanted ? describeReferrer(repository, image) : undefined;
  });
  return { referrers: page.items, ...(page.last === undefined ? {} : { nextToken: context.tokens.sealPage(scope, page.last) }) };
};

export function describeReferrer(repository: RepositoryView, image: ImageRecord): Output {
  const manifest = repository.manifestOf(image.imageDigest);
  return {
    digest: image.imageDigest,
    mediaType: image.imageManifestMediaType ?? 'application/vnd.oci.image.manifest.v1+json',
    artifactType: image.artifactMediaType,
    // The size of the manifest, as in a descriptor; a seeded image has none, so its own size stands in.
    size: manifest === undefined ? image.imageSizeInBytes ?? 0 : Buffer.byteLength(manifest),
    annotations: manifest === undefined ? undefined : annotationsOf(manifest),
    artifactStatus: image.imageStatus,
  };
}

function annotationsOf(manifest: string): unknown {
  return (JSON.parse(manifest) as { readonly annotations?: unknown }).annotations;
}
