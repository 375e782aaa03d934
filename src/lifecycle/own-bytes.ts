import { ImageDetail } from './model';
import { isIndexType } from '../images/media-types';

/** What an image adds to a repository: an index has the size of its largest child, which is an image by itself. */
export function ownBytes({ imageManifestMediaType, imageSizeInBytes = 0 }: ImageDetail): number {
  return isIndexType(imageManifestMediaType) ? 0 : imageSizeInBytes;
}

/** The sizes of the images, one by one: layers are shared, and nobody says which. */
export function bytesOf(images: readonly ImageDetail[]): number {
  return images.reduce((sum, image) => sum + ownBytes(image), 0);
}
