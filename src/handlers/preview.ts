import { failure } from './codes';
import { Run } from './run';
import { isInvalidParameter, isPreviewInProgress } from '../ecr/errors';
import { PreviewPage, PreviewResult } from '../ecr/images';
import { RepositoryAddress } from '../ecr/registry';
import { isTimeIsUp, TimeIsUp } from '../ecr/retry';
import { samePolicy } from '../lifecycle/canonical';
import { PreviewedImage } from '../lifecycle/gate';
import { ImageDetail, PolicyDocument } from '../lifecycle/model';
import { validatePolicyText } from '../lifecycle/validate';

/** What a policy would do to a repository, in ECR's own judgement. */
export interface Preview {
  /** Every image of the repository, archived ones included. */
  readonly described: readonly ImageDetail[];
  /** The images that the policy acts on. */
  readonly images: readonly PreviewedImage[];
  /** The registry's own time of the judgement. */
  readonly now: number;
}

/** Previews `text`, and, to tell what is new in it, the policy in force. Undefined: there is no repository or no image to lose. */
export async function preview(run: Run, address: RepositoryAddress, text: string, inForce: string | undefined): Promise<Preview | undefined> {
  const described = await run.images.describeImages(address);
  if (described === undefined || described.length === 0) {
    return undefined;
  }
  const now = run.registry.now();
  if (now === undefined) {
    throw failure('DD-HANDLER-401', 'PreviewGate', 'The registry did not say what time it is (no Date header), so ages cannot be judged.');
  }
  const results = await previewText(run, address, text);
  const before = inForce === undefined || results.length === 0 ? [] : await baseline(run, address, inForce);
  const acted = new Map(before.map((result) => [result.imageDigest, result.action?.type]));
  const byDigest = new Map(described.map((image) => [image.imageDigest, image]));
  const images = results.map((result): PreviewedImage => {
    const known = byDigest.get(result.imageDigest ?? '');
    const action = result.action?.type === 'TRANSITION' ? 'TRANSITION' : 'EXPIRE';
    const earlier = acted.get(result.imageDigest);
    return {
      imageDigest: result.imageDigest ?? '',
      imageTags: result.imageTags ?? [],
      imagePushedAt: result.imagePushedAt ?? known?.imagePushedAt ?? new Date(now),
      ...(known?.lastRecordedPullTime === undefined ? {} : { lastRecordedPullTime: known.lastRecordedPullTime }),
      ...(known?.imageSizeInBytes === undefined ? {} : { imageSizeInBytes: known.imageSizeInBytes }),
      action,
      appliedRulePriority: result.appliedRulePriority ?? 0,
      newly: earlier === undefined || (earlier === 'TRANSITION' && action === 'EXPIRE'),
    };
  });
  return { described, images, now };
}

async function baseline(run: Run, address: RepositoryAddress, inForce: string): Promise<readonly PreviewResult[]> {
  try {
    return await previewText(run, address, inForce);
  } catch (error) {
    if (!isInvalidParameter(error)) {
      throw error;
    }
    run.log.warn('ECR does not preview the policy in force; everything that the new one acts on counts as new.', { repositoryName: address.repositoryName });
    return [];
  }
}

type Outcome = { readonly results: readonly PreviewResult[] } | 'failed' | 'expired' | 'not-ours';

/**
 * One preview exists for each repository, and anybody may replace it. So the text of every page is compared, and the preview is begun
 * again when it is not ours. The SDK's own waiter is of no use: it takes every error for "not yet", and EXPIRED too.
 */
