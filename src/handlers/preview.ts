import { failure } from './codes';
import { Run } from './run';
import { isInvalidParameter } from '../ecr/errors';
import { PreviewResult } from '../ecr/images';
import { isPreviewLost, PolicyPreviewer, PreviewLost } from '../ecr/policy-preview';
import { RepositoryAddress } from '../ecr/registry';
import { DrydockError } from '../errors';
import { PreviewedImage } from '../lifecycle/gate';
import { ImageDetail } from '../lifecycle/model';

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

/** ECR's own preview of a text. */
async function previewText(run: Run, address: RepositoryAddress, text: string): Promise<readonly PreviewResult[]> {
  const previewer = new PolicyPreviewer(run.images, run.budget, run.timing, (message, fields) => run.log.info(message, { ...fields }));
  try {
    return await previewer.preview(address, text);
  } catch (error) {
    throw isPreviewLost(error) ? lost(error, address.repositoryName) : error;
  }
}

function lost({ how }: PreviewLost, repositoryName: string): DrydockError {
  switch (how) {
    case 'failed': return failure('DD-HANDLER-401', 'LifecyclePolicy', `ECR answered FAILED, twice, to the preview of the policy on ${repositoryName}. Nothing was changed.`, {
      fix: 'Deploy again later; if it goes on, see whether the console previews the policy.',
    });
    case 'expired': return failure('DD-HANDLER-402', 'LifecyclePolicy', `The preview on ${repositoryName} expired, twice, before it could be read. Nothing was changed.`, { fix: 'Deploy again later.' });
    case 'replaced': return failure('DD-HANDLER-403', 'LifecyclePolicy', `Previews of other policies on ${repositoryName} replaced ours again and again. Nothing was changed.`, {
      fix: 'Deploy again when nobody else previews policies on this repository.',
    });
  }
}
