import { DrydockError } from '../../errors';
import { overLimits } from '../../images/cleanup/limits';
import { CleanupPlan } from '../../images/cleanup/model';
import { planCleanup } from '../../images/cleanup/plan';
import { inUseBy } from '../../lifecycle/in-use';
import type { ImageDetail } from '../../lifecycle/model';
import { failure } from '../codes';
import { physicalIdOf } from '../ownership';
import { Attributes, Resource } from '../resource';
import { Run } from '../run';
import { CleanupDeletion, Deletion } from './cleanup-deletion';
import { CleanupWanted, readCleanup } from './cleanup-properties';
import { cleanupAttributes, logDeletion, logPlan, planHash } from './cleanup-report';
import { imageFailure } from './failure';
import { IndexChildren } from './index-children';
import { whoRuns } from './who-runs';

/**
 * `Custom::DrydockImageCleanup`: deletes images once, when it is created or changed. What is deleted does not come back in a rollback, so everything is
 * judged before the first image goes, and a stack that rolls back deletes nothing.
 */
export const imageCleanup: Resource<CleanupWanted> = {
  read: readCleanup,
  physicalId: (run, { address }) => physicalIdOf('image-cleanup', address, run.event.LogicalResourceId),
  create: cleanUp,
  update: cleanUp,
  gone: (run, wanted) => cleanupAttributes(run, wanted, NOTHING, undefined, 'Nothing was deleted: the repository is gone.'),
  async delete(run) {
    run.log.info('What has been deleted is gone, and there is nothing else to delete.');
  },
};

const NOTHING: CleanupPlan = { imageCount: 0, doomed: [], kept: [], missing: [], unread: [] };

async function cleanUp(run: Run, wanted: CleanupWanted): Promise<Attributes> {
  const images = await run.images.describeImages(wanted.address);
  if (images === undefined) {
    const { repositoryName } = wanted.address;
    throw failure('DD-HANDLER-101', 'RepositoryName', `The repository ${repositoryName} does not exist in account ${run.registryIdOf(wanted.address)}, ${run.home.region}.`, {
      value: repositoryName, fix: 'Create it first, or correct the name, the account or the region.',
    });
  }
  const why = wanted.mode === 'delete' ? await whyNothing(run) : undefined;
  const plan = await planOf(run, wanted, images, why === undefined);
  logPlan(run, wanted, plan);
  if (why !== undefined) {
    run.log.warn(`Nothing is deleted: ${why}.`, { repositoryName: wanted.address.repositoryName });
    return cleanupAttributes(run, wanted, plan, undefined, `Nothing was deleted: ${why}.`);
  }
  if (wanted.mode === 'dry-run') {
    return finished(run, cleanupAttributes(run, wanted, plan, undefined));
  }
  checkLimits(wanted, plan);
  const deletion = await new CleanupDeletion(run, wanted.address, plan.doomed).perform();
  logDeletion(run, wanted, deletion);
  checkDeletion(wanted, plan, deletion);
  return finished(run, cleanupAttributes(run, wanted, plan, deletion));
}

/** Asked before anything else: a rollback deletes nothing, and must not fail, whatever could be said of the images. */
async function whyNothing(run: Run): Promise<string | undefined> {
  const direction = await run.direction();
  if (direction === 'rolling-back') {
    return 'the stack rolls back';
  }
  return direction === 'unknown' && run.event.RequestType === 'Update' ? 'CloudFormation could not be asked whether the stack rolls back' : undefined;
}

/**
 * In a dry run no manifest is read unless it is asked for: that would count as a pull, and a later run would spare what was pulled. `looks`: whether anything is
 * asked for besides the images themselves.
 */
async function planOf(run: Run, wanted: CleanupWanted, images: readonly ImageDetail[], looks: boolean): Promise<CleanupPlan> {
  const children = new IndexChildren(run, wanted.address);
  const running = looks ? await whoRuns(run, wanted) : [];
  const plan = () => planCleanup(wanted.settings, {
    images, now: new Date(run.registry.now() ?? NaN), children: children.known,
    // Again each time: the more is known of indexes, the more is in use with them.
    inUse: inUseBy({ imageDetails: images, manifestChildren: Object.fromEntries(children.known) }, wanted.repositoryUri, running),
  });
  if (wanted.readsIndexes && looks) {
    await children.readAll(images);
  }
  let present = plan();
  // An index may list indexes.
  while (wanted.mode === 'delete' && looks && present.unread.length > 0) {
    await children.read(present.unread);
    present = plan();
  }
  return present;
}

function checkLimits({ settings, acknowledged, address }: CleanupWanted, plan: CleanupPlan): void {
  const over = overLimits(plan, settings);
  const hash = planHash(plan);
  if (over.length > 0 && !acknowledged.includes(hash)) {
    throw new DrydockError(over.map((one) => ({
      ...one, fix: `Look at the images in the log of the function, then narrow the selection, ${one.fix}, or put '${hash}' into acknowledgedPlans to delete exactly these.`,
    })), { heading: `Nothing of ${address.repositoryName} was deleted.` });
  }
}

function checkDeletion({ address, onFailure }: CleanupWanted, plan: CleanupPlan, { deleted, failed, left }: Deletion): void {
  if (left.length > 0) {
    throw imageFailure('DD-IMAGE-304', 'Handler', `Time was up when ${deleted.length} of ${plan.doomed.length} images of ${address.repositoryName} were deleted. They do not come back.`, {
      value: left.length, fix: 'Deploy again: it goes on with the rest.',
    });
  }
  if (failed.length > 0 && onFailure === 'fail') {
    const shown = failed.slice(0, 3).map(({ digest, code, reason }) => `${digest}: ${code}: ${reason}`).join('; ');
    throw imageFailure('DD-IMAGE-303', 'Selections',
      `ECR refused to delete ${failed.length} of ${plan.doomed.length} images of ${address.repositoryName}; ${deleted.length} are gone. ${shown}${failed.length > 3 ? `; and ${failed.length - 3} more in the log` : ''}.`, {
        value: failed.length, fix: 'See the reasons. With onFailure: CleanupFailure.REPORT the deployment goes on nevertheless.',
      });
  }
}

function finished(run: Run, attributes: Attributes): Attributes {
  run.log.info(attributes.Summary, { repositoryName: attributes.RepositoryName });
  return attributes;
}
