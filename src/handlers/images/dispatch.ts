import { imageCleanup } from './image-cleanup';
import { imageCopy } from './image-copy';
import { imageDigest } from './image-digest';
import { imageTag } from './image-tag';
import { IMAGE_CLEANUP_TYPE, IMAGE_COPY_TYPE, IMAGE_DIGEST_TYPE, IMAGE_TAG_TYPE } from '../../image-resources';
import { Handler, handlerOf, HandlerOptions, Resources } from '../handler';

export type { Handler, HandlerOptions } from '../handler';

const RESOURCES: Resources = {
  [IMAGE_COPY_TYPE]: imageCopy,
  [IMAGE_DIGEST_TYPE]: imageDigest,
  [IMAGE_TAG_TYPE]: imageTag,
  [IMAGE_CLEANUP_TYPE]: imageCleanup,
};

/** The function of images. */
export function createHandler(options: HandlerOptions = {}): Handler {
  return handlerOf(RESOURCES, options);
}
