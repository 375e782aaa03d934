import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { ecr, expireAny, fakeDigest, image, imageManifest, raw } from './support';
import { Emulator } from '../../src/emulator';

const run = promisify(execFile);

/** A Python with boto3, from DRYDOCK_PYTHON or the path; the aws command of the same kind. */
const PYTHON = process.env.DRYDOCK_PYTHON ?? 'python3';
const AWS = process.env.DRYDOCK_AWS ?? 'aws';

const environment = (emulator?: Emulator) => ({
  ...process.env,
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_MAX_ATTEMPTS: '1',
  AWS_PAGER: '',
  ...(emulator && { AWS_ENDPOINT_URL: emulator.endpoint, AWS_ENDPOINT_URL_ECR: emulator.endpoint }),
});

/** Each command starts a Python; on a busy machine that takes seconds. */
const STARTS = 180_000;

const works = (command: string, ...args: string[]) => spawnSync(command, args, { env: environment(), stdio: 'ignore' }).status === 0;
const hasBoto3 = works(PYTHON, '-c', 'import boto3');
const hasAws = works(AWS, '--version');
if (!hasBoto3 || !hasAws) {
  console.info(`Skipped: ${hasBoto3 ? '' : `${PYTHON} has no boto3 (DRYDOCK_PYTHON). `}${hasAws ? '' : `${AWS} does not run (DRYDOCK_AWS).`}`);
}
const boto3Test = hasBoto3 ? test : test.skip;
const awsTest = hasAws ? test : test.skip;

/** Runs a script that prints one JSON document. */
async function python(emulator: Emulator, script: string): Promise<any> {
  const prelude = 'import boto3, json, sys\nfrom botocore.exceptions import ClientError\necr = boto3.client("ecr")\n' +
    'def refused(call, **kw):\n  try:\n    call(**kw)\n  except ClientError as e:\n    return [type(e).__name__, e.response["Error"]["Code"], e.response["Error"]["Message"],\n' +
    '      e.response["ResponseMetadata"]["HTTPStatusCode"]]\n';
  const { stdout } = await run(PYTHON, ['-c', prelude + script], { env: environment(emulator) });
  return JSON.parse(stdout);
}

async function aws(emulator: Emulator, ...args: string[]): Promise<{ output: any; failure?: string }> {
  try {
    const { stdout } = await run(AWS, ['ecr', ...args, '--output', 'json'], { env: environment(emulator) });
    return { output: stdout.trim() === '' ? undefined : JSON.parse(stdout) };
  } catch (error) {
    return { output: undefined, failure: (error as { stderr: string }).stderr };
  }
}

boto3Test('boto3 knows every error by its type, code and text', async () => {
  const { emulator } = await ecr({ seed: { imageDetails: [image('app', 'a', { imageTags: ['v1'] })] } });
  const results = await python(emulator, `
print(json.dumps([
  refused(ecr.create_repository, repositoryName="app"),
  refused(ecr.describe_repositories, repositoryNames=["absent"]),
  refused(ecr.delete_repository, repositoryName="app"),
  refused(ecr.get_lifecycle_policy, repositoryName="app"),
  refused(ecr.get_lifecycle_policy_preview, repositoryName="app"),
  refused(ecr.get_repository_policy, repositoryName="app"),
  refused(ecr.describe_images, repositoryName="app", imageIds=[{"imageTag": "absent"}]),
  refused(ecr.put_image, repositoryName="app", imageManifest="{}"),
  refused(ecr.create_repository, repositoryName="kms", encryptionConfiguration={"encryptionType": "KMS", "kmsKey": "no key"}),
  refused(ecr.create_repository, repositoryName="Upper"),
  refused(ecr.describe_registry),
  refused(ecr.create_repository, repositoryName="other", registryId="210987654321"),
]))`);
  expect(results.map((r: string[]) => [r[0], r[1], r[3]])).toEqual([
    ['RepositoryAlreadyExistsException', 'RepositoryAlreadyExistsException', 400],
    ['RepositoryNotFoundException', 'RepositoryNotFoundException', 400],
    ['RepositoryNotEmptyException', 'RepositoryNotEmptyException', 400],
    ['LifecyclePolicyNotFoundException', 'LifecyclePolicyNotFoundException', 400],
    ['LifecyclePolicyPreviewNotFoundException', 'LifecyclePolicyPreviewNotFoundException', 400],
    ['RepositoryPolicyNotFoundException', 'RepositoryPolicyNotFoundException', 400],
    ['ImageNotFoundException', 'ImageNotFoundException', 400],
    ['InvalidParameterException', 'InvalidParameterException', 400],
    ['KmsException', 'KmsException', 400],
    ['InvalidParameterException', 'InvalidParameterException', 400],
    ['ClientError', 'UnsupportedOperationException', 400],
    ['ClientError', 'AccessDeniedException', 403],
  ]);
  expect(results[0][2]).toBe('The repository with name \'app\' already exists in the registry with id \'123456789012\'');
}, STARTS);

