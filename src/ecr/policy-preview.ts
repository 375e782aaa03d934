import { isInvalidParameter, isPreviewInProgress } from './errors';
import { ImageReader, PreviewPage, PreviewResult } from './images';
import { RepositoryAddress } from './registry';
import { Budget, isTimeIsUp, TimeIsUp } from './retry';
import { samePolicy } from '../lifecycle/canonical';
import { PolicyDocument } from '../lifecycle/model';
import { validatePolicyText } from '../lifecycle/validate';

export interface PreviewTiming {
  readonly previewPollMillis: number;
  readonly previewPollMaxMillis: number;
  /** How often a preview is begun anew because somebody else's took its place. */
  readonly previewRestarts: number;
}

/** `failed` and `expired`: twice, in ECR's words. `replaced`: previews of other policies took our place again and again. */
export class PreviewLost extends Error {
  public readonly name = 'PreviewLost';

  constructor(public readonly how: 'failed' | 'expired' | 'replaced', repositoryName: string) {
    super(`The preview on ${repositoryName} was lost: ${how}.`);
  }
}

export function isPreviewLost(error: unknown): error is PreviewLost {
  return error instanceof Error && error.name === 'PreviewLost';
}

type Outcome = { readonly results: readonly PreviewResult[] } | 'failed' | 'expired' | 'not-ours';

/**
 * What ECR itself says that a policy would do. One preview exists for each repository, and anybody may replace it. So the text of every page is
 * compared, and the preview is begun again when it is not ours. The SDK's own waiter is of no use: it takes every error for "not yet", and EXPIRED too.
 */
export class PolicyPreviewer {
  constructor(
    private readonly images: ImageReader,
    private readonly budget: Budget,
    private readonly timing: PreviewTiming,
    private readonly note: (message: string, fields: { readonly repositoryName: string; readonly reason?: string; readonly attempts?: number }) => void = () => undefined,
  ) {}

  /** The images that the policy acts on. Throws PreviewLost. */
  public async preview(address: RepositoryAddress, text: string): Promise<readonly PreviewResult[]> {
    const { repositoryName } = address;
    const lost = { failed: 0, expired: 0 };
    for (let restarts = 0; restarts <= this.timing.previewRestarts; restarts += 1) {
      const outcome = await this.attempt(address, text);
      if (typeof outcome === 'object') {
        return outcome.results;
      }
      if (outcome !== 'not-ours' && (lost[outcome] += 1) > 1) {
        throw new PreviewLost(outcome, repositoryName);
      }
      this.note('The preview is begun again.', { repositoryName, reason: outcome, attempts: restarts + 1 });
    }
    throw new PreviewLost('replaced', repositoryName);
  }

  private async attempt(address: RepositoryAddress, text: string): Promise<Outcome> {
    try {
      await this.begin(address, text);
      return await this.wait(address, text);
    } catch (error) {
      throw isTimeIsUp(error) ? new TimeIsUp(`Time was up while ECR previewed the policy on ${address.repositoryName}.`, { cause: error.cause }) : error;
    }
  }

  /** Returns when a preview of our text is under way, begun by us or at this moment by somebody else. */
  private async begin(address: RepositoryAddress, text: string): Promise<void> {
    const { previewPollMillis, previewPollMaxMillis } = this.timing;
    for (let polls = 0; ; polls += 1) {
      const inTheWay = await this.budget.persist(async () => {
        try {
          await this.images.startPreview(address, text);
          return undefined;
        } catch (error) {
          if (isPreviewInProgress(error)) {
            return error;
          }
          throw error;
        }
      });
      if (inTheWay === undefined) {
        return;
      }
      const running = await this.images.previewPage(address);
      if (running !== undefined && running.status === 'IN_PROGRESS' && sameText(running.lifecyclePolicyText, text)) {
        return;
      }
      if (polls === 0) {
        this.note('Another preview is in progress; ours waits.', { repositoryName: address.repositoryName });
      }
      // Whoever began it should find time to read it, too.
      const pause = running?.status === 'COMPLETE' ? previewPollMaxMillis : Math.min(previewPollMaxMillis, previewPollMillis * 2 ** polls);
      await this.budget.wait(pause * (0.75 + Math.random() / 2), inTheWay);
    }
  }

  private async wait(address: RepositoryAddress, text: string): Promise<Outcome> {
    const { previewPollMillis, previewPollMaxMillis } = this.timing;
    for (let polls = 0; ; polls += 1) {
      const page = await this.images.previewPage(address);
      if (page === undefined || !sameText(page.lifecyclePolicyText, text)) {
        return 'not-ours';
      }
      switch (page.status) {
        case 'COMPLETE': {
          const results = [...page.results];
          let next = page;
          while (next.nextToken !== undefined) {
            const following = await this.nextPage(address, next.nextToken);
            if (following === undefined || following.status !== 'COMPLETE' || !sameText(following.lifecyclePolicyText, text)) {
              return 'not-ours';
            }
            results.push(...following.results);
            next = following;
          }
          return { results };
        }
        case 'FAILED': return 'failed';
        case 'EXPIRED': return 'expired';
        default: await this.budget.wait(
          Math.min(previewPollMaxMillis, previewPollMillis * 2 ** Math.min(polls, 10)),
          new Error(`ECR has not finished the preview; its status is ${page.status}.`),
        );
      }
    }
  }

  /** A token of a preview that has been replaced means nothing to the new one. */
  private async nextPage(address: RepositoryAddress, token: string): Promise<PreviewPage | undefined> {
    try {
      return await this.images.previewPage(address, token);
    } catch (error) {
      if (isInvalidParameter(error)) {
        return undefined;
      }
      throw error;
    }
  }
}

/** ECR's samples echo the text; a policy that says the same previews the same. */
function sameText(a: string, b: string): boolean {
  if (a === b) {
    return true;
  }
  const [one, other] = [parsedPolicy(a), parsedPolicy(b)];
  return one !== undefined && other !== undefined && samePolicy(one, other);
}

/** The policy in a text, where it is one that ECR could have. */
export function parsedPolicy(text: string | undefined): PolicyDocument | undefined {
  return text === undefined ? undefined : validatePolicyText(text).policy;
}
