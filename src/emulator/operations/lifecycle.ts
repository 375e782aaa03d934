import { DAY } from '../../lifecycle/time';
import { lifecyclePolicyNotFound, previewInProgress, previewNotFound } from '../ecr-error';
import { readLifecyclePolicy, storedLifecyclePolicy } from '../lifecycle-policy';
import { Operation, placeOf, repositoryOf } from './context';
import { LifecycleRecord } from '../registry/records';

export const putLifecyclePolicy: Operation<'PutLifecyclePolicy'> = (input, context) => {
  const { record } = repositoryOf(context, input);
  const text = storedLifecyclePolicy(input.lifecyclePolicyText);
  // A policy that replaces another runs when that one would have: nobody can put it off by putting it again.
  context.registry.putRecord({ ...record, lifecycle: { nextRunAt: context.now + DAY, ...record.lifecycle, text } });
  return { ...placeOf(context, input), lifecyclePolicyText: text };
};

export const getLifecyclePolicy: Operation<'GetLifecyclePolicy'> = (input, context) => {
  const { lifecycle } = repositoryOf(context, input).record;
  if (!lifecycle) {
    throw lifecyclePolicyNotFound(placeOf(context, input));
  }
  return { ...placeOf(context, input), ...describe(lifecycle) };
};

export const deleteLifecyclePolicy: Operation<'DeleteLifecyclePolicy'> = (input, context) => {
  const { lifecycle, ...record } = repositoryOf(context, input).record;
  if (!lifecycle) {
    throw lifecyclePolicyNotFound(placeOf(context, input));
  }
  context.registry.putRecord(record);
  return { ...placeOf(context, input), ...describe(lifecycle) };
};

const describe = ({ text, lastEvaluatedAt = 0 }: LifecycleRecord) =>
  ({ lifecyclePolicyText: text, lastEvaluatedAt: lastEvaluatedAt / 1000 });

export const startLifecyclePolicyPreview: Operation<'StartLifecyclePolicyPreview'> = (input, context) => {
  const repository = repositoryOf(context, input);
  const place = placeOf(context, input);
  const text = input.lifecyclePolicyText ?? repository.record.lifecycle?.text;
  if (text === undefined) {
    throw lifecyclePolicyNotFound(place);
  }
  const policy = readLifecyclePolicy(text);
  if (repository.preview && context.previews.status(repository.preview, context.now) === 'IN_PROGRESS') {
    throw previewInProgress(place);
  }
  context.previews.start(repository, text, policy, context.now);
  // Unlike PutLifecyclePolicy, which answers its own spelling, a preview echoes the text as it came.
  return { ...place, lifecyclePolicyText: text, status: 'IN_PROGRESS' };
};

export const getLifecyclePolicyPreview: Operation<'GetLifecyclePolicyPreview'> = (input, context) => {
  const repository = repositoryOf(context, input);
  const place = placeOf(context, input);
  const { preview } = repository;
  if (!preview) {
    throw previewNotFound(place);
  }
  const scope = ['GetLifecyclePolicyPreview', preview.id, input.filter?.tagStatus];
  const start = input.nextToken === undefined ? 0 : context.tokens.openPage(scope, input.nextToken) as number;
  const status = context.previews.status(preview, context.now);
  const begin = { ...place, lifecyclePolicyText: preview.lifecyclePolicyText, status };
  if (status !== 'COMPLETE') {
    return { ...begin, previewResults: [] };
  }
  const { tagStatus = 'ANY' } = input.filter ?? {};
  const results = preview.results.filter(({ imageDigest, imageTags }) =>
    (tagStatus === 'ANY' || (imageTags.length > 0) === (tagStatus === 'TAGGED'))
    && (!input.imageIds || input.imageIds.some((id) => (id.imageDigest ?? imageDigest) === imageDigest
      && (id.imageTag === undefined ? id.imageDigest !== undefined : imageTags.includes(id.imageTag)))));
  const end = input.imageIds ? results.length : start + (input.maxResults ?? 100);
  const count = (action: string) => preview.results.filter((result) => result.action === action).length;
  const transitions = count('TRANSITION');
  return {
    ...begin,
    ...(end < results.length && { nextToken: context.tokens.sealPage(scope, end) }),
    previewResults: results.slice(start, end).map((result) => ({
      imageTags: result.imageTags,
      imageDigest: result.imageDigest,
      imagePushedAt: result.imagePushedAt / 1000,
      action: { type: result.action, ...(result.action === 'TRANSITION' && { targetStorageClass: 'ARCHIVE' }) },
      appliedRulePriority: result.appliedRulePriority,
      storageClass: result.storageClass,
    })),
    // Counts the whole result on every page.
    summary: {
      expiringImageTotalCount: count('EXPIRE'),
      ...(transitions > 0 && { transitioningImageTotalCounts: [{ targetStorageClass: 'ARCHIVE', imageTotalCount: transitions }] }),
    },
  };
};
