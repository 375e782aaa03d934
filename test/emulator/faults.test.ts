import {
  BatchCheckLayerAvailabilityCommand, BatchDeleteImageCommand, BatchGetImageCommand, CreateRepositoryCommand, DescribeRepositoriesCommand, ECRClient,
  GetLifecyclePolicyPreviewCommand, GetRepositoryPolicyCommand, SetRepositoryPolicyCommand, StartLifecyclePolicyPreviewCommand,
} from '@aws-sdk/client-ecr';
import { clientOf, ecr, expireAny, fakeDigest, image, raw, refusal } from './support';
import { FaultRule, LogRecord } from '../../src/emulator';

const SEED = { imageDetails: [image('app', 'a', { imageTags: ['v1'] }), image('app', 'b', { imageTags: ['v2'] }), image('app', 'c')] };
const POLICY = JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid: 'Pull', Effect: 'Allow', Principal: '*', Action: 'ecr:BatchGetImage' }] });
const create = (repositoryName: string) => new CreateRepositoryCommand({ repositoryName });
const set = new SetRepositoryPolicyCommand({ repositoryName: 'app', policyText: POLICY });
const start = new StartLifecyclePolicyPreviewCommand({ repositoryName: 'app', lifecyclePolicyText: expireAny(2) });
const look = new GetLifecyclePolicyPreviewCommand({ repositoryName: 'app' });

const withFaults = (...rules: FaultRule[]) => ecr({ seed: SEED, faults: { rules } });

/** The outcome of a call as a client has it: its answer's status or the error's name. */
async function outcome(client: ECRClient, command: object): Promise<string> {
  try {
    await client.send(command as never);
    return 'done';
  } catch (error) {
    return (error as Error).name;
  }
}

describe('what the client learns of', () => {
  test('throttling is ThrottlingException with 400, and nothing has happened', async () => {
    const { client, emulator } = await withFaults({ operation: 'CreateRepository', fault: 'throttle' });
    expect(await refusal(client.send(create('new')))).toMatchObject({ name: 'ThrottlingException', status: 400, message: 'Rate exceeded' });
    expect(emulator.state.repository('new')).toBeUndefined();
    expect(emulator.faults.fired()).toBe(1);
  });

  test('denied access is AccessDeniedException with 403, and names who may not do what to which repository', async () => {
    const { client, emulator } = await withFaults({ operation: 'SetRepositoryPolicy', fault: 'accessDenied' });
    const { name, status, message } = await refusal(client.send(set));
    expect([name, status]).toEqual(['AccessDeniedException', 403]);
    expect(message).toMatch(/ecr:SetRepositoryPolicy on resource: arn:aws:ecr:us-east-1:123456789012:repository\/app /);
    expect(emulator.state.repository('app')!.record.repositoryPolicyText).toBeUndefined();
  });

  test('a failure of the service is ServerException with 500', async () => {
    const { client } = await withFaults({ operation: 'CreateRepository', fault: 'serverError' });
    expect(await refusal(client.send(create('new')))).toMatchObject({ name: 'ServerException', status: 500 });
  });

  test.each([502, 503, 504] as const)('a %d has no body, and the client has nothing but the number', async (statusCode) => {
    const { client } = await withFaults({ operation: 'CreateRepository', fault: 'serverError', statusCode });
    const { status, error } = await refusal(client.send(create('new')));
    expect([status, error.$response?.statusCode ?? status]).toEqual([statusCode, statusCode]);
  });

  test.each([['before', false], ['after', true]] as const)('a failure %s the effect leaves it done: %s', async (when, isDone) => {
    const { client, emulator } = await withFaults({ operation: 'CreateRepository', fault: 'serverError', when });
    expect((await refusal(client.send(create('new')))).status).toBe(500);
    expect(emulator.state.repository('new') !== undefined).toBe(isDone);
  });

  test.each([['before', false], ['after', true]] as const)('a reset %s the effect is no answer, and leaves it done: %s', async (when, isDone) => {
    const { client, emulator } = await withFaults({ operation: 'CreateRepository', fault: 'reset', when });
    const { status, message } = await refusal(client.send(create('new')));
    expect(status).toBeUndefined();
    expect(message).toMatch(/ECONNRESET|socket hang up/);
    expect(emulator.state.repository('new') !== undefined).toBe(isDone);
  });

  test.each([['html', 200], ['text', 200], ['html', 502]] as const)('an answer that is %s with %d is an error of the client\'s', async (content, statusCode) => {
    const { client, emulator } = await withFaults({ operation: 'DescribeRepositories', fault: 'malformed', content, statusCode });
    const { status } = await refusal(client.send(new DescribeRepositoriesCommand({})));
    expect(status).toBe(statusCode);
    expect(emulator.faults.fired()).toBe(1);
  });

  test('an answer that was cut off is the beginning of the real one, whose effect is there', async () => {
    const { client, emulator } = await withFaults({ operation: 'CreateRepository', calls: 1, fault: 'malformed', content: 'cut' });
    expect((await refusal(client.send(create('new')))).name).toBe('SyntaxError');
    expect(emulator.state.repository('new')).toBeDefined();
  });
});

