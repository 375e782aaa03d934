import { spawn, spawnSync } from 'node:child_process';
import { CreateClusterCommand, CreateServiceCommand, ECSClient, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { Running, RunningServices } from './running';
import { referencesInUse } from '../../src/ecr/in-use';
import { Budget } from '../../src/ecr/retry';
import { InUseSource } from '../../src/lifecycle/gate';

const URI = '123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web';
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const CONNECTION = { region: 'us-east-1', credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' } };
const stops: (() => unknown)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) {
    await stop();
  }
});

function budget(): Budget {
  return new Budget(new AbortController().signal, () => performance.now(), { retryBaseMillis: 1, retryMaxMillis: 2, transientWindowMillis: 500, accessDeniedWindowMillis: 0 });
}

const sorted = (list: readonly { reference: string; by: string }[]) => list.map(({ reference, by }) => `${by}: ${reference.replace(`${URI}`, 'web')}`).sort();

async function found(source: InUseSource, running: Running, prepare: (services: RunningServices) => void = () => undefined): Promise<string[]> {
  const services = await new RunningServices(running).start();
  stops.push(() => services.stop());
  prepare(services);
  return sorted(await referencesInUse(source, { ...CONNECTION, endpoints: { [source]: services.url } }, budget()));
}

describe('ECS', () => {
  test('tells the images of task definitions that services deploy, and what their tasks pulled', async () => {
    expect(await found('ecs', {
      services: { prod: { api: `${URI}:v2` }, test: { api: `${URI}:latest` } },
      tasks: { prod: [{ group: 'service:api', image: `${URI}:v2`, imageDigest: digest('a') }, { group: 'family:migrate', image: `${URI}:v1`, imageDigest: digest('b') }] },
    })).toEqual([
      'ECS service prod/api: web:v2', `ECS service prod/api: web:v2@${digest('a')}`, 'ECS service test/api: web:latest', `ECS task prod/task1: web:v1@${digest('b')}`,
    ]);
  });

  test('takes what is pinned, or has no digest yet, as it is', async () => {
    expect(await found('ecs', { tasks: { c: [{ image: `${URI}@${digest('c')}`, imageDigest: digest('c') }, { image: `${URI}:v9` }] } })).toEqual([
      `ECS task c/task0: web@${digest('c')}`, 'ECS task c/task1: web:v9',
    ]);
  });

  test('is read a page at a time, and a call that is throttled is made again', async () => {
    const services = Object.fromEntries(Array.from({ length: 5 }, (_, c) => [`c${c}`, Object.fromEntries(Array.from({ length: 23 }, (__, s) => [`s${s}`, `${URI}:v${s}`]))]));
    const all = await found('ecs', { services }, (stub) => { stub.throttled = 3; });
    expect(all).toHaveLength(5 * 23);
    expect(all).toContain('ECS service c4/s22: web:v22');
  });

  test('that denies a call fails, and nothing is taken for unused', async () => {
    await expect(found('ecs', { services: { c: { s: `${URI}:v1` } } }, (stub) => { stub.denied = 'ecs:DescribeServices'; })).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('Lambda', () => {
  test('tells the image of every version, by what it was resolved to', async () => {
    expect(await found('lambda', {
      functions: {
        old: { imageUri: 'x', packageType: 'Zip' },
        hook: [{ imageUri: `${URI}:v2`, resolvedImageUri: `${URI}@${digest('d')}` }, { version: '7', imageUri: `${URI}:v1`, resolvedImageUri: `${URI}@${digest('e')}` }],
        job: { imageUri: `${URI}:v3` },
      },
    })).toEqual([
      `Lambda function hook version 7: web@${digest('e')}`, 'Lambda function hook version 7: web:v1', `Lambda function hook: web@${digest('d')}`, 'Lambda function hook: web:v2',
      'Lambda function job: web:v3',
    ].sort());
  });

  test('that denies a call fails', async () => {
    await expect(found('lambda', { functions: { f: { imageUri: `${URI}:v1` } } }, (stub) => { stub.denied = 'lambda:GetFunction'; })).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

const hasMoto = spawnSync('moto_server', ['--version'], { stdio: 'ignore' }).error === undefined;

(hasMoto ? describe : describe.skip)('an independent ECS and Lambda (moto_server)', () => {
  async function moto(): Promise<string> {
    const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
    stops.push(() => new Promise((resolve) => {
      child.once('close', resolve);
      child.kill('SIGTERM');
    }));
    return new Promise((resolve, reject) => {
      let text = '';
      const look = (chunk: Buffer) => {
        text += String(chunk);
        const [, url] = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(text) ?? [];
        if (url !== undefined) {
          resolve(url);
        }
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.once('error', reject);
      child.once('exit', () => reject(new Error(text)));
    });
  }

  test('tell what was deployed there', async () => {
    const endpoint = await moto();
    const [ecs, lambda] = [new ECSClient({ ...CONNECTION, endpoint }), new LambdaClient({ ...CONNECTION, endpoint })];
    stops.push(() => ecs.destroy(), () => lambda.destroy());
    await ecs.send(new CreateClusterCommand({ clusterName: 'prod' }));
    await ecs.send(new RegisterTaskDefinitionCommand({ family: 'api', containerDefinitions: [{ name: 'main', image: `${URI}:v5`, memory: 128 }, { name: 'side', image: `${URI}:side`, memory: 128 }] }));
    for (let n = 0; n < 12; n += 1) {
      await ecs.send(new CreateServiceCommand({ cluster: 'prod', serviceName: `api${n}`, taskDefinition: 'api', desiredCount: 1 }));
    }
    const inEcs = sorted(await referencesInUse('ecs', { ...CONNECTION, endpoints: { ecs: endpoint } }, budget()));
    expect(inEcs).toHaveLength(24);
    expect(inEcs).toEqual(expect.arrayContaining(['ECS service prod/api11: web:v5', 'ECS service prod/api0: web:side']));
    const made = await lambda.send(new CreateFunctionCommand({ FunctionName: 'hook', Role: 'arn:aws:iam::123456789012:role/r', PackageType: 'Image', Code: { ImageUri: `${URI}:v6` } }))
      .then(() => true, (error: Error) => error.message);
    const inLambda = sorted(await referencesInUse('lambda', { ...CONNECTION, endpoints: { lambda: endpoint } }, budget()));
    // Some releases take images only that their own ECR holds.
    expect(made === true ? inLambda.filter((one) => one.endsWith('web:v6')).length : inLambda.length).toBe(made === true ? 1 : 0);
  });
});
