import { createHash } from 'node:crypto';
import {
  EcrError, imageAlreadyExists, imageTagAlreadyExists, invalidParameter, layersNotFound, limitExceeded, referencedImagesNotFound,
} from '../ecr-error';
import { ParsedManifest, parseManifest } from '../manifest';
import { isFrozen } from '../mutability';
import { ImageRecord } from '../registry/records';
import { Repository } from '../registry/repository';
import { restored } from '../storage-class';
import { Context, Operation, placeOf, repositoryOf } from './context';
import { isDigest, isTag, TAG_PATTERN } from './image-ids';

export const putImage: Operation<'PutImage'> = (input, context) => {
  const repository = repositoryOf(context, input);
  const place = placeOf(context, input);
  const { imageManifest, imageTag } = input;
  if (imageTag !== undefined && !isTag(imageTag)) {
    throw invalidParameter('imageTag', `must satisfy regular expression '${TAG_PATTERN}'`);
  }
  const manifest = parseManifest(imageManifest, input.imageManifestMediaType);
  const imageDigest = digestOf(imageManifest, input.imageDigest);
  requireContent(context, repository, place, manifest);

  const known = repository.images.get(imageDigest);
  const holder = imageTag === undefined ? undefined : repository.tagged(imageTag);
  if (known && repository.manifestOf(imageDigest) === undefined) {
    // The bytes of a seeded image, seen for the first time: from now on it can be pulled, whatever else comes of this call.
    context.registry.putImage(repository, { ...known, ...factsOf(manifest) });
    context.registry.commit({ kind: 'manifest', repositoryName: input.repositoryName, imageDigest, manifest: imageManifest });
  }
  const existing = repository.images.get(imageDigest);
  if (existing?.imageStatus === 'ACTIVE' && (imageTag === undefined || holder?.imageDigest === imageDigest)) {
    throw imageAlreadyExists(place, { imageDigest, imageTag });
  }
  if (holder && holder.imageDigest !== imageDigest && isFrozen(repository.record, imageTag!)) {
    throw imageTagAlreadyExists(place, imageTag!);
  }
  // A push of an archived image restores it at once.
  // @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/restore-image.html
  const image = existing ? (existing.imageStatus === 'ACTIVE' ? existing : restored(existing, context.now)) : pushed(repository, imageDigest, manifest, context.now);
  const imageTags = imageTag === undefined || image.imageTags.includes(imageTag) ? image.imageTags : [...image.imageTags, imageTag];
  checkQuotas(context, repository, existing, imageTags);

  if (holder && holder.imageDigest !== imageDigest) {
    // The tag moves; the image that had it stays, untagged if that was its last.
    context.registry.putImage(repository, { ...holder, imageTags: holder.imageTags.filter((tag) => tag !== imageTag) });
  }
  context.registry.putImage(repository, { ...image, imageTags });
  if (!existing) {
    context.registry.commit({ kind: 'manifest', repositoryName: input.repositoryName, imageDigest, manifest: imageManifest });
  }
  return {
    image: {
      ...place,
      imageId: { imageDigest, ...(imageTag !== undefined && { imageTag }) },
      imageManifest,
      imageManifestMediaType: manifest.mediaType,
    },
  };
};

export function digestOf(imageManifest: string, expected: string | undefined): string {
  const imageDigest = `sha256:${createHash('sha256').update(imageManifest, 'utf8').digest('hex')}`;
  if (expected !== undefined && !isDigest(expected)) {
    throw invalidParameter('imageDigest', 'image digest should satisfy the regex \'[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+\'');
  }
  if (expected !== undefined && expected !== imageDigest) {
    throw new EcrError('ImageDigestDoesNotMatchException', `The provided image digest ${expected} does not match the digest of the manifest, ${imageDigest}`);
  }
  return imageDigest;
}

function requireContent(context: Context, repository: Repository, place: ReturnType<typeof placeOf>, manifest: ParsedManifest): void {
  const missingImages = (manifest.children ?? []).filter((digest) => !repository.images.has(digest));
  if (missingImages.length > 0) {
    throw referencedImagesNotFound(place, [...new Set(missingImages)]);
  }
  const missingLayers = manifest.blobs.filter(({ digest }) => !repository.layers.has(digest));
  if (!context.settings.allowMissingLayers && missingLayers.length > 0) {
    throw layersNotFound(place, missingLayers.map(({ digest }) => digest));
  }
}

/**
 * A new image. An index is as large as its largest child.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html
 */
function pushed(repository: Repository, imageDigest: string, manifest: ParsedManifest, now: number): ImageRecord {
  const sizes = manifest.children
    ? manifest.children.map((digest) => repository.images.get(digest)?.imageSizeInBytes ?? 0)
    : [manifest.blobs.reduce((sum, { digest, size }) => sum + (repository.layers.get(digest)?.layerSize ?? size), 0)];
  return {
    imageDigest,
    imageTags: [],
    imageSizeInBytes: sizes.reduce((a, b) => Math.max(a, b), 0),
    imagePushedAt: now,
    ...factsOf(manifest),
    imageStatus: 'ACTIVE',
  };
}

/** What an image record repeats of its manifest. */
function factsOf(manifest: ParsedManifest): Pick<ImageRecord, 'imageManifestMediaType' | 'artifactMediaType' | 'subjectManifestDigest' | 'children'> {
  return {
    imageManifestMediaType: manifest.mediaType,
    ...(manifest.artifactMediaType !== undefined && { artifactMediaType: manifest.artifactMediaType }),
    ...(manifest.subject !== undefined && { subjectManifestDigest: manifest.subject }),
    ...(manifest.children && { children: [...new Set(manifest.children)] }),
  };
}

function checkQuotas(context: Context, repository: Repository, existing: ImageRecord | undefined, imageTags: readonly string[]): void {
  const { quotas } = context.settings;
  if (!existing && repository.images.size >= quotas.imagesPerRepository) {
    throw limitExceeded('images in a repository', quotas.imagesPerRepository);
  }
  if (imageTags.length > quotas.tagsPerImage && imageTags.length > (existing?.imageTags.length ?? 0)) {
    throw limitExceeded('tags on an image', quotas.tagsPerImage);
  }
}
