import { restorePolicy, saysSame } from './lifecycle-in-force';
import { LifecycleMarks, Mark } from './lifecycle-mark';
import { policyOf } from './lifecycle-properties';
import { addressInPhysicalId } from './ownership';
import { PropertyReader } from './properties';
import { isRepositoryName } from '../resources';
import { Run } from './run';
import { isRepositoryNotFound } from '../ecr/errors';
import { RepositoryAddress } from '../ecr/registry';

/**
 * Removes the policy if it is in force and was put by this resource. When the creation of this resource is what is rolled back, what it had met
 * comes back.
 */
export async function removeLifecyclePolicy(run: Run): Promise<void> {
  const address = addressOf(run);
  if (address === undefined) {
    run.log.warn('Neither the properties nor the id name a repository; there is nothing to delete.');
    return;
  }
  const log = run.log.with({ repositoryName: address.repositoryName });
  try {
    await run.registry.getLifecyclePolicy(address);
  } catch (error) {
    if (isRepositoryNotFound(error)) {
      log.info('The repository does not exist any more.');
      return;
    }
    throw error;
  }
  const marks = new LifecycleMarks(run, address);
  const mark = await marks.read();
  if (mark !== undefined && mark.claim !== run.identity.claim) {
    log.info(`The lifecycle policy is a matter of stack ${mark.stackName} by now; it is left alone.`);
    return;
  }
  if (mark === undefined && !await marks.mayBeMissing()) {
    log.info('The lifecycle policy bears no mark of this resource; it is left alone.');
    return;
  }
  await remove(run, address, marks, mark);
}

async function remove(run: Run, address: RepositoryAddress, marks: LifecycleMarks, mark: Mark | undefined): Promise<void> {
  const log = run.log.with({ repositoryName: address.repositoryName });
  const ours = policyOf(run.event.ResourceProperties);
  const direction = mark?.before === undefined ? 'forward' : await run.direction();
  if (direction === 'rolling-back') {
    await restorePolicy(run, address, ours, mark?.before?.text);
    await marks.reset(mark?.before?.tags);
    log.info('The creation is taken back: what was in force before is in force again.');
    return;
  }
  if (mark?.origin === 'found' || (direction === 'unknown' && saysSame(mark?.before?.text, ours))) {
    log.info('The lifecycle policy was there before this resource; it is left alone.');
    await marks.reset(direction === 'unknown' ? mark?.tags : undefined);
    return;
  }
  const isGone = await restorePolicy(run, address, ours, undefined);
  if (direction === 'unknown') {
    // No policy at all deletes no image; what this resource had replaced stays in the tags.
    log.warn('Whether the stack rolls back is unknown, so the policy that this resource had replaced is not put back. It is:', { lifecyclePolicyText: mark?.before?.text });
    return;
  }
  await marks.reset();
  if (isGone) {
    log.info('The lifecycle policy has been removed.');
  }
}

function addressOf(run: Run): RepositoryAddress | undefined {
  const address = new PropertyReader(run.event.ResourceProperties).address(run.home, false);
  return isRepositoryName(address.repositoryName) ? address : addressInPhysicalId(run.event.PhysicalResourceId ?? '');
}

