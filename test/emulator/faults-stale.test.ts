import {
  BatchDeleteImageCommand, BatchGetImageCommand, CreateRepositoryCommand, DeleteRepositoryCommand, DescribeImagesCommand, DescribeRepositoriesCommand, ECRClient,
  GetAuthorizationTokenCommand, GetLifecyclePolicyCommand,
  GetLifecyclePolicyPreviewCommand, GetRepositoryPolicyCommand, ListImagesCommand, ListTagsForResourceCommand, PutLifecyclePolicyCommand,
  SetRepositoryPolicyCommand, StartLifecyclePolicyPreviewCommand, TagResourceCommand,
} from '@aws-sdk/client-ecr';
import { ecr, expireAny, image, imageManifest, push, refusal } from './support';
import { FaultRule } from '../../src/emulator';
import { Inventory } from '../../src/lifecycle/model';

const ARN = 'arn:aws:ecr:us-east-1:123456789012:repository/app';
const policy = (Sid: string) => JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid, Effect: 'Allow', Principal: '*', Action: 'ecr:BatchGetImage' }] });
const set = (client: ECRClient, sid: string, repositoryName = 'app') => client.send(new SetRepositoryPolicyCommand({ repositoryName, policyText: policy(sid) }));

async function sidOf(client: ECRClient, repositoryName = 'app'): Promise<string> {
  try {
    const { policyText } = await client.send(new GetRepositoryPolicyCommand({ repositoryName }));
    return JSON.parse(policyText!).Statement[0].Sid;
  } catch (error) {
    return (error as Error).name;
  }
}

const SEED = { repositories: [{ repositoryName: 'app' }, { repositoryName: 'other' }], imageDetails: [image('app', 'a', { imageTags: ['v1'] })] };
const NONE = { imageDetails: [] };
const lagging = (rule: Partial<FaultRule> & { reads?: number; ms?: number }, operation: string | string[] = 'SetRepositoryPolicy', seed: Inventory = SEED) =>
  ecr({ seed, faults: { rules: [{ operation, fault: 'stale', ...rule } as FaultRule] } });

test('so many reads after a write are of before it, then all are of the present', async () => {
  const { client, emulator } = await lagging({ reads: 2 });
  await set(client, 'First');
  const seen = [await sidOf(client), await sidOf(client), await sidOf(client), await sidOf(client)];
  expect(seen).toEqual(['RepositoryPolicyNotFoundException', 'RepositoryPolicyNotFoundException', 'First', 'First']);
  expect(emulator.faults.counts).toEqual([{ rule: '0', fault: 'stale', calls: 1, fired: 1, staleReads: 2 }]);
});

test('the write itself is there, and the next one builds on it', async () => {
  const { client, emulator } = await lagging({ reads: 5, calls: 1 });
  await set(client, 'First');
  expect(emulator.state.repository('app')!.record.repositoryPolicyText).toContain('First');
  await set(client, 'Second');
  expect(await sidOf(client)).toBe('RepositoryPolicyNotFoundException');
  expect(emulator.inventory('app').repositories![0].repositoryPolicyText).toContain('Second');
});

test('a lag in time ends with it, by the emulator\'s clock too', async () => {
  const { client, emulator } = await lagging({ ms: 3_600_000 });
  await set(client, 'First');
  expect(await sidOf(client)).toBe('RepositoryPolicyNotFoundException');
  emulator.clock.advance(3_599_999);
  expect(await sidOf(client)).toBe('RepositoryPolicyNotFoundException');
  emulator.clock.advance(1);
  expect(await sidOf(client)).toBe('First');
});

