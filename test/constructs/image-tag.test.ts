import { Lazy, RemovalPolicy } from 'aws-cdk-lib';
import { codesOf, only, permissions, stackOf } from './support';
import { ImageDigest, ImageTag, ImageTagProps, Refresh, Repository } from '../../src';

const DIGEST = `sha256:${'a'.repeat(64)}`;

function promoted(props: Partial<ImageTagProps> = {}) {
  const stack = stackOf();
  const tag = new ImageTag(stack, 'Promotion', { repository: Repository.fromRepositoryName(stack, 'Api', 'shop/api'), imageTag: 'prod', sourceImageTag: 'candidate', ...props });
  return { stack, tag };
}

test('names the tag and the image, and is retained by the handler', () => {
  const { stack } = promoted();
  const { Properties, DeletionPolicy } = only(stack, 'Custom::DrydockImageTag');
  const { ServiceToken: _token, ServiceTimeout: _timeout, RepositoryUri: _uri, ...properties } = Properties;
  expect(properties).toEqual({ RepositoryName: 'shop/api', ImageTag: 'prod', SourceImageTag: 'candidate', RemovalPolicy: 'retain', DeleteLastTag: false });
  // A tag that CloudFormation retained itself could not be taken back in a rollback.
  expect(DeletionPolicy).toBe('Delete');
});

test('every property reaches the handler', () => {
  const { stack } = promoted({
    sourceImageTag: undefined, sourceImageDigest: DIGEST, expectedDigest: 'none', refresh: Refresh.onChange('7'), removalPolicy: RemovalPolicy.DESTROY, deleteLastTag: true,
  });
  expect(only(stack, 'Custom::DrydockImageTag').Properties).toMatchObject({
    SourceImageDigest: DIGEST, ExpectedDigest: 'none', Trigger: '7', RemovalPolicy: 'destroy', DeleteLastTag: true,
  });
});

test('its digest pins like one that was looked up', () => {
  const { stack, tag } = promoted();
  const { logicalId } = only(stack, 'Custom::DrydockImageTag');
  expect(tag.imageDigest).toMatch(/^sha256:/);
  expect(stack.resolve(tag.imageDigest)).toEqual({ 'Fn::Join': ['', ['sha256:', { 'Fn::GetAtt': [logicalId, 'DigestHex'] }]] });
  expect(stack.resolve([tag.imageUri, tag.previousDigest])).toEqual([{ 'Fn::GetAtt': [logicalId, 'ImageUri'] }, { 'Fn::GetAtt': [logicalId, 'PreviousDigest'] }]);
});

test('the digest of an ImageDigest is a source like any other', () => {
  const stack = stackOf();
  const repository = Repository.fromRepositoryName(stack, 'Api', 'shop/api');
  const { digest } = new ImageDigest(stack, 'Digest', { repository, imageTag: 'candidate' });
  expect(() => new ImageTag(stack, 'Promotion', { repository, imageTag: 'prod', sourceImageDigest: digest })).not.toThrow();
});

test('writes no tags of the repository but its own', () => {
  const { stack } = promoted();
  const conditions = permissions(stack).filter(({ Action }) => [Action].flat().some((action) => action.endsWith('tagResource') || action.endsWith('TagResource'))).map(({ Condition }) => Condition);
  expect(conditions).toEqual([{ 'ForAllValues:StringLike': { 'aws:TagKeys': ['cdk-drydock:*'] } }]);
});

test('an image of another repository is read there, and written here', () => {
  const stack = stackOf();
  const sourceRepository = Repository.fromRepositoryArn(stack, 'Far', 'arn:aws:ecr:us-east-1:210987654321:repository/tools/api');
  new ImageTag(stack, 'Promotion', { repository: Repository.fromRepositoryName(stack, 'Api', 'shop/api'), imageTag: 'prod', sourceImageTag: 'prod', sourceRepository });
  expect(only(stack, 'Custom::DrydockImageTag').Properties).toMatchObject({ SourceRepositoryName: 'tools/api', SourceRegistryId: '210987654321' });
  const of = (name: string) => permissions(stack).filter(({ Resource }) => JSON.stringify(Resource).includes(name)).flatMap(({ Action }) => Action);
  expect(of('tools/api')).toEqual(['ecr:BatchGetImage', 'ecr:DescribeImages', 'ecr:GetDownloadUrlForLayer']);
  expect(of('shop/api')).toEqual(expect.arrayContaining(['ecr:UploadLayerPart', 'ecr:PutImage']));
  expect(permissions(promoted().stack).flatMap(({ Action }) => Action)).not.toContain('ecr:UploadLayerPart');
});

describe('refuses', () => {
  test.each<[string, Partial<ImageTagProps>, string[]]>([
    ['an illegal tag and digests', { imageTag: 'a b', sourceImageTag: undefined, sourceImageDigest: 'sha256:1', expectedDigest: 'x' }, ['DD-IMAGE-001', 'DD-IMAGE-002', 'DD-IMAGE-002']],
    ['no image', { sourceImageTag: undefined }, ['DD-IMAGE-003']],
    ['two images', { sourceImageDigest: DIGEST }, ['DD-IMAGE-003']],
    ['a tag that is its own source', { sourceImageTag: 'prod' }, ['DD-IMAGE-003']],
    ['a last tag to delete that is retained', { deleteLastTag: true }, ['DD-IMAGE-003']],
    ['a snapshot', { removalPolicy: RemovalPolicy.SNAPSHOT }, ['DD-IMAGE-003']],
  ])('%s', (_, props, codes) => {
    expect(codesOf(() => promoted(props))).toEqual(codes);
  });

  test('a second construct for the same tag, not for another', () => {
    const { stack } = promoted();
    const repository = Repository.fromRepositoryName(stack, 'Again', 'shop/api');
    expect(() => new ImageTag(stack, 'Other', { repository, imageTag: 'live', sourceImageTag: 'candidate' })).not.toThrow();
    expect(codesOf(() => new ImageTag(stack, 'Same', { repository, imageTag: 'prod', sourceImageTag: 'candidate' }))).toEqual(['DD-IMAGE-004']);
  });

  test('nothing that only the deployment knows', () => {
    expect(() => promoted({ imageTag: Lazy.string({ produce: () => 'x' }), sourceImageTag: Lazy.string({ produce: () => 'y' }) })).not.toThrow();
  });
});