describe('what the retries of the SDK see', () => {
  test.each<[string, FaultRule]>([
    ['throttling', { operation: 'CreateRepository', calls: [1, 2], fault: 'throttle' }],
    ['500', { operation: 'CreateRepository', calls: [1, 2], fault: 'serverError' }],
    ['503 without a body', { operation: 'CreateRepository', calls: [1, 2], fault: 'serverError', statusCode: 503 }],
    ['a reset before the effect', { operation: 'CreateRepository', calls: [1, 2], fault: 'reset' }],
  ])('after %s twice the third attempt succeeds', async (_, rule) => {
    const { emulator } = await withFaults(rule);
    const client = clientOf(emulator, { maxAttempts: 3 });
    const { $metadata } = await client.send(create('new'));
    client.destroy();
    expect([$metadata.attempts, emulator.faults.fired(), emulator.calls.CreateRepository]).toEqual([3, 2, 3]);
  });

  test('a reset after the effect makes the retry meet what the first attempt did', async () => {
    const { emulator } = await withFaults({ operation: 'CreateRepository', calls: 1, fault: 'reset', when: 'after' });
    const client = clientOf(emulator, { maxAttempts: 3 });
    expect((await refusal(client.send(create('new')))).name).toBe('RepositoryAlreadyExistsException');
    client.destroy();
  });

  test('denied access is not retried', async () => {
    // With another time than the client's it would be: the SDK would take it for a consequence of its clock.
    const { emulator } = await ecr({ now: undefined, faults: { rules: [{ operation: 'CreateRepository', fault: 'accessDenied' }] } });
    const client = clientOf(emulator, { maxAttempts: 3 });
    await refusal(client.send(create('new')));
    client.destroy();
    expect(emulator.calls.CreateRepository).toBe(1);
  });
});

test.each([['before', false], ['after', true]] as const)('a call that is slow %s its effect is seen by others meanwhile: %s', async (when, isSeen) => {
  const { client, emulator } = await withFaults({ operation: 'CreateRepository', fault: 'slow', delayMs: 150, when });
  const slow = client.send(create('new'));
  while (emulator.faults.fired() === 0) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(emulator.state.repository('new') !== undefined).toBe(isSeen);
  await slow;
  expect(emulator.state.repository('new')).toBeDefined();
});

