import { Duration, NestedStack, Stack } from 'aws-cdk-lib';
import { codesOf, only, permissions, stackOf } from './support';
import { CleanupFailure, CleanupMode, ImageCleanup, ImageCleanupProps, ImageSelection, InUse, Refresh, Repository } from '../../src';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const URI = '123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/api:v1';
const TYPE = 'Custom::DrydockImageCleanup';

function cleaned(props: Partial<ImageCleanupProps> = {}, scope: Stack = stackOf()) {
  const cleanup = new ImageCleanup(scope, 'Cleanup', { repository: Repository.fromRepositoryName(scope, 'Api', 'shop/api'), selections: [ImageSelection.untagged()], ...props });
  return { stack: scope, cleanup };
}

const actions = (stack: Stack) => permissions(stack).flatMap(({ Action }) => Action).sort();

test('shows and deletes nothing, spares what the gate spares, and may not even delete, unless it is told otherwise', () => {
  const { stack } = cleaned();
  const { ServiceToken: _token, ServiceTimeout: _timeout, RepositoryUri: _uri, ...properties } = only(stack, TYPE).Properties;
  expect(properties).toEqual({
    RepositoryName: 'shop/api', Selections: [{ Kind: 'untagged', OlderThanDays: 1 }], ProtectedTagPatterns: ['latest', 'stable*', 'prod*', 'live*', 'release*'],
    ProtectPulledWithinDays: 30, MaxPercent: 50, Mode: 'dry-run', OnFailure: 'fail', ReadIndexes: false,
  });
  expect(actions(stack)).toEqual(['ecr:DescribeImages']);
});

test('every property reaches the handler', () => {
  const { stack } = cleaned({
    selections: [
      ImageSelection.untagged({ olderThan: Duration.days(14) }), ImageSelection.tagsMatching(['pr-*', 'tmp-*'], { olderThan: Duration.hours(48), keepLatest: 5 }), ImageSelection.digests([DIGEST]),
    ],
    mode: CleanupMode.DELETE, protectedTagPatterns: [], protectedDigests: [DIGEST], protectPulledWithin: Duration.days(7), imagesInUse: [URI, DIGEST],
    maxImages: 100, maxPercent: 20,
    acknowledgedPlans: ['0123456789abcdef'], readIndexes: true, onFailure: CleanupFailure.REPORT, refresh: Refresh.onChange('2'),
  });
  expect(only(stack, TYPE).Properties).toMatchObject({
    Selections: [
      { Kind: 'untagged', OlderThanDays: 14 }, { Kind: 'tagged', TagPatterns: ['pr-*', 'tmp-*'], OlderThanDays: 2, KeepLatest: 5 }, { Kind: 'digests', Digests: [DIGEST] },
    ],
    Mode: 'delete', ProtectedTagPatterns: [], ProtectedDigests: [DIGEST], ProtectPulledWithinDays: 7, InUseReferences: [URI, DIGEST], MaxImages: 100, MaxPercent: 20, Acknowledged: ['0123456789abcdef'],
    ReadIndexes: true, OnFailure: 'report', Trigger: '2',
  });
});

test('may do what its mode needs, and no more', () => {
  expect(actions(cleaned({ readIndexes: true }).stack)).toEqual(['ecr:BatchGetImage', 'ecr:DescribeImages']);
  expect(actions(cleaned({ mode: CleanupMode.DELETE }).stack)).toEqual(['cloudformation:DescribeStacks', 'ecr:BatchDeleteImage', 'ecr:BatchGetImage', 'ecr:DescribeImages']);
  const dry = new NestedStack(stackOf(), 'Nested');
  cleaned({}, dry);
  expect(actions(dry)).toEqual(['ecr:DescribeImages']);
});

test('asks services what they run, with permissions only where it does', () => {
  const { stack } = cleaned({ inUse: InUse.ecsAndLambda() });
  expect(only(stack, TYPE).Properties.InUse).toEqual(['ecs', 'lambda']);
  expect(actions(stack)).toEqual([
    'ecr:DescribeImages', 'ecs:DescribeServices', 'ecs:DescribeTaskDefinition', 'ecs:DescribeTasks', 'ecs:ListClusters', 'ecs:ListServices', 'ecs:ListTasks',
    'lambda:GetFunction', 'lambda:ListFunctions',
  ]);
  expect(actions(cleaned({ inUse: InUse.lambdaFunctions() }).stack)).toEqual(['ecr:DescribeImages', 'lambda:GetFunction', 'lambda:ListFunctions']);
});

test('what happened are attributes', () => {
  const { stack, cleanup } = cleaned();
  const { logicalId } = only(stack, TYPE);
  const values = [
    cleanup.planHash, cleanup.imageCount, cleanup.selectedImageCount, cleanup.protectedImageCount,
    cleanup.heldImageCount, cleanup.deletedImageCount, cleanup.failedImageCount, cleanup.summary,
  ];
  expect(stack.resolve(values)).toEqual([
    'PlanHash', 'ImageCount', 'SelectedImageCount', 'ProtectedImageCount', 'HeldImageCount', 'DeletedImageCount', 'FailedImageCount', 'Summary',
  ].map((name) => ({ 'Fn::GetAtt': [logicalId, name] })));
});

test.each<[string, Partial<ImageCleanupProps>, string[]]>([
  ['no selection', { selections: [] }, ['DD-IMAGE-005']],
  ['selections that mean nothing', { selections: [ImageSelection.tagsMatching([]), ImageSelection.digests([])] }, ['DD-IMAGE-005', 'DD-IMAGE-005']],
  ['a selection that means every tagged image', { selections: [ImageSelection.tagsMatching(['*'])] }, ['DD-IMAGE-005']],
  ['a pattern that matches no tag', { selections: [ImageSelection.tagsMatching(['pr/*'])] }, ['DD-IMAGE-005']],
  ['ages and numbers that are not whole', { selections: [ImageSelection.untagged({ olderThan: Duration.hours(36) }), ImageSelection.tagsMatching(['a'], { keepLatest: 1.5 })] }, ['DD-IMAGE-005', 'DD-IMAGE-005']],
  ['illegal digests', { selections: [ImageSelection.digests(['sha256:1'])], protectedDigests: ['x'] }, ['DD-IMAGE-002', 'DD-IMAGE-002']],
  ['what is no image in use', { imagesInUse: ['', 'shop api'] }, ['DD-IMAGE-005', 'DD-IMAGE-005']],
  ['limits out of range', { maxImages: -1, maxPercent: 101, acknowledgedPlans: ['yes'] }, ['DD-IMAGE-005', 'DD-IMAGE-005', 'DD-IMAGE-005']],
])('refuses %s', (_, props, codes) => {
  expect(codesOf(() => cleaned(props))).toEqual(codes);
});

test('every tagged image, when it says what stays', () => {
  expect(() => cleaned({ selections: [ImageSelection.tagsMatching(['*'], { keepLatest: 10 }), ImageSelection.tagsMatching(['*'], { olderThan: Duration.days(365) })] })).not.toThrow();
});
