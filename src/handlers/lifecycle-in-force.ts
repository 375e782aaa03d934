import { failure } from './codes';
import { LifecycleSettings } from './lifecycle-properties';
import { Run } from './run';
import { isRepositoryNotFound } from '../ecr/errors';
import { parsedPolicy } from '../ecr/policy-preview';
import { RepositoryAddress } from '../ecr/registry';
import { samePolicy } from '../lifecycle/canonical';
import { PolicyDocument } from '../lifecycle/model';

/** The policy in force, as ECR gives it; undefined when there is none. */
export async function inForceOf(run: Run, address: RepositoryAddress): Promise<string | undefined> {
  try {
    return await run.registry.getLifecyclePolicy(address);
  } catch (error) {
    throw isRepositoryNotFound(error) ? repositoryMissing(run, address, error) : error;
  }
}

export function repositoryMissing(run: Run, address: RepositoryAddress, cause: unknown): Error {
  return failure('DD-HANDLER-101', 'RepositoryName', `There is no repository ${address.repositoryName} in registry ${run.registryIdOf(address)}, Region ${run.home.region}.`, {
    value: address.repositoryName, fix: 'Create it first, in this Region, or correct the name.', cause,
  });
}

export function saysSame(text: string | undefined, policy: PolicyDocument | undefined): boolean {
  const document = parsedPolicy(text);
  return document !== undefined && policy !== undefined && samePolicy(document, policy);
}

/**
 * Puts the policy, if what is in force is still what was decided on, and reads it back. False: it is not; nothing was put. An attempt that fails
 * is not simply sent again: what is in force is looked at first.
 */
export async function putAndVerify(run: Run, { address, policy, text }: LifecycleSettings, decidedOn: string | undefined): Promise<boolean> {
  const done = await run.budget.persist(async () => {
    const now = await inForceOf(run, address);
    if (saysSame(now, policy)) {
      return true;
    }
    if (now !== decidedOn) {
      return false;
    }
    await run.registry.putLifecyclePolicy(address, text);
    return true;
  });
  if (done) {
    await verify(run, address, policy);
  }
  return done;
}

async function verify(run: Run, address: RepositoryAddress, policy: PolicyDocument): Promise<void> {
  const began = run.budget.now();
  for (;;) {
    const now = await inForceOf(run, address);
    if (saysSame(now, policy)) {
      return;
    }
    // A read may lag behind our own write.
    if (run.budget.now() - began >= run.timing.verifyWindowMillis) {
      throw failure('DD-HANDLER-303', 'LifecyclePolicy', `The policy was put on ${address.repositoryName}, but in force is ${now === undefined ? 'none' : `another one: ${now.slice(0, 350)}`}.`, {
        fix: 'Somebody else writes the lifecycle policy of this repository; see PutLifecyclePolicy in CloudTrail.',
      });
    }
    await run.budget.wait(run.timing.verifyRetryMillis);
  }
}

/**
 * Puts back what was in force before (`text`; undefined: nothing), if in force is what we put in its place. Returns whether what is in force now is
 * what was before.
 */
export async function restorePolicy(
  run: Run, address: RepositoryAddress, put: PolicyDocument | undefined, text: string | undefined,
): Promise<boolean> {
  return run.budget.persist(async () => {
    let now: string | undefined;
    try {
      now = await run.registry.getLifecyclePolicy(address);
    } catch (error) {
      if (isRepositoryNotFound(error)) {
        return false;
      }
      throw error;
    }
    if (now === text || saysSame(now, parsedPolicy(text))) {
      return true;
    }
    if (!saysSame(now, put)) {
      run.log.warn('The lifecycle policy in force is not the one that this resource put; it is left alone.', { repositoryName: address.repositoryName, lifecyclePolicyText: now });
      return false;
    }
    await (text === undefined ? run.registry.deleteLifecyclePolicy(address) : run.registry.putLifecyclePolicy(address, text));
    return true;
  });
}