describe('previews', () => {
  test('one that fails is FAILED', async () => {
    const { client } = await withFaults({ operation: 'StartLifecyclePolicyPreview', fault: 'fails' });
    expect((await client.send(start)).status).toBe('IN_PROGRESS');
    expect(await client.send(look)).toMatchObject({ status: 'FAILED', previewResults: [] });
  });

  test('one that expires at the second look is COMPLETE at the first', async () => {
    const { client } = await withFaults({ operation: 'GetLifecyclePolicyPreview', calls: 2, fault: 'expires' });
    await client.send(start);
    expect([(await client.send(look)).status, (await client.send(look)).status]).toEqual(['COMPLETE', 'EXPIRED']);
  });

  test('one that is gone is LifecyclePolicyPreviewNotFoundException, after a restart too', async () => {
    const { client, emulator } = await withFaults({ operation: 'GetLifecyclePolicyPreview', calls: 1, fault: 'expires', as: 'NOT_FOUND' });
    await client.send(start);
    expect((await refusal(client.send(look))).name).toBe('LifecyclePolicyPreviewNotFoundException');
    expect(emulator.faults.fired()).toBe(1);
    await client.send(start);
    expect((await client.send(look)).status).toBe('COMPLETE');
  });

  test('somebody else\'s has another policy and its results', async () => {
    const { client } = await withFaults({ operation: 'GetLifecyclePolicyPreview', calls: 2, fault: 'foreign' });
    await client.send(start);
    const ours = await client.send(look);
    const theirs = await client.send(look);
    expect([ours.lifecyclePolicyText, ours.summary?.expiringImageTotalCount]).toEqual([expireAny(2), 1]);
    expect(theirs.lifecyclePolicyText).not.toBe(ours.lifecyclePolicyText);
    expect([theirs.status, theirs.summary?.expiringImageTotalCount]).toEqual(['COMPLETE', 2]);
  });

  test('somebody else\'s may be said', async () => {
    const { client } = await withFaults({ operation: 'StartLifecyclePolicyPreview', fault: 'foreign', lifecyclePolicyText: expireAny(3) });
    await client.send(start);
    expect(await client.send(look)).toMatchObject({ lifecyclePolicyText: expireAny(3), previewResults: [] });
  });

  test('where there is none, nothing happens and nothing is counted as fired', async () => {
    const { client, emulator } = await withFaults({ operation: 'GetLifecyclePolicyPreview', fault: 'fails' });
    expect((await refusal(client.send(look))).name).toBe('LifecyclePolicyPreviewNotFoundException');
    expect(emulator.faults.counts).toEqual([{ rule: '0', fault: 'fails', calls: 1, fired: 0 }]);
  });
});

describe('batch calls', () => {
  const ids = ['a', 'b', 'c'].map((name) => ({ imageDigest: fakeDigest(name) }));

  test('of which some fail do the rest', async () => {
    const { client, emulator } = await withFaults({ operation: 'BatchDeleteImage', fault: 'partial', failing: 2 });
    const answer = await client.send(new BatchDeleteImageCommand({ repositoryName: 'app', imageIds: ids }));
    expect(answer.imageIds).toEqual([{ imageDigest: fakeDigest('a'), imageTag: 'v1' }]);
    expect(answer.failures).toEqual(ids.slice(1).map((imageId) => ({ imageId, failureCode: 'KmsError', failureReason: expect.any(String) })));
    expect([...emulator.state.repository('app')!.images.keys()].sort()).toEqual([fakeDigest('b'), fakeDigest('c')].sort());
  });

  test('keep failures of their own beside these, and the code may be said', async () => {
    const { client } = await withFaults({ operation: 'Batch*', fault: 'partial', failureCode: 'UpstreamUnavailable' });
    const answer = await client.send(new BatchGetImageCommand({ repositoryName: 'app', imageIds: [{ imageTag: 'absent' }, ids[0]] }));
    expect(answer.failures!.map(({ failureCode }) => failureCode)).toEqual(['ImageNotFound', 'UpstreamUnavailable']);
  });

  test('of which all fail do nothing', async () => {
    const { client } = await withFaults({ operation: 'BatchCheckLayerAvailability', fault: 'partial', failing: 9 });
    const layerDigests = [fakeDigest('layer'), fakeDigest('other')];
    expect(await client.send(new BatchCheckLayerAvailabilityCommand({ repositoryName: 'app', layerDigests }))).toMatchObject({
      layers: [], failures: layerDigests.map((layerDigest) => ({ layerDigest, failureCode: 'InvalidLayerDigest' })),
    });
  });
});

