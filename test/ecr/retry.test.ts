import { operationOf } from '../../src/ecr/errors';
import { Budget, isTimeIsUp, RetrySettings } from '../../src/ecr/retry';

const SETTINGS: RetrySettings = { retryBaseMillis: 1, retryMaxMillis: 2, transientWindowMillis: 1_000, accessDeniedWindowMillis: 1_000 };

/** A budget whose clock only moves when it is told to. */
function budget(settings: Partial<RetrySettings> = {}) {
  const controller = new AbortController();
  const clock = { now: 0 };
  return { controller, clock, budget: new Budget(controller.signal, () => clock.now, { ...SETTINGS, ...settings }) };
}

function awsError(name: string, status?: number): Error {
  return Object.assign(new Error(name), { name, $metadata: { attempts: 1, ...(status === undefined ? {} : { httpStatusCode: status }) } });
}

/** Fails so often, then succeeds; counts. */
function flaky(error: Error, times: number) {
  const state = { attempts: 0 };
  const attempt = async () => {
    state.attempts += 1;
    if (state.attempts <= times) {
      throw error;
    }
    return 'done';
  };
  return { state, attempt };
}

test.each([
  ['throttling', awsError('ThrottlingException', 400)], ['too many requests', awsError('Whatever', 429)], ['a server error', awsError('ServerException', 500)],
  ['a broken connection', awsError('Error')], ['a timeout', awsError('TimeoutError')], ['an answer that breaks off', awsError('Error', 200)],
  ['a denial early on', awsError('AccessDeniedException', 403)], ['a wrong clock', awsError('InvalidSignatureException', 403)],
])('%s is tried again', async (_, error) => {
  const { state, attempt } = flaky(error, 3);
  await expect(budget().budget.call('ecr:X', attempt)).resolves.toBe('done');
  expect(state.attempts).toBe(4);
});

test.each([
  ['a refusal', awsError('InvalidParameterException', 400)], ['what is not there', awsError('RepositoryNotFoundException', 400)],
  ['missing credentials', awsError('CredentialsProviderError')], ['an error of our own', new TypeError('x is undefined')],
])('%s is not', async (_, error) => {
  const { state, attempt } = flaky(error, 1);
  await expect(budget().budget.call('ecr:X', attempt)).rejects.toBe(error);
  expect(state.attempts).toBe(1);
});

test('an error says which call it came from', async () => {
  const error = awsError('InvalidParameterException', 400);
  await expect(budget().budget.call('ecr:PutImage', flaky(error, 1).attempt)).rejects.toBe(error);
  expect(operationOf(error)).toBe('ecr:PutImage');
});

test('a denial is final once the first minute is over, counted from the start of the run', async () => {
  const { budget: late, clock } = budget();
  clock.now = 1_000;
  const { state, attempt } = flaky(awsError('AccessDeniedException', 403), 1);
  await expect(late.call('ecr:X', attempt)).rejects.toThrow('AccessDeniedException');
  expect(state.attempts).toBe(1);
});

test('a server that goes on failing is given up, counted from the first failure; a throttled call is not', async () => {
  const { budget: patient, clock } = budget();
  clock.now = 5_000;
  const failing = async () => {
    clock.now += 600;
    throw awsError('ServerException', 500);
  };
  await expect(patient.call('ecr:X', failing)).rejects.toThrow('ServerException');
  expect(clock.now).toBe(6_200);
  let left = 5;
  await expect(patient.call('ecr:X', async () => {
    clock.now += 600;
    if (left-- > 0) {
      throw awsError('ThrottlingException', 400);
    }
    return 1;
  })).resolves.toBe(1);
});

test('what is to be sent once is sent once', async () => {
  const { state, attempt } = flaky(awsError('ThrottlingException', 400), 1);
  await expect(budget().budget.once('ecr:X', attempt)).rejects.toThrow('ThrottlingException');
  expect(state.attempts).toBe(1);
});

test('a step is repeated with everything in it', async () => {
  const { budget: steps } = budget();
  let reads = 0;
  const { attempt } = flaky(awsError('ServerException', 500), 2);
  await steps.persist(async () => {
    reads += 1;
    await steps.once('ecr:Write', attempt);
  });
  expect(reads).toBe(3);
});

describe('when time is up', () => {
  test('nothing more is sent', async () => {
    const { budget: over, controller } = budget();
    controller.abort();
    const { state, attempt } = flaky(awsError('x'), 0);
    await expect(over.call('ecr:X', attempt)).rejects.toMatchObject({ name: 'TimeIsUp' });
    expect(state.attempts).toBe(0);
  });

  test('a call under way is broken off, and the error is about time', async () => {
    const { budget: over, controller } = budget();
    const call = over.call('ecr:X', (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))));
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: 'TimeIsUp', message: 'Time was up during ecr:X.' });
  });

  test('a wait ends at once, and says what it waited for', async () => {
    const { budget: over, controller } = budget();
    const cause = new Error('busy');
    const wait = over.wait(60_000, cause).catch((error: unknown) => error);
    controller.abort();
    const error = await wait;
    expect(isTimeIsUp(error)).toBe(true);
    expect(error).toMatchObject({ cause });
  });

  test('the last real failure is told, not the attempt that was broken off', async () => {
    const { budget: over, controller } = budget();
    let attempts = 0;
    const error = await over.call('ecr:X', async () => {
      attempts += 1;
      if (attempts === 2) {
        controller.abort();
        throw new Error('aborted');
      }
      throw awsError('ThrottlingException', 400);
    }).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'TimeIsUp', cause: { name: 'ThrottlingException' } });
  });
});

test('pauses grow, vary and have a limit', () => {
  const { budget: paced } = budget({ retryBaseMillis: 100, retryMaxMillis: 1_000 });
  for (const [failures, most] of [[1, 100], [2, 200], [3, 400], [4, 800], [5, 1_000], [60, 1_000]]) {
    const pauses = Array.from({ length: 20 }, () => paced.backoff(failures));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(most / 2);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(most);
    expect(new Set(pauses).size).toBeGreaterThan(10);
  }
});
