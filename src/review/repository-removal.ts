import { DeclaredRepository } from './declared';
import { imagesText, Known } from './registries';

export type Removal = 'removed' | 'replaced';

/** What becomes of a repository that its resource lets go. */
export interface Fate {
  /** It stays in the registry. */
  readonly isLeft: boolean;
  /** It goes, and images with it; `undetermined` where nobody knows whether it holds any. */
  readonly loses?: 'block' | 'undetermined';
  /** It was to be deleted, and ECR refuses. */
  readonly isRefused: boolean;
  /** A clause that ends the sentence. */
  readonly text: string;
  readonly fix: string;
}

export function removed(declared: DeclaredRepository, known: Known, how: Removal): Fate {
  const images = imagesText(known);
  if (how === 'removed' ? declared.isRetained : declared.isRetainedOnReplace) {
    const text = how === 'removed' ? `it stays in the registry with ${images}, and no stack manages it.` : 'they stay in the old repository, which no stack manages from then on.';
    return { isLeft: true, isRefused: false, text, fix: 'Nothing, when that is meant.' };
  }
  if (known.isRead && known.state === undefined) {
    return { isLeft: false, isRefused: false, text: 'the registry does not have it any more.', fix: 'Nothing.' };
  }
  const keep = 'Keep it with RemovalPolicy.RETAIN (deploy that first), or delete the images yourself.';
  if (declared.emptyOnDelete) {
    return known.imageCount === 0
      ? { isLeft: false, isRefused: false, text: 'it is deleted; it holds no images.', fix: 'Nothing, when that is meant.' }
      : {
        isLeft: false, isRefused: false, loses: known.imageCount === undefined ? 'undetermined' : 'block', text: `it is deleted with ${images} (EmptyOnDelete).`,
        fix: 'Keep it with RemovalPolicy.RETAIN (deploy that first), or accept the loss with --accept.',
      };
  }
  if (known.imageCount === undefined || known.imageCount === 0) {
    return {
      isLeft: false, isRefused: false, fix: 'Nothing, when that is meant.',
      text: known.imageCount === 0 ? 'it is deleted; it holds no images.' : 'it is deleted, unless it holds images: then ECR refuses, and it is left to nobody.',
    };
  }
  // In the clean-up after an update, CloudFormation goes on without what it cannot delete.
  return {
    isLeft: true, isRefused: true, fix: keep,
    text: how === 'replaced'
      ? 'they stay in the old repository, which ECR does not delete because of them and which no stack manages from then on.'
      : `it holds ${images} and EmptyOnDelete is not set, so ECR refuses to delete it: CloudFormation goes on without, and leaves it to nobody.`,
  };
}