boto3Test('boto3 pages, waits and reads times and bytes', async () => {
  const { emulator } = await ecr({ seed: { imageDetails: Array.from({ length: 250 }, (_, i) => image('app', `i${i}`)) } });
  const manifest = imageManifest('pushed', { annotations: { title: 'ü 🚢' } });
  const result = await python(emulator, `
manifest = json.loads(${JSON.stringify(JSON.stringify(manifest))})
digests = [i["imageDigest"] for page in ecr.get_paginator("describe_images").paginate(repositoryName="app") for i in page["imageDetails"]]
ids = [i for page in ecr.get_paginator("list_images").paginate(repositoryName="app", PaginationConfig={"PageSize": 1000}) for i in page["imageIds"]]
pushed = ecr.put_image(repositoryName="app", imageManifest=manifest, imageTag="v1")["image"]
got = ecr.batch_get_image(repositoryName="app", imageIds=[{"imageTag": "v1"}])["images"][0]
ecr.start_lifecycle_policy_preview(repositoryName="app", lifecyclePolicyText=${JSON.stringify(expireAny(1))})
ecr.get_waiter("lifecycle_policy_preview_complete").wait(repositoryName="app")
results = [r for page in ecr.get_paginator("get_lifecycle_policy_preview").paginate(repositoryName="app") for r in page["previewResults"]]
repository = ecr.describe_repositories(repositoryNames=["app"])["repositories"][0]
print(json.dumps({"digests": len(set(digests)), "ids": len(ids), "same": got["imageManifest"] == manifest, "digest": pushed["imageId"]["imageDigest"] == got["imageId"]["imageDigest"],
  "results": len(results), "createdAt": repository["createdAt"].timestamp(), "failures": ecr.batch_get_image(repositoryName="app", imageIds=[{"imageTag": "no"}])["failures"]}))`);
  expect(result).toEqual({
    digests: 250,
    ids: 250,
    same: true,
    digest: true,
    results: 250,
    createdAt: emulator.clock.now() / 1000,
    failures: [{ imageId: { imageTag: 'no' }, failureCode: 'ImageNotFound', failureReason: 'Requested image not found' }],
  });
}, STARTS);

