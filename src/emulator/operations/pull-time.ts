import { Caller } from '../caller';
import { EcrError } from '../ecr-error';
import { pageOf } from '../pagination';
import { Context, Operation } from './context';
import { epochSeconds } from '../time';

/** At most so many. @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-time-update-exclusions.html */
const MOST = 100;

/** Who calls, as IAM would name it: signatures are not verified, so the access key stands for a user of its own. */
export function principalOf({ accountId, accessKeyId = 'anonymous' }: Caller): string {
  return `arn:aws:iam::${accountId}:user/${accessKeyId}`;
}

/** Whether the pulls of the caller leave the pull times of images alone. */
export function isExcludedFromPullTimes({ registry, caller }: Context): boolean {
  return registry.pullTimeExclusions.has(principalOf(caller));
}

export const registerPullTimeUpdateExclusion: Operation<'RegisterPullTimeUpdateExclusion'> = ({ principalArn }, { registry, now }) => {
  if (registry.pullTimeExclusions.has(principalArn)) {
    throw new EcrError('ExclusionAlreadyExistsException', `The pull time update exclusion for '${principalArn}' already exists in the registry with id '${registry.accountId}'`);
  }
  if (registry.pullTimeExclusions.size >= MOST) {
    throw new EcrError('LimitExceededException', `The registry with id '${registry.accountId}' has ${MOST} pull time update exclusions already`);
  }
  registry.commit({ kind: 'pull-time-exclusion', principalArn, createdAt: now });
  return { principalArn, createdAt: epochSeconds(now) };
};

export const deregisterPullTimeUpdateExclusion: Operation<'DeregisterPullTimeUpdateExclusion'> = ({ principalArn }, { registry }) => {
  if (!registry.pullTimeExclusions.has(principalArn)) {
    throw new EcrError('ExclusionNotFoundException', `The pull time update exclusion for '${principalArn}' does not exist in the registry with id '${registry.accountId}'`);
  }
  registry.commit({ kind: 'pull-time-exclusion', principalArn });
  return { principalArn };
};

export const listPullTimeUpdateExclusions: Operation<'ListPullTimeUpdateExclusions'> = (input, { registry, tokens }) => {
  const scope = ['ListPullTimeUpdateExclusions'];
  const after = input.nextToken === undefined ? undefined : tokens.openPage(scope, input.nextToken) as string;
  const page = pageOf([...registry.pullTimeExclusions.keys()].sort(), after, input.maxResults ?? 100, (principalArn) => principalArn);
  return { pullTimeUpdateExclusions: page.items, ...(page.last === undefined ? {} : { nextToken: tokens.sealPage(scope, page.last) }) };
};
