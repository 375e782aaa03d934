import { mergeTags, repositoryNameOfArn, withoutTags } from '../resource-tags';
import { Context, Operation, repositoryOf } from './context';

const taggedRepository = (context: Context, resourceArn: string) =>
  repositoryOf(context, { repositoryName: repositoryNameOfArn(context.registry, resourceArn) });

export const tagResource: Operation<'TagResource'> = (input, context) => {
  const { record } = taggedRepository(context, input.resourceArn);
  const tags = mergeTags(record.tags, input.tags, context.settings.quotas.tagsPerRepository);
  context.registry.putRecord({ ...record, tags });
  return {};
};

export const untagResource: Operation<'UntagResource'> = (input, context) => {
  const { record } = taggedRepository(context, input.resourceArn);
  context.registry.putRecord({ ...record, tags: withoutTags(record.tags, input.tagKeys) });
  return {};
};

export const listTagsForResource: Operation<'ListTagsForResource'> = (input, context) =>
  ({ tags: taggedRepository(context, input.resourceArn).record.tags });