async function previewText(run: Run, address: RepositoryAddress, text: string): Promise<readonly PreviewResult[]> {
  const lost = { failed: 0, expired: 0 };
  for (let restarts = 0; restarts <= run.timing.previewRestarts; restarts += 1) {
    const outcome = await attempt(run, address, text);
    if (typeof outcome === 'object') {
      return outcome.results;
    }
    if (outcome !== 'not-ours' && (lost[outcome] += 1) > 1) {
      throw outcome === 'failed'
        ? failure('DD-HANDLER-401', 'LifecyclePolicy', `ECR answered FAILED, twice, to the preview of the policy on ${address.repositoryName}. Nothing was changed.`, {
          fix: 'Deploy again later; if it goes on, see whether the console previews the policy.',
        })
        : failure('DD-HANDLER-402', 'LifecyclePolicy', `The preview on ${address.repositoryName} expired, twice, before it could be read. Nothing was changed.`, { fix: 'Deploy again later.' });
    }
    run.log.info('The preview is begun again.', { repositoryName: address.repositoryName, reason: outcome, attempts: restarts + 1 });
  }
  throw failure('DD-HANDLER-403', 'LifecyclePolicy', `Previews of other policies on ${address.repositoryName} replaced ours again and again. Nothing was changed.`, {
    fix: 'Deploy again when nobody else previews policies on this repository.',
  });
}

async function attempt(run: Run, address: RepositoryAddress, text: string): Promise<Outcome> {
  try {
    await begin(run, address, text);
    return await wait(run, address, text);
  } catch (error) {
    throw isTimeIsUp(error) ? new TimeIsUp(`Time was up while ECR previewed the policy on ${address.repositoryName}.`, { cause: error.cause }) : error;
  }
}

/** Returns when a preview of our text is under way, begun by us or at this moment by somebody else. */
async function begin(run: Run, address: RepositoryAddress, text: string): Promise<void> {
  const { previewPollMillis, previewPollMaxMillis } = run.timing;
  for (let polls = 0; ; polls += 1) {
    const inTheWay = await run.budget.persist(async () => {
      try {
        await run.images.startPreview(address, text);
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
    const running = await run.images.previewPage(address);
    if (running !== undefined && running.status === 'IN_PROGRESS' && sameText(running.lifecyclePolicyText, text)) {
      return;
    }
    if (polls === 0) {
      run.log.info('Another preview is in progress; ours waits.', { repositoryName: address.repositoryName });
    }
    // Whoever began it should find time to read it, too.
    const pause = running?.status === 'COMPLETE' ? previewPollMaxMillis : Math.min(previewPollMaxMillis, previewPollMillis * 2 ** polls);
    await run.budget.wait(pause * (0.75 + Math.random() / 2), inTheWay);
  }
}

async function wait(run: Run, address: RepositoryAddress, text: string): Promise<Outcome> {
  const { previewPollMillis, previewPollMaxMillis } = run.timing;
  for (let polls = 0; ; polls += 1) {
    const page = await run.images.previewPage(address);
    if (page === undefined || !sameText(page.lifecyclePolicyText, text)) {
      return 'not-ours';
    }
    switch (page.status) {
      case 'COMPLETE': {
        const results = [...page.results];
        let next = page;
        while (next.nextToken !== undefined) {
          const following = await nextPage(run, address, next.nextToken);
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
      default: await run.budget.wait(
        Math.min(previewPollMaxMillis, previewPollMillis * 2 ** Math.min(polls, 10)),
        new Error(`ECR has not finished the preview; its status is ${page.status}.`),
      );
    }
  }
}

/** A token of a preview that has been replaced means nothing to the new one. */
async function nextPage(run: Run, address: RepositoryAddress, token: string): Promise<PreviewPage | undefined> {
  try {
    return await run.images.previewPage(address, token);
  } catch (error) {
    if (isInvalidParameter(error)) {
      return undefined;
    }
    throw error;
  }
}

/** ECR's samples echo the text; a policy that says the same previews the same. */
function sameText(a: string, b: string): boolean {
  if (a === b) {
    return true;
  }
  const [one, other] = [parsed(a), parsed(b)];
  return one !== undefined && other !== undefined && samePolicy(one, other);
}

/** The policy in a text, where it is one that ECR could have. */
export function parsed(text: string | undefined): PolicyDocument | undefined {
  return text === undefined ? undefined : validatePolicyText(text).policy;
}