describe('a rule happens to', () => {
  const numbers = async (calls: FaultRule['calls'], count = 10) => {
    const { client } = await withFaults({ operation: 'DescribeRepositories', calls, fault: 'throttle' });
    const seen: number[] = [];
    for (let number = 1; number <= count; number += 1) {
      if (await outcome(client, new DescribeRepositoriesCommand({})) === 'ThrottlingException') {
        seen.push(number);
      }
    }
    return seen;
  };

  test.each<[FaultRule['calls'], number[]]>([
    [undefined, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    [3, [3]],
    [[2, 5], [2, 5]],
    [{ from: 8 }, [8, 9, 10]],
    [{ to: 2 }, [1, 2]],
    [{ from: 4, to: 6 }, [4, 5, 6]],
    [{ every: 4 }, [4, 8]],
    [{ every: 4, from: 1, to: 8 }, [1, 5]],
  ])('calls %j', async (calls, expected) => {
    expect(await numbers(calls)).toEqual(expected);
  });

  test('calls of its repository, which it counts alone, also where an ARN names it', async () => {
    const { client, emulator } = await withFaults({ operation: '*', repositoryName: 'a*', calls: 2, fault: 'throttle' });
    await client.send(create('other'));
    expect(await outcome(client, create('abc'))).toBe('done');
    expect(await outcome(client, new DescribeRepositoriesCommand({}))).toBe('done');
    expect((await raw(emulator, {
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.ListTagsForResource' },
      body: JSON.stringify({ resourceArn: 'arn:aws:ecr:us-east-1:123456789012:repository/abc' }),
    })).json.__type).toBe('ThrottlingException');
    expect(emulator.faults.counts[0].calls).toBe(2);
  });

  test('calls by its caller alone', async () => {
    const { client, emulator } = await withFaults({ operation: '*', caller: 'AKIAOTHER', fault: 'accessDenied' });
    const other = clientOf(emulator, { accessKeyId: 'AKIAOTHER' });
    expect([await outcome(client, set), await outcome(other, set)]).toEqual(['done', 'AccessDeniedException']);
    other.destroy();
  });

  test('calls by chance, the same ones for the same seed', async () => {
    const draw = async (seed: number) => {
      const { client } = await ecr({ seed: SEED, faults: { seed, rules: [{ operation: 'DescribeRepositories', probability: 0.5, fault: 'throttle' }] } });
      const outcomes: string[] = [];
      for (let i = 0; i < 24; i += 1) {
        outcomes.push(await outcome(client, new DescribeRepositoriesCommand({})));
      }
      return outcomes.map((one) => (one === 'done' ? '.' : 'x')).join('');
    };
    const [first, again, other] = [await draw(1), await draw(1), await draw(2)];
    expect(first).toBe(again);
    expect(first).not.toBe(other);
    expect(first).toMatch(/x.*\..*x/);
  });

  test('a call for which several rules answer, by the first of them; the second one has not fired', async () => {
    const { client, emulator } = await withFaults(
      { name: 'slow', operation: '*', fault: 'slow', delayMs: 1 },
      { name: 'throttle', operation: '*', fault: 'throttle' },
      { name: 'deny', operation: '*', fault: 'accessDenied' },
    );
    expect(await outcome(client, set)).toBe('ThrottlingException');
    expect(emulator.faults.counts.map(({ rule, calls, fired }) => [rule, calls, fired])).toEqual([['slow', 1, 1], ['throttle', 1, 1], ['deny', 1, 0]]);
  });
});

test('what intercept answers stands: the fault of that call does not happen', async () => {
  const { client, emulator } = await ecr({
    seed: SEED,
    intercept: ({ number }) => (number === 1 ? { error: { type: 'KmsException', message: 'mine' } } : undefined),
    faults: { rules: [{ operation: 'GetRepositoryPolicy', fault: 'throttle' }] },
  });
  const get = new GetRepositoryPolicyCommand({ repositoryName: 'app' });
  expect([await outcome(client, get), await outcome(client, get)]).toEqual(['KmsException', 'ThrottlingException']);
  expect(emulator.faults.counts).toEqual([{ rule: '0', fault: 'throttle', calls: 2, fired: 1 }]);
});

test('the log says when a rule fired', async () => {
  const records: LogRecord[] = [];
  const { client } = await ecr({ log: (record) => records.push(record), seed: SEED, faults: { rules: [{ name: 'busy', operation: 'SetRepositoryPolicy', calls: 2, fault: 'throttle' }] } });
  await client.send(set);
  await outcome(client, set);
  expect(records.filter(({ event }) => event === 'fault')).toEqual([
    { event: 'fault', time: '2026-01-31T12:00:00.000Z', rule: 'busy', fault: 'throttle', operation: 'SetRepositoryPolicy', call: 2, repositoryName: 'app' },
  ]);
});

test('counts of one rule are asked for by name or place, and a wrong name is an error', async () => {
  const { client, emulator } = await withFaults({ name: 'busy', operation: 'SetRepositoryPolicy', fault: 'throttle' });
  await outcome(client, set);
  expect([emulator.faults.fired('busy'), emulator.faults.fired(0), emulator.faults.fired()]).toEqual([1, 1, 1]);
  expect(() => emulator.faults.fired('bussy')).toThrow(RangeError);
});
