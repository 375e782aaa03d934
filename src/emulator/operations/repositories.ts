import { limitExceeded, repositoryAlreadyExists, repositoryNotEmpty } from '../ecr-error';
import { readEncryption } from '../encryption';
import { readMutability } from '../mutability';
import { pageOf } from '../pagination';
import { mergeTags } from '../resource-tags';
import { describeRepository, Operation, placeOf, repositoryOf, requireOwnRegistry } from './context';

export const createRepository: Operation<'CreateRepository'> = (input, context) => {
  const { registry, settings, now } = context;
  requireOwnRegistry(context, 'CreateRepository', input.registryId, input.repositoryName);
  const place = placeOf(context, input);
  const mutability = readMutability(input.imageTagMutability ?? 'MUTABLE', input.imageTagMutabilityExclusionFilters);
  const encryptionConfiguration = readEncryption(registry, input.encryptionConfiguration);
  const tags = mergeTags([], input.tags ?? [], settings.quotas.tagsPerRepository);
  if (registry.repository(input.repositoryName)) {
    throw repositoryAlreadyExists(place);
  }
  if (registry.size >= settings.quotas.repositories) {
    throw limitExceeded('repositories', settings.quotas.repositories);
  }
  registry.putRecord({
    repositoryName: input.repositoryName,
    createdAt: now,
    ...mutability,
    scanOnPush: input.imageScanningConfiguration?.scanOnPush ?? false,
    encryptionConfiguration,
    tags,
  });
  return { repository: describeRepository(context, repositoryOf(context, input)) };
};

export const describeRepositories: Operation<'DescribeRepositories'> = (input, context) => {
  const { registry, tokens } = context;
  if (input.repositoryNames) {
    const found = [...new Set(input.repositoryNames)].map((repositoryName) =>
      repositoryOf(context, { registryId: input.registryId, repositoryName }));
    return { repositories: found.map((repository) => describeRepository(context, repository)) };
  }
  requireOwnRegistry(context, 'DescribeRepositories', input.registryId);
  const scope = ['DescribeRepositories'];
  const after = input.nextToken === undefined ? undefined : tokens.openPage(scope, input.nextToken) as string;
  const names = registry.repositories().map(({ record }) => record.repositoryName);
  const page = pageOf(names, after, input.maxResults ?? 100, (name) => describeRepository(context, registry.repository(name)!));
  return { repositories: page.items, ...(page.last === undefined ? {} : { nextToken: tokens.sealPage(scope, page.last) }) };
};

export const deleteRepository: Operation<'DeleteRepository'> = (input, context) => {
  const repository = repositoryOf(context, input);
  // Archived images and images without a tag count too.
  if (repository.images.size > 0 && input.force !== true) {
    throw repositoryNotEmpty(placeOf(context, input));
  }
  const description = describeRepository(context, repository);
  context.registry.commit({ kind: 'repository-deleted', repositoryName: input.repositoryName });
  return { repository: description };
};

export const putImageTagMutability: Operation<'PutImageTagMutability'> = (input, context) => {
  const { record } = repositoryOf(context, input);
  const mutability = readMutability(input.imageTagMutability, input.imageTagMutabilityExclusionFilters);
  const { imageTagMutabilityExclusionFilters: _, ...rest } = record;
  context.registry.putRecord({ ...rest, ...mutability });
  return { ...placeOf(context, input), ...mutability };
};

export const putImageScanningConfiguration: Operation<'PutImageScanningConfiguration'> = (input, context) => {
  const { record } = repositoryOf(context, input);
  const scanOnPush = input.imageScanningConfiguration.scanOnPush ?? false;
  context.registry.putRecord({ ...record, scanOnPush });
  return { ...placeOf(context, input), imageScanningConfiguration: { scanOnPush } };
};
