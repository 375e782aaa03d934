export { copyImage } from './copy-image';
export type {
  CopyOptions, CopyOutcome, CopyProgress, CopyState, CopySummary, ImageSource, Reading, RepositoryTarget, StoredManifest, TaggedReferrer, UploadState,
} from './types';
