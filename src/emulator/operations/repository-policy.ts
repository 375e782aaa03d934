import { Context, Operation, placeOf, repositoryOf } from './context';
import { locksOut } from '../../access/lockout';
import { normalisedText } from '../../access/render';
import { invalidParameter, repositoryPolicyNotFound } from '../ecr-error';
import { partitionOf, repositoryArn } from '../registry/registry';
import { Repository } from '../registry/repository';
import { knowsPrincipals, principalNotFound, readRepositoryPolicy, shownRepositoryPolicy } from '../repository-policy';

export const setRepositoryPolicy: Operation<'SetRepositoryPolicy'> = (input, context) => {
  const repository = repositoryOf(context, input);
  const { registry, settings, caller, principal } = context;
  const policy = readRepositoryPolicy(input.policyText, repositoryArn(registry, input.repositoryName));
  if (!knowsPrincipals(policy, settings.isUnknownPrincipal)) {
    throw principalNotFound();
  }
  // A Deny with conditions may not reach the caller; AWS evaluates them, which needs the request.
  const partition = partitionOf(registry.region);
  const { lockedOut, certain } = locksOut(policy, {
    accountId: caller.accountId, principalArn: principal?.sessionArn ?? principal?.arn ?? `arn:${partition}:iam::${caller.accountId}:root`,
  });
  if (lockedOut && certain && input.force !== true) {
    throw invalidParameter('PolicyText', 'The policy would prevent the caller from setting the repository policy again; it needs force');
  }
  context.registry.putRecord({ ...repository.record, repositoryPolicyText: normalisedText(policy, partition) });
  return { ...placeOf(context, input), policyText: shownText(context, repository) };
};

export const getRepositoryPolicy: Operation<'GetRepositoryPolicy'> = (input, context) => {
  const repository = repositoryOf(context, input);
  const policyText = shownText(context, repository);
  if (policyText === undefined) {
    throw repositoryPolicyNotFound(placeOf(context, input));
  }
  return { ...placeOf(context, input), policyText };
};

export const deleteRepositoryPolicy: Operation<'DeleteRepositoryPolicy'> = (input, context) => {
  const repository = repositoryOf(context, input);
  const policyText = shownText(context, repository);
  if (policyText === undefined) {
    throw repositoryPolicyNotFound(placeOf(context, input));
  }
  const { repositoryPolicyText: _, ...record } = repository.record;
  context.registry.putRecord(record);
  return { ...placeOf(context, input), policyText };
};

function shownText({ registry, settings }: Context, { record }: Repository): string | undefined {
  return record.repositoryPolicyText === undefined
    ? undefined
    : shownRepositoryPolicy(record.repositoryPolicyText, repositoryArn(registry, record.repositoryName), settings.isUnknownPrincipal);
}
