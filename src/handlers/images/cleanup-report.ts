import { sha256Hex } from '../../digest';
import { images as countOf } from '../../images/cleanup/limits';
import { CleanupPlan } from '../../images/cleanup/model';
import { epochMillis } from '../../lifecycle/time';
import { Attributes } from '../resource';
import { Run } from '../run';
import { Deletion } from './cleanup-deletion';
import { CleanupWanted } from './cleanup-properties';
import { batches } from '../../lists';

/** One record of the log has so many images. */
const PAGE = 100;

/** An image of a cleanup as the log shows it. */
export interface LoggedCleanupImage {
  readonly imageDigest: string;
  readonly imageTags: readonly string[];
  readonly imagePushedAt: string;
  readonly fate: 'delete' | 'keep';
  readonly why: string;
}

/** The name of what would be deleted: an acknowledgement is bound to these very images. */
export function planHash(plan: CleanupPlan): string {
  return sha256Hex(plan.doomed.map(({ image }) => image.imageDigest).sort().join('\n')).slice(0, 16);
}

/** Every image that is meant, whatever becomes of it, a hundred a line. */
export function logPlan(run: Run, { address, mode }: CleanupWanted, plan: CleanupPlan): void {
  const record = (image: CleanupPlan['doomed'][number]['image'], fate: LoggedCleanupImage['fate'], why: string): LoggedCleanupImage => ({
    imageDigest: image.imageDigest, imageTags: image.imageTags ?? [], imagePushedAt: textOf(epochMillis(image.imagePushedAt)), fate, why,
  });
  const lines = [
    ...plan.doomed.map(({ image, role, follows }) => record(image, 'delete', role === 'selected' ? 'selected' : `${role === 'child' ? 'listed by' : 'about'} ${follows}`)),
    ...plan.kept.map(({ image, detail }) => record(image, 'keep', detail)),
  ];
  const pages = batches(lines, PAGE);
  const log = run.log.with({ repositoryName: address.repositoryName, mode, planHash: planHash(plan) });
  pages.forEach((cleanup, i) => log.info('cleanup', { page: i + 1, pages: pages.length, cleanup }));
  if (plan.missing.length > 0) {
    log.info('Digests that are meant and are not in the repository.', { digests: plan.missing });
  }
  if (plan.unread.length > 0) {
    log.info('What these indexes list was not looked at, and goes with them.', { digests: plan.unread });
  }
}

export function logDeletion(run: Run, { address }: CleanupWanted, { deleted, held, changed, failed, left }: Deletion): void {
  const log = run.log.with({ repositoryName: address.repositoryName });
  batches(deleted, PAGE).forEach((digests) => log.info('Deleted.', { digests }));
  batches(held, PAGE).forEach((digests) => log.info('Not deleted: an index that stays lists them, or what they follow stays.', { digests }));
  batches(changed, PAGE).forEach((digests) => log.warn('Not deleted: somebody has changed their tags meanwhile.', { digests }));
  batches(left, PAGE).forEach((digests) => log.warn('Not deleted: time was up.', { digests }));
  failed.forEach(({ digest, code, reason }) => log.error('Not deleted: ECR refused.', { imageDigest: digest, code, reason }));
}

/** What came of a cleanup; `deletion` is absent when nothing was to be deleted. */
export function cleanupAttributes(run: Run, { address, mode }: CleanupWanted, plan: CleanupPlan, deletion: Deletion | undefined, summary = summaryOf(plan, deletion)): Attributes {
  return {
    RepositoryName: address.repositoryName,
    RegistryId: run.registryIdOf(address),
    Mode: mode,
    PlanHash: planHash(plan),
    ImageCount: String(plan.imageCount),
    SelectedImageCount: String(plan.doomed.length),
    ProtectedImageCount: String(plan.kept.length),
    HeldImageCount: String(deletion?.held.length ?? 0),
    DeletedImageCount: String(deletion?.deleted.length ?? 0),
    FailedImageCount: String(deletion?.failed.length ?? 0),
    Summary: summary,
  };
}

function summaryOf(plan: CleanupPlan, deletion: Deletion | undefined): string {
  const kept = plan.kept.length === 0 ? '' : ` ${countOf(plan.kept.length)} that the selection means ${plan.kept.length === 1 ? 'is' : 'are'} protected.`;
  if (deletion === undefined) {
    const unread = plan.unread.length === 0 ? '' : `, and the platforms of ${plan.unread.length} ${plan.unread.length === 1 ? 'index' : 'indexes'} with them, but for what another index holds (readIndexes tells)`;
    return `Dry run: ${plan.unread.length === 0 ? '' : 'up to '}${plan.doomed.length} of ${countOf(plan.imageCount)} would be deleted${unread}.${kept}`;
  }
  const { deleted, held, changed, failed } = deletion;
  const rest = [
    ...(held.length === 0 ? [] : [`${held.length} held by an index`]), ...(changed.length === 0 ? [] : [`${changed.length} changed meanwhile`]),
    ...(failed.length === 0 ? [] : [`${failed.length} refused`]),
  ];
  return `${deleted.length} of ${countOf(plan.imageCount)} deleted${rest.length === 0 ? '' : `; ${rest.join(', ')}`}.${kept}`;
}

function textOf(time: number): string {
  return Number.isNaN(time) ? '' : new Date(time).toISOString();
}
