import {
  DescribeImagesCommand, GetAuthorizationTokenCommand, ListImageReferrersCommand, ListImagesCommand, PutImageCommand,
} from '@aws-sdk/client-ecr';
import { ACCOUNT, ageDays, call, ecr, fakeDigest, image, imageManifest, NOW, OCI_IMAGE, push, refusal } from './support';

const SEED = {
  imageDetails: [
    image('app', 'two-tags', { imageTags: ['v1', 'latest'], imageSizeInBytes: 7, imagePushedAt: '2026-01-01T00:00:00.250Z' }),
    image('app', 'untagged'),
    image('app', 'archived', { imageTags: ['old'], imageStatus: 'ARCHIVED', lastArchivedAt: ageDays(3) }),
    image('app', 'archived-untagged', { imageStatus: 'ARCHIVED', lastArchivedAt: ageDays(3) }),
    image('app', 'activating', { imageTags: ['back'], imageStatus: 'ACTIVATING', lastArchivedAt: ageDays(3), lastRecordedPullTime: ageDays(4) }),
  ],
} as const;

const names = ['two-tags', 'untagged', 'archived', 'archived-untagged', 'activating'];
const nameOf = (digest?: string) => names.find((name) => fakeDigest(name) === digest)!;

test('an image is described with everything that is known, and nothing that is not', async () => {
  const { client, emulator } = await ecr({ seed: SEED });
  const { imageDetails } = await client.send(new DescribeImagesCommand({ repositoryName: 'app', imageIds: [{ imageTag: 'v1' }] }));
  expect(imageDetails).toEqual([{
    registryId: ACCOUNT,
    repositoryName: 'app',
    imageDigest: fakeDigest('two-tags'),
    imageTags: ['v1', 'latest'],
    imageSizeInBytes: 7,
    imagePushedAt: new Date('2026-01-01T00:00:00.250Z'),
    imageStatus: 'ACTIVE',
  }]);
  const untagged = await call(emulator, 'DescribeImages', { repositoryName: 'app', imageIds: [{ imageDigest: fakeDigest('untagged') }] });
  expect(untagged.json.imageDetails[0]).not.toHaveProperty('imageTags');
});

describe.each([
  [undefined, ['two-tags', 'untagged']],
  [{ tagStatus: 'TAGGED' }, ['two-tags']],
  [{ tagStatus: 'UNTAGGED' }, ['untagged']],
  [{ tagStatus: 'ANY' }, ['two-tags', 'untagged']],
  [{ imageStatus: 'ANY' }, names],
  [{ imageStatus: 'ARCHIVED' }, ['archived', 'archived-untagged']],
  [{ imageStatus: 'ACTIVATING' }, ['activating']],
  [{ imageStatus: 'ANY', tagStatus: 'TAGGED' }, ['two-tags', 'archived', 'activating']],
  [{ imageStatus: 'ARCHIVED', tagStatus: 'UNTAGGED' }, ['archived-untagged']],
] as const)('the filter %j lists %j', (filter, expected) => {
  test('in DescribeImages', async () => {
    const { client } = await ecr({ seed: SEED });
    const { imageDetails } = await client.send(new DescribeImagesCommand({ repositoryName: 'app', filter }));
    expect(imageDetails!.map(({ imageDigest }) => nameOf(imageDigest)).sort()).toEqual([...expected].sort());
  });

  test('in ListImages', async () => {
    const { client } = await ecr({ seed: SEED });
    const { imageIds } = await client.send(new ListImagesCommand({ repositoryName: 'app', filter }));
    expect([...new Set(imageIds!.map(({ imageDigest }) => nameOf(imageDigest)))].sort()).toEqual([...expected].sort());
  });
});

test('ListImages has one entry for each tag and one without a tag for an untagged image', async () => {
  const { emulator } = await ecr({ seed: SEED });
  const { json } = await call(emulator, 'ListImages', { repositoryName: 'app' });
  expect(json.imageIds).toHaveLength(3);
  expect(json.imageIds).toEqual(expect.arrayContaining([
    { imageDigest: fakeDigest('two-tags'), imageTag: 'v1' },
    { imageDigest: fakeDigest('two-tags'), imageTag: 'latest' },
    { imageDigest: fakeDigest('untagged') },
  ]));
});

test('images that are asked for by two names are described once', async () => {
  const { client } = await ecr({ seed: SEED });
  const imageIds = [{ imageTag: 'v1' }, { imageTag: 'latest' }, { imageDigest: fakeDigest('two-tags') }, { imageDigest: fakeDigest('two-tags'), imageTag: 'v1' }];
  expect((await client.send(new DescribeImagesCommand({ repositoryName: 'app', imageIds }))).imageDetails).toHaveLength(1);
});

test.each([
  ['an absent tag', { imageTag: 'absent' }, '{imageDigest:\'null\', imageTag:\'absent\'}'],
  ['an absent digest', { imageDigest: fakeDigest('absent') }, `{imageDigest:'${fakeDigest('absent')}', imageTag:'null'}`],
  ['a pair that does not belong together', { imageDigest: fakeDigest('untagged'), imageTag: 'v1' }, `{imageDigest:'${fakeDigest('untagged')}', imageTag:'v1'}`],
  ['an archived image without the filter', { imageTag: 'old' }, '{imageDigest:\'null\', imageTag:\'old\'}'],
])('%s fails the whole description', async (_, imageId, shown) => {
  const { client } = await ecr({ seed: SEED });
  expect(await refusal(client.send(new DescribeImagesCommand({ repositoryName: 'app', imageIds: [{ imageTag: 'v1' }, imageId] })))).toMatchObject({
    name: 'ImageNotFoundException',
    message: `The image with imageId ${shown} does not exist within the repository with name 'app' in the registry with id '${ACCOUNT}'`,
    status: 400,
  });
});