boto3Test('boto3 uploads a layer in parts, goes on where an error says, pushes, and downloads it again', async () => {
  const { emulator } = await ecr({ allowMissingLayers: false });
  const result = await python(emulator, `
import hashlib, os, urllib.request
ecr.create_repository(repositoryName="app")
digest = lambda b: "sha256:" + hashlib.sha256(b).hexdigest()
def upload(data, wrong=False):
  started = ecr.initiate_layer_upload(repositoryName="app")
  at = 0
  while at < len(data):
    part = data[at:at + 6291456]
    send = lambda first: ecr.upload_layer_part(repositoryName="app", uploadId=started["uploadId"], partFirstByte=first, partLastByte=first + len(part) - 1, layerPartBlob=part)
    if wrong and at > 0:
      try:
        send(0)
      except ecr.exceptions.InvalidLayerPartException as e:
        at = e.response["lastValidByteReceived"] + 1
    at = send(at)["lastByteReceived"] + 1
  return ecr.complete_layer_upload(repositoryName="app", uploadId=started["uploadId"], layerDigests=[digest(data)])["layerDigest"]
layer, config = os.urandom(7000000), b'{"architecture":"amd64","os":"linux"}'
manifest = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
  "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest(config), "size": len(config)},
  "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest(layer), "size": len(layer)}]})
early = refused(ecr.put_image, repositoryName="app", imageManifest=manifest, imageTag="v1")[0]
uploaded = [upload(layer, True), upload(config)]
again = refused(ecr.complete_layer_upload, repositoryName="app", uploadId="00000000-0000-4000-8000-000000000000", layerDigests=[digest(layer)])[0]
ecr.put_image(repositoryName="app", imageManifest=manifest, imageTag="v1")
url = ecr.get_download_url_for_layer(repositoryName="app", layerDigest=digest(layer))["downloadUrl"]
part = urllib.request.urlopen(urllib.request.Request(url, headers={"Range": "bytes=6999990-"})).read()
print(json.dumps({"early": early, "again": again, "uploaded": uploaded == [digest(layer), digest(config)], "whole": urllib.request.urlopen(url).read() == layer, "part": part == layer[6999990:],
  "available": [l["layerAvailability"] for l in ecr.batch_check_layer_availability(repositoryName="app", layerDigests=[digest(layer), digest(b"no")])["layers"]]}))`);
  expect(result).toEqual({
    early: 'LayersNotFoundException', again: 'UploadNotFoundException', uploaded: true, whole: true, part: true, available: ['AVAILABLE', 'UNAVAILABLE'],
  });
}, STARTS);

awsTest('the password of aws ecr get-login-password opens the registry protocol', async () => {
  const { emulator } = await ecr();
  const { stdout } = await run(AWS, ['ecr', 'get-login-password'], { env: environment(emulator) });
  const authorization = `Basic ${Buffer.from(`AWS:${stdout.trim()}`).toString('base64')}`;
  expect((await raw(emulator, { method: 'GET', path: '/v2/', headers: { authorization } })).status).toBe(200);
}, STARTS);

awsTest('the aws command creates, describes, previews and deletes, and shows errors by their type', async () => {
  const { emulator } = await ecr({ seed: { imageDetails: [image('app', 'a', { imageTags: ['v1'] }), image('app', 'b')] } });
  expect((await aws(emulator, 'create-repository', '--repository-name', 'new', '--tags', 'Key=a,Value=1')).output.repository.repositoryName).toBe('new');
  expect((await aws(emulator, 'create-repository', '--repository-name', 'new')).failure).toContain('(RepositoryAlreadyExistsException) when calling the CreateRepository operation');
  const described = (await aws(emulator, 'describe-images', '--repository-name', 'app')).output;
  expect(described.imageDetails.map((i: { imageDigest: string }) => i.imageDigest).sort()).toEqual([fakeDigest('a'), fakeDigest('b')].sort());
  await aws(emulator, 'start-lifecycle-policy-preview', '--repository-name', 'app', '--lifecycle-policy-text', expireAny(1));
  expect((await aws(emulator, 'get-lifecycle-policy-preview', '--repository-name', 'app')).output.summary).toEqual({ expiringImageTotalCount: 1 });
  const deleted = (await aws(emulator, 'batch-delete-image', '--repository-name', 'app', '--image-ids', 'imageTag=v1')).output;
  expect(deleted).toEqual({ imageIds: [{ imageDigest: fakeDigest('a'), imageTag: 'v1' }], failures: [] });
  const { stdout } = await run(AWS, ['ecr', 'get-login-password'], { env: environment(emulator) });
  expect(stdout.trim()).not.toBe('');
  // What the command prints is an inventory: it seeds another emulator.
  const other = await ecr({ seed: described });
  expect(other.emulator.inventory('app').imageDetails).toHaveLength(2);
}, STARTS);
