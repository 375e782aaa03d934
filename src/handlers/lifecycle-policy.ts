import { failure } from './codes';
import { notPreviewed, passGate } from './gate-check';
import { inForceOf, putAndVerify, restorePolicy, saysSame } from './lifecycle-in-force';
import { LifecycleMarks, Mark } from './lifecycle-mark';
import { LifecycleSettings, policyOf, readLifecyclePolicy } from './lifecycle-properties';
import { removeLifecyclePolicy } from './lifecycle-removal';
import { physicalIdOf } from './ownership';
import { PropertyReader } from './properties';
import { Attributes, Resource } from './resource';
import { Run } from './run';
import { RepositoryAddress } from '../ecr/registry';
import { PolicyDocument } from '../lifecycle/model';

/** `Custom::DrydockLifecyclePolicy`: previews, asks the gate, puts; and takes away nothing but what it has put. */
export const lifecyclePolicy: Resource<LifecycleSettings> = {
  read: readLifecyclePolicy,
  physicalId: (run, { address }) => physicalIdOf('lifecycle-policy', address, run.event.LogicalResourceId),
  create: (run, wanted) => untilItHolds(run, wanted, { isNew: true }),
  update: (run, wanted) => untilItHolds(run, wanted, { isNew: false, policy: earlierPolicy(run, wanted.address) }),
  gone: (_run, { address, policy }) => notPreviewed(address, policy, 'the repository is gone'),
  delete: removeLifecyclePolicy,
};

/** What this resource had put on the repository before this event. */
interface Earlier {
  readonly isNew: boolean;
  readonly policy?: PolicyDocument;
}

function earlierPolicy(run: Run, address: RepositoryAddress): PolicyDocument | undefined {
  const old = new PropertyReader(run.event.OldResourceProperties ?? {}).address(run.home, false);
  const sameRepository = old.repositoryName === address.repositoryName && old.registryId === address.registryId;
  return sameRepository ? policyOf(run.event.OldResourceProperties) : undefined;
}

/** How often the decision is made anew because the policy in force changed while it was made. */
const DECISIONS = 5;

async function untilItHolds(run: Run, wanted: LifecycleSettings, earlier: Earlier): Promise<Attributes> {
  for (let decision = 1; decision <= DECISIONS; decision += 1) {
    const attributes = await decide(run, wanted, earlier);
    if (attributes !== undefined) {
      return attributes;
    }
    run.log.info('The lifecycle policy in force changed meanwhile; it is looked at again.', { repositoryName: wanted.address.repositoryName, attempts: decision });
  }
  throw failure('DD-HANDLER-303', 'LifecyclePolicy', `The lifecycle policy of ${wanted.address.repositoryName} changed each time between looking at it and putting ours.`, {
    fix: 'See in CloudTrail who else calls PutLifecyclePolicy on the repository.',
  });
}

