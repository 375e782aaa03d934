import { call, ecr } from './support';
import { isOperation, OPERATIONS, UNSUPPORTED_OPERATIONS } from '../../src/emulator/model/operations';
import { isRequired } from '../../src/emulator/model/shapes';

const REPOSITORY_PATTERN = '[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(\\/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*';
const frame = (member: string, reason: string) => `Invalid parameter at '${member}' failed to satisfy constraint: '${reason}'`;
const many = <T>(count: number, item: (i: number) => T) => Array.from({ length: count }, (_, i) => item(i));
const FILTER = { filterType: 'WILDCARD', filter: 'v*' };

const REFUSED: [operation: string, input: object, member: string, reason: string][] = [
  // Names.
  ['CreateRepository', {}, 'repositoryName', 'Member must not be null'],
  ['CreateRepository', { repositoryName: null }, 'repositoryName', 'Member must not be null'],
  ['CreateRepository', { repositoryName: 'a' }, 'repositoryName', 'Member must have length greater than or equal to 2'],
  ['CreateRepository', { repositoryName: 'a'.repeat(257) }, 'repositoryName', 'Member must have length less than or equal to 256'],
  ...['Upper', 'a b', '/app', 'app/', 'a//b', 'a..b', 'a___b', '-app', 'app-', 'app\n', 'ä'.repeat(2)].map((repositoryName) =>
    ['CreateRepository', { repositoryName }, 'repositoryName', `must satisfy regular expression '${REPOSITORY_PATTERN}'`] as [string, object, string, string]),
  ['DescribeRepositories', { repositoryNames: ['ok', 'NOT'] }, 'repositoryNames.2.member', `must satisfy regular expression '${REPOSITORY_PATTERN}'`],
  ['DescribeRepositories', { repositoryNames: [] }, 'repositoryNames', 'Member must have length greater than or equal to 1'],
  ['DescribeRepositories', { repositoryNames: many(101, (i) => `app${i}`) }, 'repositoryNames', 'Member must have length less than or equal to 100'],
  // Registries.
  ['DeleteRepository', { repositoryName: 'app', registryId: '123' }, 'registryId', 'must satisfy regular expression \'[0-9]{12}\''],
  ['GetAuthorizationToken', { registryIds: [] }, 'registryIds', 'Member must have length greater than or equal to 1'],
  ['GetAuthorizationToken', { registryIds: many(11, () => '123456789012') }, 'registryIds', 'Member must have length less than or equal to 10'],
  // Settings of a repository.
  ['CreateRepository', { repositoryName: 'app', imageTagMutability: 'FROZEN' }, 'imageTagMutability',
    'Member must satisfy enum value set: [MUTABLE, IMMUTABLE, IMMUTABLE_WITH_EXCLUSION, MUTABLE_WITH_EXCLUSION]'],
  ['CreateRepository', { repositoryName: 'app', encryptionConfiguration: {} }, 'encryptionConfiguration.encryptionType', 'Member must not be null'],
  ['CreateRepository', { repositoryName: 'app', encryptionConfiguration: { encryptionType: 'ROT13' } }, 'encryptionConfiguration.encryptionType',
    'Member must satisfy enum value set: [AES256, KMS, KMS_DSSE]'],
  ['CreateRepository', { repositoryName: 'app', encryptionConfiguration: { encryptionType: 'KMS', kmsKey: 'k'.repeat(2049) } }, 'encryptionConfiguration.kmsKey',
    'Member must have length less than or equal to 2048'],
  ['CreateRepository', { repositoryName: 'app', tags: [{ Key: 'a' }] }, 'tags.1.member.Value', 'Member must not be null'],
  ['PutImageTagMutability', { repositoryName: 'app' }, 'imageTagMutability', 'Member must not be null'],
  ['PutImageTagMutability', { repositoryName: 'app', imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION', imageTagMutabilityExclusionFilters: many(6, () => FILTER) },
    'imageTagMutabilityExclusionFilters', 'Member must have length less than or equal to 5'],
  ['PutImageTagMutability', { repositoryName: 'app', imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION', imageTagMutabilityExclusionFilters: [] },
    'imageTagMutabilityExclusionFilters', 'Member must have length greater than or equal to 1'],
  ['PutImageTagMutability', { repositoryName: 'app', imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION', imageTagMutabilityExclusionFilters: [{ ...FILTER, filter: 'v?' }] },
    'imageTagMutabilityExclusionFilters.1.member.filter', 'must satisfy regular expression \'^[0-9a-zA-Z._*-]{1,128}$\''],
  ['PutImageTagMutability', { repositoryName: 'app', imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION', imageTagMutabilityExclusionFilters: [FILTER, { ...FILTER, filterType: 'GLOB' }] },
    'imageTagMutabilityExclusionFilters.2.member.filterType', 'Member must satisfy enum value set: [WILDCARD]'],
  ['PutImageScanningConfiguration', { repositoryName: 'app' }, 'imageScanningConfiguration', 'Member must not be null'],
  // Policies.
  ['SetRepositoryPolicy', { repositoryName: 'app' }, 'policyText', 'Member must not be null'],
  ['SetRepositoryPolicy', { repositoryName: 'app', policyText: ' '.repeat(10_241) }, 'policyText', 'Member must have length less than or equal to 10240'],
  ['PutLifecyclePolicy', { repositoryName: 'app' }, 'lifecyclePolicyText', 'Member must not be null'],
  ['PutLifecyclePolicy', { repositoryName: 'app', lifecyclePolicyText: '{}' }, 'lifecyclePolicyText', 'Member must have length greater than or equal to 100'],
  ['PutLifecyclePolicy', { repositoryName: 'app', lifecyclePolicyText: ' '.repeat(30_721) }, 'lifecyclePolicyText', 'Member must have length less than or equal to 30720'],
  ['StartLifecyclePolicyPreview', { repositoryName: 'app', lifecyclePolicyText: '{}' }, 'lifecyclePolicyText', 'Member must have length greater than or equal to 100'],
  // Lists and pages.
  ['DescribeImages', { repositoryName: 'app', imageIds: [] }, 'imageIds', 'Member must have length greater than or equal to 1'],
  ['DescribeImages', { repositoryName: 'app', imageIds: many(101, (i) => ({ imageTag: `t${i}` })) }, 'imageIds', 'Member must have length less than or equal to 100'],
  ['DescribeImages', { repositoryName: 'app', imageIds: [{ imageTag: 'a' }, { imageTag: '' }] }, 'imageIds.2.member.imageTag', 'Member must have length greater than or equal to 1'],
  ['DescribeImages', { repositoryName: 'app', maxResults: 0 }, 'maxResults', 'Member must have value greater than or equal to 1'],
  ['DescribeImages', { repositoryName: 'app', maxResults: 1001 }, 'maxResults', 'Member must have value less than or equal to 1000'],
  ['DescribeImages', { repositoryName: 'app', filter: { imageStatus: 'GONE' } }, 'filter.imageStatus', 'Member must satisfy enum value set: [ACTIVE, ARCHIVED, ACTIVATING, ANY]'],
  ['DescribeImages', { repositoryName: 'app', imageIds: [{ imageTag: 'a' }], maxResults: 5 }, 'maxResults', 'maxResults cannot be used together with imageIds'],
  ['DescribeImages', { repositoryName: 'app', imageIds: [{ imageTag: 'a' }], nextToken: 't' }, 'nextToken', 'nextToken cannot be used together with imageIds'],
  ['DescribeRepositories', { repositoryNames: ['app'], maxResults: 5 }, 'maxResults', 'maxResults cannot be used together with repositoryNames'],
  ['DescribeRepositories', { repositoryNames: ['app'], nextToken: 't' }, 'nextToken', 'nextToken cannot be used together with repositoryNames'],
  ['ListImages', { repositoryName: 'app', maxResults: 1001 }, 'maxResults', 'Member must have value less than or equal to 1000'],
  ['ListImages', { repositoryName: 'app', filter: { tagStatus: 'SOME' } }, 'filter.tagStatus', 'Member must satisfy enum value set: [TAGGED, UNTAGGED, ANY]'],
  ['GetLifecyclePolicyPreview', { repositoryName: 'app', maxResults: 101 }, 'maxResults', 'Member must have value less than or equal to 100'],
  ['GetLifecyclePolicyPreview', { repositoryName: 'app', maxResults: 5, imageIds: [{ imageTag: 'a' }] }, 'maxResults', 'maxResults cannot be used together with imageIds'],
  ['ListImageReferrers', { repositoryName: 'app', subjectId: { imageDigest: 'sha256:00' }, maxResults: 51 }, 'maxResults', 'Member must have value less than or equal to 50'],
  ['ListImageReferrers', { repositoryName: 'app', subjectId: {} }, 'subjectId.imageDigest', 'Member must not be null'],
  ['ListImageReferrers', { repositoryName: 'app', subjectId: { imageDigest: 'sha256:00' }, filter: { artifactTypes: many(6, (i) => `a/${i}`) } }, 'filter.artifactTypes',
    'Member must have length less than or equal to 5'],
  // Images.
  ['BatchGetImage', { repositoryName: 'app' }, 'imageIds', 'Member must not be null'],
  ['BatchGetImage', { repositoryName: 'app', imageIds: [] }, 'imageIds', 'Member must have length greater than or equal to 1'],
  ['BatchGetImage', { repositoryName: 'app', imageIds: [{ imageTag: 'a' }], acceptedMediaTypes: [] }, 'acceptedMediaTypes', 'Member must have length greater than or equal to 1'],
  ['BatchDeleteImage', { repositoryName: 'app', imageIds: many(101, (i) => ({ imageTag: `t${i}` })) }, 'imageIds', 'Member must have length less than or equal to 100'],
  ['PutImage', { repositoryName: 'app' }, 'imageManifest', 'Member must not be null'],
  ['PutImage', { repositoryName: 'app', imageManifest: '' }, 'imageManifest', 'Member must have length greater than or equal to 1'],
  ['PutImage', { repositoryName: 'app', imageManifest: ' '.repeat(4_194_305) }, 'imageManifest', 'Member must have length less than or equal to 4194304'],
  ['PutImage', { repositoryName: 'app', imageManifest: '{}', imageTag: 't'.repeat(301) }, 'imageTag', 'Member must have length less than or equal to 300'],
  ['UpdateImageStorageClass', { repositoryName: 'app', imageId: { imageTag: 'a' } }, 'targetStorageClass', 'Member must not be null'],
  ['UpdateImageStorageClass', { repositoryName: 'app', imageId: { imageTag: 'a' }, targetStorageClass: 'GLACIER' }, 'targetStorageClass',
    'Member must satisfy enum value set: [STANDARD, ARCHIVE]'],
  // Tags of resources.
  ['TagResource', { tags: [] }, 'resourceArn', 'Member must not be null'],
  ['TagResource', { resourceArn: 'arn' }, 'tags', 'Member must not be null'],
  ['UntagResource', { resourceArn: 'arn' }, 'tagKeys', 'Member must not be null'],
  ['ListTagsForResource', {}, 'resourceArn', 'Member must not be null'],
];

test('what the service model forbids is refused in ECR\'s frame', async () => {
  const { emulator } = await ecr();
  for (const [operation, input, member, reason] of REFUSED) {
    const reply = await call(emulator, operation, input);
    expect({ operation, input, status: reply.status, ...reply.json })
      .toEqual({ operation, input, status: 400, __type: 'InvalidParameterException', message: frame(member, reason) });
  }
});

test('wrong types are SerializationExceptions that name the place', async () => {
  const { emulator } = await ecr();
  for (const [operation, input, place] of [
    ['CreateRepository', { repositoryName: 5 }, 'Expected a string at \'repositoryName\', found a number'],
    ['CreateRepository', { repositoryName: 'app', tags: {} }, 'Expected a list at \'tags\', found a structure'],
    ['CreateRepository', { repositoryName: 'app', tags: ['a'] }, 'The request'],
    ['CreateRepository', { repositoryName: 'app', tags: [null] }, 'null'],
    ['CreateRepository', { repositoryName: 'app', imageScanningConfiguration: { scanOnPush: 'true' } }, 'Expected a boolean at \'imageScanningConfiguration.scanOnPush\', found a string'],
    ['DeleteRepository', { repositoryName: 'app', force: 1 }, 'Expected a boolean at \'force\''],
    ['DescribeImages', { repositoryName: 'app', maxResults: '5' }, 'Expected an integer at \'maxResults\', found a string'],
    ['DescribeImages', { repositoryName: 'app', maxResults: 1.5 }, 'Expected an integer at \'maxResults\''],
    ['BatchGetImage', { repositoryName: 'app', imageIds: [{ imageTag: ['a'] }] }, 'Expected a string at \'imageIds.1.member.imageTag\', found a list'],
  ] as const) {
    const reply = await call(emulator, operation, input);
    expect({ input, type: reply.json.__type }).toEqual({ input, type: 'SerializationException' });
    if (place !== 'The request' && place !== 'null') {
      expect(reply.json.message).toContain(place);
    }
  }
});

test('unknown members are ignored and null counts as absent', async () => {
  const { emulator } = await ecr();
  const reply = await call(emulator, 'CreateRepository', { repositoryName: 'app', tags: null, flavour: 'vanilla', ['__proto__']: { polluted: true } });
  expect(reply.status).toBe(200);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('checks come before the repository is looked for', async () => {
  const { emulator } = await ecr();
  expect((await call(emulator, 'GetLifecyclePolicyPreview', { repositoryName: 'absent', maxResults: 500 })).json.__type).toBe('InvalidParameterException');
});

test.each(['aa', '0a', 'a-b', 'a--b', 'a_b', 'a__b', 'a.b', 'team/app/web', `${'a'.repeat(255)}b`])('the repository name %s is legal', async (repositoryName) => {
  const { emulator } = await ecr();
  expect((await call(emulator, 'CreateRepository', { repositoryName })).json.repository?.repositoryName).toBe(repositoryName);
});

const NEEDED: Record<string, object> = {
  imageManifest: { imageManifest: '{"schemaVersion":2}' },
  imageIds: { imageIds: [{ imageTag: 'a' }] },
  imageId: { imageId: { imageTag: 'a' } },
  subjectId: { subjectId: { imageDigest: 'sha256:00' } },
  targetStorageClass: { targetStorageClass: 'ARCHIVE' },
  policyText: { policyText: '{}' },
  imageTagMutability: { imageTagMutability: 'MUTABLE' },
  imageScanningConfiguration: { imageScanningConfiguration: {} },
  lifecyclePolicyText: { lifecyclePolicyText: ' '.repeat(100) },
  layerDigest: { layerDigest: 'sha256:00' },
  layerDigests: { layerDigests: ['sha256:00'] },
  uploadId: { uploadId: '00000000-0000-4000-8000-000000000000' },
  partFirstByte: { partFirstByte: 0 },
  partLastByte: { partLastByte: 2 },
  layerPartBlob: { layerPartBlob: 'AAAA' },
};

test('every operation on a repository says that it does not exist, and in which registry', async () => {
  const { emulator } = await ecr();
  for (const [operation, { input }] of Object.entries(OPERATIONS)) {
    const required = Object.entries(input).filter(([, member]) => isRequired(member)).map(([name]) => name);
    if (!required.includes('repositoryName') || operation === 'CreateRepository') {
      continue;
    }
    for (const registryId of [undefined, '210987654321']) {
      const reply = await call(emulator, operation, Object.assign({ repositoryName: 'absent', registryId }, ...required.map((name) => NEEDED[name])));
      expect({ operation, ...reply.json }).toEqual({
        operation,
        __type: 'RepositoryNotFoundException',
        message: `The repository with name 'absent' does not exist in the registry with id '${registryId ?? '123456789012'}'`,
      });
    }
  }
});

test('supported and unsupported operations are all of ECR\'s and do not overlap', () => {
  expect(Object.keys(OPERATIONS).length + UNSUPPORTED_OPERATIONS.size).toBe(62);
  expect([...UNSUPPORTED_OPERATIONS].filter(isOperation)).toEqual([]);
});
