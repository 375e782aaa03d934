export { copyImage } from './copy-image';
export { ecrSource } from './ecr-source';
export type { EcrSourceOptions } from './ecr-source';
export { parseDestination, parseLocation } from './location';
export type { CopyDestination, ImageLocation } from './location';
export { dockerArchiveSource } from './docker-archive-source';
export { layoutDirectorySource, layoutSource } from './layout-source';
export { fileReader } from './random-access';
export type { RandomAccess } from './random-access';
export { registrySource } from './registry-source';
export type { RegistrySourceOptions } from './registry-source';
export type {
  CopyOptions, CopyOutcome, CopyProgress, CopyState, CopySummary, ImageSource, Reading, RepositoryTarget, StoredManifest, TaggedReferrer, UploadState,
} from './types';