/** Undefined when what was decided on had changed by the time it was to be done. */
async function decide(run: Run, wanted: LifecycleSettings, earlier: Earlier): Promise<Attributes | undefined> {
  const { address, text, policy, gate } = wanted;
  const marks = new LifecycleMarks(run, address);
  const inForce = await inForceOf(run, address);
  const mark = await marks.read();
  const marked = mark === undefined ? 'nobody' : mark.claim === run.identity.claim ? 'us' : 'others';
  const question = { address, text, policy, inForce, gate };
  const rollsBack = async () => run.event.RequestType === 'Update' && await run.direction() === 'rolling-back';

  if (saysSame(inForce, policy)) {
    if (marked === 'us') {
      await settle(run, marks, mark as Mark);
    } else if (earlier.isNew && !await rollsBack()) {
      await noteFound(run, wanted, marks, mark, inForce as string);
    }
    return passGate(run, question);
  }

  const foreign = inForce !== undefined && (marked === 'others' || earlier.policy === undefined || !saysSame(inForce, earlier.policy));
  if (foreign && await rollsBack()) {
    // Neither what the failed update put nor what this resource wants: our rollback does not undo somebody else's work.
    run.log.warn('The lifecycle policy in force was put by somebody else; the rollback leaves it.', { repositoryName: address.repositoryName, lifecyclePolicyText: inForce });
    return passGate(run, question);
  }
  if (foreign && !wanted.replaceExisting) {
    throw foreignPolicy(wanted, inForce, marked === 'others' ? mark : undefined);
  }
  if (!foreign && marked === 'us' && mark?.before?.text !== undefined && await rollsBack()) {
    // The update that is rolled back had replaced a foreign policy; that one is what was there before.
    await restorePolicy(run, address, policyOf(run.event.OldResourceProperties), mark.before.text);
    await marks.write(mark.origin);
    return passGate(run, { ...question, inForce: mark.before.text });
  }

  const attributes = await passGate(run, question);
  if (run.event.RequestType === 'Create') {
    await run.mustStillGoForward(() => failure('DD-HANDLER-304', 'LifecyclePolicy',
      `The stack began to roll back before the lifecycle policy of ${address.repositoryName} was put; nothing was changed.`));
  }
  run.undo.push((undoRun) => takeBack(undoRun, wanted, inForce, mark));
  if (foreign || marked === 'others') {
    await marks.write('put', { ...(inForce === undefined ? {} : { text: inForce }), ...(marked === 'others' ? { tags: mark?.tags } : {}) });
  } else if (mark?.before === undefined || await run.direction() === 'forward') {
    await marks.write('put');
  }
  return await putAndVerify(run, wanted, inForce) ? attributes : undefined;
}

/** What an earlier event had to remember is of no more use when the stack goes on from there. */
async function settle(run: Run, marks: LifecycleMarks, mark: Mark): Promise<void> {
  const unsettled = mark.before !== undefined && mark.request !== run.identity.request;
  if (unsettled && run.event.RequestType === 'Update' && await run.direction() === 'forward') {
    await marks.write(mark.origin);
  }
}

/**
 * The very policy is there already: put by nobody that we know, so it stays when this resource goes; or by another resource of ours, say this
 * construct under its former name, whose Delete must now leave it alone.
 */
async function noteFound(run: Run, wanted: LifecycleSettings, marks: LifecycleMarks, mark: Mark | undefined, inForce: string): Promise<void> {
  run.log.info('The policy is in force already; it is taken over as it is.', { repositoryName: wanted.address.repositoryName });
  run.undo.push((undoRun) => takeBack(undoRun, wanted, inForce, mark));
  await marks.write(mark?.origin ?? 'found', { text: inForce, ...(mark === undefined ? {} : { tags: mark.tags }) });
}

/** Makes the repository what it was before this event, where it is still what this event has made of it. */
async function takeBack(run: Run, { address, policy }: LifecycleSettings, inForce: string | undefined, mark: Mark | undefined): Promise<void> {
  await restorePolicy(run, address, policy, inForce);
  const marks = new LifecycleMarks(run, address);
  const now = await marks.read();
  if (now?.claim === run.identity.claim && now.request === run.identity.request) {
    await marks.reset(mark?.tags);
  }
}

const SHOWN = 350;

function foreignPolicy({ address, policy }: LifecycleSettings, inForce: string, mark: Mark | undefined): Error {
  const whose = mark === undefined ? 'that this resource did not put there' : `of stack ${mark.stackName}`;
  const shown = inForce.length > SHOWN ? `${inForce.slice(0, SHOWN)}…` : inForce;
  return failure('DD-HANDLER-301', 'LifecyclePolicy',
    `${address.repositoryName} has a lifecycle policy ${whose}; it was left as it is: ${shown}`, {
      value: policy,
      fix: 'Set replaceExisting to true to replace it (it comes back if the deployment is rolled back), take its rules over into yours, or delete it first.',
    });
}