test('a lag in time ends with it in real time', async () => {
  const { client } = await lagging({ ms: 40 });
  await set(client, 'First');
  while (await sidOf(client) !== 'First') {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
});

test('each of several writes has its own lag: reads go through the states in their order', async () => {
  const { client } = await lagging({ reads: 2 });
  await set(client, 'First');
  const seen = [await sidOf(client)];
  await set(client, 'Second');
  seen.push(await sidOf(client), await sidOf(client), await sidOf(client));
  expect(seen).toEqual(['RepositoryPolicyNotFoundException', 'RepositoryPolicyNotFoundException', 'First', 'Second']);
});

test('reads of other repositories, and writes that failed, change nothing', async () => {
  const { client, emulator } = await lagging({ reads: 1 });
  await refusal(client.send(new SetRepositoryPolicyCommand({ repositoryName: 'app', policyText: '{"Version":"2012-10-17"}' })));
  await set(client, 'Other', 'other');
  expect(emulator.faults.fired()).toBe(1);
  expect([await sidOf(client), await sidOf(client, 'other'), await sidOf(client, 'other')]).toEqual(['RepositoryPolicyNotFoundException', 'RepositoryPolicyNotFoundException', 'Other']);
});

test('a write whose answer is lost is behind all the same', async () => {
  const { client, emulator } = await ecr({
    seed: SEED,
    faults: { rules: [{ operation: 'SetRepositoryPolicy', fault: 'stale', reads: 1 }, { operation: 'SetRepositoryPolicy', fault: 'reset', when: 'after' }] },
  });
  await refusal(set(client, 'First'));
  expect(emulator.faults.counts.map(({ fired }) => fired)).toEqual([1, 1]);
  expect([await sidOf(client), await sidOf(client)]).toEqual(['RepositoryPolicyNotFoundException', 'First']);
});

test('a write that was throttled is no write', async () => {
  const { client, emulator } = await ecr({
    seed: SEED, faults: { rules: [{ operation: 'SetRepositoryPolicy', fault: 'stale', reads: 1 }, { operation: 'SetRepositoryPolicy', fault: 'throttle', calls: 1 }] },
  });
  await refusal(set(client, 'First'));
  expect(emulator.faults.counts.map(({ fired }) => fired)).toEqual([0, 1]);
});

describe('what is behind:', () => {
  test('a repository that was created is not found, and not listed', async () => {
    const { client } = await lagging({ reads: 3 }, 'CreateRepository');
    await client.send(new CreateRepositoryCommand({ repositoryName: 'new' }));
    expect((await refusal(client.send(new DescribeRepositoriesCommand({ repositoryNames: ['new'] })))).name).toBe('RepositoryNotFoundException');
    expect((await refusal(client.send(new GetLifecyclePolicyCommand({ repositoryName: 'new' })))).name).toBe('RepositoryNotFoundException');
    expect((await client.send(new DescribeRepositoriesCommand({}))).repositories!.map(({ repositoryName }) => repositoryName)).toEqual(['app', 'other']);
    expect((await client.send(new DescribeRepositoriesCommand({}))).repositories).toHaveLength(3);
  });

  test('a repository that was deleted is described, and takes no write', async () => {
    const { client } = await lagging({ reads: 2 }, 'DeleteRepository');
    await client.send(new DeleteRepositoryCommand({ repositoryName: 'app', force: true }));
    expect((await client.send(new DescribeImagesCommand({ repositoryName: 'app' }))).imageDetails).toHaveLength(1);
    expect((await refusal(set(client, 'First'))).name).toBe('RepositoryNotFoundException');
    expect((await client.send(new DescribeRepositoriesCommand({}))).repositories!.map(({ repositoryName }) => repositoryName)).toEqual(['app', 'other']);
    expect((await refusal(client.send(new DescribeImagesCommand({ repositoryName: 'app' })))).name).toBe('RepositoryNotFoundException');
  });

  test('tags, lifecycle policies and previews', async () => {
    const { client } = await lagging({ reads: 1 }, ['TagResource', 'PutLifecyclePolicy', 'StartLifecyclePolicyPreview']);
    const tags = async () => (await client.send(new ListTagsForResourceCommand({ resourceArn: ARN }))).tags!.length;
    await client.send(new TagResourceCommand({ resourceArn: ARN, tags: [{ Key: 'a', Value: 'b' }] }));
    expect([await tags(), await tags()]).toEqual([0, 1]);

    const get = () => client.send(new GetLifecyclePolicyCommand({ repositoryName: 'app' }));
    await client.send(new PutLifecyclePolicyCommand({ repositoryName: 'app', lifecyclePolicyText: expireAny(5) }));
    expect((await refusal(get())).name).toBe('LifecyclePolicyNotFoundException');
    expect(JSON.parse((await get()).lifecyclePolicyText!).rules[0].selection.countNumber).toBe(5);

    const start = (count: number) => client.send(new StartLifecyclePolicyPreviewCommand({ repositoryName: 'app', lifecyclePolicyText: expireAny(count) }));
    const look = async () => (await client.send(new GetLifecyclePolicyPreviewCommand({ repositoryName: 'app' }))).lifecyclePolicyText;
    await start(7);
    expect((await refusal(look())).name).toBe('LifecyclePolicyPreviewNotFoundException');
    await start(8);
    expect([await look(), await look()]).toEqual([expireAny(7), expireAny(8)]);
  });

  test('a tag that moved is still where it was, for every kind of read', async () => {
    const { client: lagged, emulator } = await ecr();
    await lagged.send(new CreateRepositoryCommand({ repositoryName: 'app' }));
    const old = await push(lagged, 'app', imageManifest('old'), 'live');
    emulator.faults.set({ rules: [{ operation: 'PutImage', fault: 'stale', reads: 4 }] });
    const moved = await push(lagged, 'app', imageManifest('new'), 'live');
    const byTag = { repositoryName: 'app', imageIds: [{ imageTag: 'live' }] };
    expect((await lagged.send(new DescribeImagesCommand(byTag))).imageDetails![0].imageDigest).toBe(old);
    expect((await lagged.send(new BatchGetImageCommand(byTag))).images![0].imageId!.imageDigest).toBe(old);
    expect((await lagged.send(new ListImagesCommand({ repositoryName: 'app' }))).imageIds).toEqual([{ imageDigest: old, imageTag: 'live' }]);
    expect((await lagged.send(new BatchGetImageCommand({ repositoryName: 'app', imageIds: [{ imageDigest: moved }] }))).failures).toHaveLength(1);
    expect((await lagged.send(new BatchGetImageCommand(byTag))).images![0].imageId!.imageDigest).toBe(moved);
    expect(emulator.state.repository('app')!.tagged('live')!.imageDigest).toBe(moved);
  });

  test('an image that was deleted is pulled, which does not bring it back', async () => {
    const { client, emulator } = await lagging({ reads: 1 }, 'BatchDeleteImage', NONE);
    await client.send(new CreateRepositoryCommand({ repositoryName: 'app' }));
    const imageDigest = await push(client, 'app', imageManifest('x'), 'v1');
    const ids = { repositoryName: 'app', imageIds: [{ imageDigest }] };
    await client.send(new BatchDeleteImageCommand(ids));
    expect((await client.send(new BatchGetImageCommand(ids))).images![0].imageManifest).toBe(imageManifest('x'));
    expect(emulator.state.repository('app')!.images.size).toBe(0);
    expect((await client.send(new BatchGetImageCommand(ids))).failures).toHaveLength(1);
  });

  test('a pull of an image that is there is recorded', async () => {
    const { client, emulator } = await lagging({ reads: 1 }, 'PutImage', NONE);
    emulator.faults.clear();
    await client.send(new CreateRepositoryCommand({ repositoryName: 'app' }));
    const imageDigest = await push(client, 'app', imageManifest('x'), 'v1');
    emulator.faults.set({ rules: [{ operation: 'PutImage', fault: 'stale', reads: 1 }] });
    await push(client, 'app', imageManifest('x'), 'v2');
    expect((await client.send(new BatchGetImageCommand({ repositoryName: 'app', imageIds: [{ imageTag: 'v2' }] }))).failures).toHaveLength(1);
    await push(client, 'app', imageManifest('x'), 'v3');
    await client.send(new BatchGetImageCommand({ repositoryName: 'app', imageIds: [{ imageDigest }] }));
    const held = emulator.state.repository('app')!.images.get(imageDigest)!;
    expect(held.imageTags).toEqual(['v1', 'v2', 'v3']);
    expect(held.lastRecordedPullTime).toBeDefined();
  });
});

describe('a listing of several pages', () => {
  const many = { imageDetails: Array.from({ length: 7 }, (_, index) => image('app', `image ${index}`, { imageTags: [`v${index}`] })) };
  const page = (client: ECRClient, nextToken?: string) => client.send(new ListImagesCommand({ repositoryName: 'app', maxResults: 3, nextToken }));
  const remove = (client: ECRClient, ...tags: string[]) => client.send(new BatchDeleteImageCommand({ repositoryName: 'app', imageIds: tags.map((imageTag) => ({ imageTag })) }));

  test('that began before the lag was over stays as it began, and is one read', async () => {
    const { client, emulator } = await lagging({ reads: 1 }, 'BatchDeleteImage', many);
    await remove(client, 'v0', 'v1', 'v2');
    const first = await page(client);
    expect((await page(client)).imageIds!.length).toBe(3);
    const second = await page(client, first.nextToken);
    const third = await page(client, second.nextToken);
    expect([...first.imageIds!, ...second.imageIds!, ...third.imageIds!]).toHaveLength(7);
    expect(third.nextToken).toBeUndefined();
    // A retry of a page is that page.
    expect((await page(client, first.nextToken)).imageIds).toEqual(second.imageIds);
    const fresh = await page(client);
    expect([...fresh.imageIds!, ...(await page(client, fresh.nextToken)).imageIds!]).toHaveLength(4);
    expect(emulator.faults.counts[0].staleReads).toBe(1);
  });

  test('that began in the present does not become old', async () => {
    const { client } = await lagging({ reads: 9 }, 'BatchDeleteImage', many);
    const first = await page(client);
    const { nextToken } = first;
    await remove(client, 'v0', 'v1', 'v2', 'v3', 'v4', 'v5', 'v6');
    // Its token is an ordinary one: the read counts, and is behind like any other.
    expect((await page(client, nextToken)).imageIds).toHaveLength(3);
  });

  test('goes on after the script was cleared, and ends with the emulator', async () => {
    const { client, emulator } = await lagging({ reads: 1 }, 'BatchDeleteImage', many);
    await remove(client, 'v0', 'v1', 'v2');
    const first = await page(client);
    emulator.faults.clear();
    const second = await page(client, first.nextToken);
    expect(second.imageIds).toHaveLength(3);
    expect((await refusal(page(client, 'forged.99'))).name).toBe('InvalidParameterException');
  });
});

test('clearing the script ends every lag', async () => {
  const { client, emulator } = await lagging({ reads: 100 });
  await set(client, 'First');
  emulator.faults.clear();
  expect(await sidOf(client)).toBe('First');
});

test('docker clients of a moved tag get the old manifest as well', async () => {
  const { client, emulator } = await ecr();
  await client.send(new CreateRepositoryCommand({ repositoryName: 'app' }));
  await push(client, 'app', imageManifest('old'), 'live');
  emulator.faults.set({ rules: [{ operation: 'PutImage', fault: 'stale', reads: 1 }] });
  await push(client, 'app', imageManifest('new'), 'live');
  const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}));
  const get = async () => (await fetch(`${emulator.endpoint}/v2/app/manifests/live`, { headers: { authorization: `Basic ${authorizationData![0].authorizationToken}` } })).text();
  expect([await get(), await get()]).toEqual([imageManifest('old'), imageManifest('new')]);
});