test('an archived image is described by its name when the filter lets it through', async () => {
  const { client } = await ecr({ seed: SEED });
  const command = new DescribeImagesCommand({ repositoryName: 'app', imageIds: [{ imageTag: 'old' }], filter: { imageStatus: 'ANY' } });
  expect((await client.send(command)).imageDetails![0]).toMatchObject({ imageStatus: 'ARCHIVED', lastArchivedAt: new Date(ageDays(3)) });
});

test.each([{}, { imageDigest: 'not a digest' }, { imageTag: 'not a tag!' }])('the image id %j is an InvalidParameterException', async (imageId) => {
  const { client } = await ecr({ seed: SEED });
  expect((await refusal(client.send(new DescribeImagesCommand({ repositoryName: 'app', imageIds: [imageId] })))).name).toBe('InvalidParameterException');
});

describe('referrers', () => {
  const SIGNATURE = 'application/vnd.dev.cosign.simplesigning.v1+json';
  const SBOM = 'application/spdx+json';

  async function withReferrers() {
    const bench = await ecr({ seed: { repositories: [{ repositoryName: 'app' }], imageDetails: [] } });
    const subject = await push(bench.client, 'app', imageManifest('subject'), 'v1');
    const descriptor = { mediaType: OCI_IMAGE, digest: subject, size: 400 };
    const signature = imageManifest('signature', { artifactType: SIGNATURE, subject: descriptor, annotations: { by: 'me' } });
    const sbom = imageManifest('sbom', { config: { mediaType: SBOM, digest: fakeDigest('c'), size: 2 }, subject: descriptor });
    return { ...bench, subject, signature, sbom, signatureDigest: await push(bench.client, 'app', signature), sbomDigest: await push(bench.client, 'app', sbom) };
  }

  const list = (subject: string, filter?: object) => new ListImageReferrersCommand({ repositoryName: 'app', subjectId: { imageDigest: subject }, filter });

  test('are listed with type, size and annotations', async () => {
    const { client, subject, signature, signatureDigest, sbomDigest } = await withReferrers();
    const { referrers } = await client.send(list(subject));
    expect(referrers!.map(({ digest }) => digest).sort()).toEqual([signatureDigest, sbomDigest].sort());
    expect(referrers!.find(({ digest }) => digest === signatureDigest)).toEqual({
      digest: signatureDigest, mediaType: OCI_IMAGE, artifactType: SIGNATURE, size: signature.length, annotations: { by: 'me' }, artifactStatus: 'ACTIVE',
    });
  });

  test('are filtered by type and status', async () => {
    const { client, subject, sbomDigest } = await withReferrers();
    const digests = async (filter: object) => (await client.send(list(subject, filter))).referrers!.map(({ digest }) => digest);
    expect(await digests({ artifactTypes: [SBOM] })).toEqual([sbomDigest]);
    expect(await digests({ artifactTypes: [] })).toHaveLength(2);
    expect(await digests({ artifactTypes: ['other/type'] })).toEqual([]);
    expect(await digests({ artifactStatus: 'ARCHIVED' })).toEqual([]);
    expect(await digests({ artifactStatus: 'ANY' })).toHaveLength(2);
  });

  test('of an image that has none, or does not exist, are none', async () => {
    const { client, sbomDigest } = await withReferrers();
    expect((await client.send(list(sbomDigest))).referrers).toEqual([]);
    expect((await client.send(list(fakeDigest('absent')))).referrers).toEqual([]);
  });

  test('show their subject and artifact type in DescribeImages', async () => {
    const { client, subject, signatureDigest } = await withReferrers();
    const { imageDetails } = await client.send(new DescribeImagesCommand({ repositoryName: 'app', imageIds: [{ imageDigest: signatureDigest }] }));
    expect(imageDetails![0]).toMatchObject({ subjectManifestDigest: subject, artifactMediaType: SIGNATURE });
  });

  test('may come before their subject', async () => {
    const { client } = await ecr({ seed: { repositories: [{ repositoryName: 'app' }], imageDetails: [] } });
    const subject = { mediaType: OCI_IMAGE, digest: fakeDigest('later'), size: 1 };
    await client.send(new PutImageCommand({ repositoryName: 'app', imageManifest: imageManifest('signature', { subject }) }));
    expect((await client.send(list(subject.digest))).referrers).toHaveLength(1);
  });
});

describe('GetAuthorizationToken', () => {
  test('gives a fresh token for user AWS that is valid for 12 hours', async () => {
    const { client } = await ecr();
    const tokens = [];
    for (let i = 0; i < 2; i++) {
      const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}));
      expect(authorizationData).toEqual([{
        authorizationToken: expect.any(String),
        expiresAt: new Date(Date.parse(NOW) + 12 * 3_600_000),
        proxyEndpoint: `https://${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com`,
      }]);
      tokens.push(Buffer.from(authorizationData![0].authorizationToken!, 'base64').toString());
    }
    expect(tokens[0]).toMatch(/^AWS:.{20,}$/);
    expect(tokens[0]).not.toBe(tokens[1]);
  });

  test('names the registries that are asked for', async () => {
    const { client } = await ecr();
    const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({ registryIds: ['210987654321', ACCOUNT] }));
    expect(authorizationData!.map(({ proxyEndpoint }) => proxyEndpoint)).toEqual([
      'https://210987654321.dkr.ecr.us-east-1.amazonaws.com', `https://${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com`,
    ]);
  });
});
