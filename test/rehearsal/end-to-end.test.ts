import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { App, aws_ecr as ecr, aws_iam as iam, Duration, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { removeAssemblies, temporaryDirectory } from './assembly-builder';
import { Emulator, EmulatorOptions, startEmulator } from '../../src/emulator';
import { ImageDetail, Inventory } from '../../src/lifecycle/model';
import { OperationOptions, RehearsalResult, RehearsalSession, SessionOptions } from '../../src/rehearsal';
import { RECORD_TAG_PREFIX } from '../../src/resources';
import {
  ExistingRepository, InUse, LifecyclePolicy, LifecyclePolicyPreview, LifecycleRule, PreviewGate, Repository, RepositoryPolicy, RepositoryProps,
} from 'cdk-drydock';

const NOW = '2026-01-31T12:00:00Z';
const ROOT = join(__dirname, '..', '..');

beforeAll(() => {
  if (!existsSync(join(ROOT, 'assets', 'handler', 'index.js'))) {
    execFileSync(process.execPath, [join(ROOT, 'scripts', 'bundle.js')], { cwd: ROOT });
  }
});

afterAll(removeAssemblies);

/** A registry and a CloudFormation for one test; both go when it ends. */
class World {
  public static async open(options: EmulatorOptions = {}, session: Partial<SessionOptions> = {}): Promise<World> {
    const emulator = await startEmulator({ now: NOW, allowMissingLayers: true, ...options });
    const handlerEnv = { NODE_OPTIONS: `--require=${join(__dirname, 'fixtures', 'fast-timers.js')}` };
    const world = new World(emulator, await RehearsalSession.open({ ecrEndpoint: emulator.endpoint, handlerEnv, ...session }));
    worlds.push(world);
    return world;
  }

  private constructor(public readonly emulator: Emulator, private readonly session: RehearsalSession) {}

  public async run(app: (stack: Stack) => void, options: Partial<OperationOptions> = {}): Promise<RehearsalResult> {
    return this.runApp(synthesize(app), options);
  }

  public async runApp(assembly: string, options: Partial<OperationOptions> = {}): Promise<RehearsalResult> {
    return this.session.run({ assembly, ...options });
  }

  /** Everything that the registry holds, as text; without the handler's notes for the rollback of a creation, which the next operation may clear. */
  public registry(): string {
    const { repositories = [], ...rest } = this.emulator.inventory();
    const stripped = repositories.map((r) => ({ ...r, tags: r.tags?.filter((t) => !t.Key.startsWith(RECORD_TAG_PREFIX)) }));
    return JSON.stringify({ repositories: stripped, ...rest }, undefined, 1);
  }

  public settings(name: string) {
    return this.emulator.inventory(name).repositories?.[0];
  }

  public names(): string[] {
    return (this.emulator.inventory().repositories ?? []).map((r) => r.repositoryName).sort();
  }

  public async close(): Promise<void> {
    await this.session.close();
    await this.emulator.stop();
  }
}

const worlds: World[] = [];
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()));
});

function synthesize(...stacks: ((stack: Stack) => void)[]): string {
  const app = new App({ outdir: temporaryDirectory() });
  stacks.forEach((build, i) => build(new Stack(app, ['Shop', 'Other'][i], { env: { account: '123456789012', region: 'us-east-1' } })));
  return app.synth().directory;
}

const days = (count: number) => new Date(Date.parse(NOW) - count * 86_400_000).toISOString();
const image = (n: number, age: number, tags: string[], repositoryName = 'shop/api'): ImageDetail => ({
  repositoryName, imageDigest: `sha256:${String(n).padStart(64, repositoryName.length.toString(16))}`, imageTags: tags, imagePushedAt: days(age),
  imageSizeInBytes: 1000, imageManifestMediaType: 'application/vnd.oci.image.manifest.v1+json',
});
/** Twenty images, one every ten days; `prod` is the oldest but one, and is pulled daily. */
const images = (repositoryName = 'shop/api'): ImageDetail[] => Array.from({ length: 20 }, (_, i) => ({
  ...image(i, i * 10, i === 18 ? ['1.0.18', 'prod'] : [`1.0.${i}`], repositoryName),
  ...i === 18 ? { lastRecordedPullTime: days(0.5) } : {},
}));
const seed: Inventory = { repositories: [{ repositoryName: 'shop/api', tags: [{ Key: 'team', Value: 'blue' }] }], imageDetails: images() };

const keep = (count: number): LifecycleRule[] => [{ maxImageCount: count }];
const adopted = (stack: Stack, props: Partial<RepositoryProps> = {}) =>
  new Repository(stack, 'Api', { repositoryName: 'shop/api', existing: ExistingRepository.ADOPT, ...props });
const statement = (account: string, sid?: string) => new iam.PolicyStatement({
  ...sid === undefined ? {} : { sid }, principals: [new iam.AccountPrincipal(account)], actions: ['ecr:BatchGetImage'],
});
const failed = (result: RehearsalResult) => result.events.filter((e) => e.status.endsWith('_FAILED')).map((e) => e.reason ?? '');
const status = (result: RehearsalResult) => result.stacks[0].status;

describe('a repository of our own', () => {
  test('is created with everything, updated in place, retained by default when the stack is destroyed', async () => {
    const world = await World.open();
    const app = (mutability: ecr.TagMutability, count: number) => (stack: Stack) => {
      const repository = new Repository(stack, 'Api', { repositoryName: 'shop/api', imageTagMutability: mutability, imageScanOnPush: true, lifecycleRules: keep(count) });
      repository.addToResourcePolicy(statement('111122223333', 'Pull'));
      Tags.of(stack).add('team', 'blue');
    };
    const created = await world.run(app(ecr.TagMutability.IMMUTABLE, 100));
    expect(failed(created)).toEqual([]);
    expect(world.settings('shop/api')).toMatchObject({
      imageTagMutability: 'IMMUTABLE', imageScanningConfiguration: { scanOnPush: true },
      lifecyclePolicyText: expect.stringContaining('"countNumber":100'), repositoryPolicyText: expect.stringContaining('Pull'),
      tags: expect.arrayContaining([{ Key: 'team', Value: 'blue' }]),
    });
    const updated = await world.run(app(ecr.TagMutability.MUTABLE, 50));
    expect(failed(updated)).toEqual([]);
    expect(world.settings('shop/api')).toMatchObject({ imageTagMutability: 'MUTABLE', lifecyclePolicyText: expect.stringContaining('"countNumber":50') });
    expect(updated.notices).toEqual([]);
    const destroyed = await world.run(app(ecr.TagMutability.MUTABLE, 50), { action: 'destroy' });
    expect(status(destroyed)).toBe('DELETE_COMPLETE');
    expect(world.names()).toEqual(['shop/api']);
  });

  test('goes with the stack when its removal policy says so, images only with emptyOnDelete', async () => {
    for (const emptyOnDelete of [false, true]) {
      const world = await World.open();
      const app = (stack: Stack) => {
        new Repository(stack, 'Api', { repositoryName: 'shop/api', removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete });
      };
      await world.run(app);
      const result = await world.run(app, { action: 'destroy' });
      expect([status(result), world.names()]).toEqual(['DELETE_COMPLETE', []]);
    }
  });

  test('with another name is made anew, and the old one goes or stays as the removal policy says', async () => {
    for (const [removalPolicy, left] of [[RemovalPolicy.DESTROY, ['two']], [RemovalPolicy.RETAIN, ['one', 'two']]] as const) {
      const world = await World.open();
      const app = (repositoryName: string) => (stack: Stack) => {
        new Repository(stack, 'Api', { repositoryName, removalPolicy, lifecycleRules: keep(3) }).addToResourcePolicy(statement('111122223333', 'Pull'));
      };
      await world.run(app('one'));
      const result = await world.run(app('two'));
      expect(failed(result)).toEqual([]);
      expect(world.names()).toEqual(left);
      expect(world.settings('two')).toMatchObject({ lifecyclePolicyText: expect.any(String), repositoryPolicyText: expect.stringContaining('Pull') });
    }
  });

  test('of a name that is taken fails with a reason that says how to adopt it, and touches nothing', async () => {
    const world = await World.open({ seed });
    const before = world.registry();
    const result = await world.run((stack) => {
      new Repository(stack, 'Api', { repositoryName: 'shop/api' });
    });
    expect(failed(result)[0]).toMatch(/adopt/i);
    expect(status(result)).toBe('ROLLBACK_COMPLETE');
    expect(world.registry()).toBe(before);
  });
});

describe('the gate', () => {
  test('stops a careless update before anything changes, says which images and why, and the rollback restores exactly', async () => {
    const world = await World.open({ seed });
    const app = (rules: LifecycleRule[], mutability: ecr.TagMutability) => (stack: Stack) => {
      adopted(stack, { lifecycleRules: rules, imageTagMutability: mutability });
    };
    expect(status(await world.run(app(keep(100), ecr.TagMutability.MUTABLE)))).toBe('CREATE_COMPLETE');
    const before = world.registry();
    const result = await world.run(app(keep(5), ecr.TagMutability.IMMUTABLE));
    expect(status(result)).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(failed(result)[0]).toMatch(/1\.0\.18|prod/);
    expect(world.registry()).toBe(before);
    const listed = result.handlerLogs.map((log) => log.record).filter((r) => r.message === 'preview');
    expect(listed.length).toBeGreaterThan(0);
  });

  test('lets the acknowledged policy pass, and only that one', async () => {
    const world = await World.open({ seed });
    const app = (count: number, acknowledgedPolicies: string[] = []) => (stack: Stack) => {
      new LifecyclePolicy(stack, 'Policy', {
        repository: Repository.fromRepositoryName(stack, 'Api', 'shop/api'), rules: keep(count), previewGate: PreviewGate.of({ acknowledgedPolicies }),
      });
    };
    const blocked = await world.run(app(5));
    const hash = /'?([0-9a-f]{16})'?/.exec(failed(blocked)[0])?.[1] as string;
    expect(status(await world.run(app(4, [hash])))).toBe('ROLLBACK_COMPLETE');
    expect(status(await world.run(app(5, [hash])))).toBe('CREATE_COMPLETE');
  });

  test.each([[InUse.ecs()], [InUse.lambdaFunctions()], [InUse.ecsAndLambda()]])('stops a change that would take an image in use, as the rehearsal was told what runs', async (inUse) => {
    const app = (stack: Stack) => {
      new LifecyclePolicy(stack, 'Policy', {
        repository: Repository.fromRepositoryName(stack, 'Api', 'shop/api'), rules: keep(5), previewGate: PreviewGate.of({ maxExpiringPercent: 100, protectedTagPatterns: [], protectPulledWithin: Duration.days(0), inUse }),
      });
    };
    const running = [{ reference: '210987654321.dkr.ecr.eu-west-1.amazonaws.com/shop/api:1.0.9', by: 'pod prod/api' }, { reference: 'nginx:1', by: 'pod prod/web' }];
    const told = await World.open({ seed }, { inUse: running });
    const blocked = await told.run(app);
    expect(status(blocked)).toBe('ROLLBACK_COMPLETE');
    expect(failed(blocked)[0]).toMatch(/DD-GATE-107.*1 image of shop\/api in use would expire. Namely: 1\.0\.9, by/s);
    expect(blocked.notices).toEqual([]);
    const untold = await World.open({ seed });
    const passed = await untold.run(app);
    expect(status(passed)).toBe('CREATE_COMPLETE');
    expect([...new Set(passed.notices.map(({ code }) => code))]).toEqual(['DD-REHEARSAL-111']);
  });

  test('foretells exactly what then expires', async () => {
    const world = await World.open({ seed });
    const result = await world.run((stack) => {
      adopted(stack, { lifecycleRules: [{ tagPatternList: ['prod'], protect: true }, { maxImageAge: Duration.days(125), tagPatternList: ['1.*'] }] });
    });
    expect(status(result)).toBe('CREATE_COMPLETE');
    const foretold = result.handlerLogs.flatMap((log) => log.record.message === 'preview' ? log.record.images as { imageDigest: string; action: string }[] : [])
      .filter((i) => i.action === 'EXPIRE').map((i) => i.imageDigest).sort();
    const before = world.emulator.inventory('shop/api').imageDetails.map((i) => i.imageDigest);
    world.emulator.clock.advance(25 * 3_600_000);
    const after = world.emulator.inventory('shop/api').imageDetails.map((i) => i.imageDigest);
    expect(before.filter((digest) => !after.includes(digest)).sort()).toEqual(foretold);
    expect(foretold.length).toBeGreaterThan(0);
  });

  test('in front of a native repository stops the change before CloudFormation touches the repository; a good one passes; a new repository is created', async () => {
    const world = await World.open({ seed: { imageDetails: images() } });
    const app = (rules: ecr.LifecycleRule[], more = false) => (stack: Stack) => {
      new ecr.Repository(stack, 'Api', { repositoryName: 'native/api', lifecycleRules: rules });
      if (more) {
        new ecr.Repository(stack, 'New', { lifecycleRules: [{ maxImageCount: 1 }] });
      }
      PreviewGate.protect(stack);
    };
    const first = await world.run(app([{ maxImageCount: 100 }]));
    expect(failed(first)).toEqual([]);
    await fill(world, 'native/api');
    const before = world.registry();
    const calls = { ...world.emulator.calls };

    const careless = await world.run(app([{ maxImageCount: 5 }], true));
    expect(status(careless)).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(careless.events.filter((e) => e.type === 'AWS::ECR::Repository' && e.logicalId.startsWith('Api')).map((e) => e.status)).toEqual([]);
    expect(world.emulator.calls.PutLifecyclePolicy).toBe(calls.PutLifecyclePolicy);
    expect(world.registry()).toBe(before);

    const good = await world.run(app([{ maxImageCount: 60 }], true));
    expect(failed(good)).toEqual([]);
    expect(world.settings('native/api')?.lifecyclePolicyText).toContain('"countNumber":60');
    expect(world.names()).toEqual(['native/api', expect.stringMatching(/^shop-new/), 'shop/api']);
  });
});

describe('statements of others', () => {
  test('survive when one of several constructs is removed: its clean-up takes away its own statements only', async () => {
    const world = await World.open({ seed });
    const app = (second: boolean) => (stack: Stack) => {
      const repository = Repository.fromRepositoryName(stack, 'Api', 'shop/api');
      new RepositoryPolicy(stack, 'One', { repository, statements: [statement('111122223333', 'One')] });
      if (second) {
        new RepositoryPolicy(stack, 'Two', { repository, statements: [statement('444455556666', 'Two')] });
      }
    };
    await world.run(app(true));
    expect(world.settings('shop/api')?.repositoryPolicyText).toMatch(/One[^]*Two|Two[^]*One/);
    const result = await world.run(app(false));
    expect(failed(result)).toEqual([]);
    expect(result.handlerLogs.some((log) => log.requestType === 'Delete')).toBe(true);
    expect(world.settings('shop/api')?.repositoryPolicyText).toContain('One');
    expect(world.settings('shop/api')?.repositoryPolicyText).not.toContain('Two');
  });

  test('survive two policies of one stack that are written at the same time', async () => {
    // With the handler's own patience: it is what this is about.
    const world = await World.open({ seed }, { concurrency: 4, handlerEnv: {} });
    const result = await world.run((stack) => {
      const repository = Repository.fromRepositoryName(stack, 'Api', 'shop/api');
      ['A', 'B', 'C'].forEach((sid) => new RepositoryPolicy(stack, sid, { repository, statements: [statement('111122223333', sid)] }));
    });
    expect(failed(result)).toEqual([]);
    const policy = JSON.parse(world.settings('shop/api')?.repositoryPolicyText ?? '{}') as { Statement: { Sid: string }[] };
    expect(policy.Statement.map((s) => s.Sid).sort()).toEqual(['A', 'B', 'C']);
  });
});

test('a preview alone changes nothing, and gives its counts as attributes', async () => {
  const world = await World.open({ seed });
  const before = world.registry();
  const result = await world.run((stack) => {
    const preview = new LifecyclePolicyPreview(stack, 'Preview', { repository: Repository.fromRepositoryName(stack, 'Api', 'shop/api'), rules: keep(5) });
    stack.exportValue(preview.expiringImageCount, { name: 'count' });
  });
  expect(failed(result)).toEqual([]);
  expect(Object.values(result.stacks[0].outputs)).toEqual(['15']);
  expect(world.registry()).toBe(before);
});

describe('wherever a deployment fails, the registry is what it was', () => {
  const before = (stack: Stack) => {
    const own = new Repository(stack, 'Own', { repositoryName: 'own', lifecycleRules: keep(100), removalPolicy: RemovalPolicy.DESTROY });
    own.addToResourcePolicy(statement('111122223333', 'Ours'));
    adopted(stack, { lifecycleRules: keep(100) }).addToResourcePolicy(statement('111122223333', 'Ours'));
    new RepositoryPolicy(stack, 'Gone', { repository: Repository.fromRepositoryName(stack, 'Imported', 'shop/api'), statements: [statement('111122223333', 'Gone')] });
  };
  const after = (stack: Stack) => {
    const own = new Repository(stack, 'Own', { repositoryName: 'own-renamed', lifecycleRules: keep(90), removalPolicy: RemovalPolicy.DESTROY });
    own.addToResourcePolicy(statement('444455556666', 'Ours'));
    adopted(stack, { lifecycleRules: keep(90), imageTagMutability: ecr.TagMutability.IMMUTABLE, imageScanOnPush: true }).addToResourcePolicy(statement('444455556666', 'Ours'));
    new Repository(stack, 'New', { repositoryName: 'new', lifecycleRules: keep(1) });
    new ecr.Repository(stack, 'Native', { repositoryName: 'native', lifecycleRules: [{ maxImageCount: 3 }], removalPolicy: RemovalPolicy.DESTROY });
  };
  const foreign: Inventory = {
    ...seed,
    repositories: [{
      ...seed.repositories?.[0] as { repositoryName: string },
      repositoryPolicyText: JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid: 'Foreign', Effect: 'Allow', Principal: '*', Action: 'ecr:GetDownloadUrlForLayer' }] }),
    }],
  };
  const beforeApp = () => synthesize(before);
  /** What is made or changed, in this order; what is only deleted comes when nothing can fail any more. */
  const touched = (result: RehearsalResult) => [...new Set(result.events
    .filter((e) => (e.type.startsWith('Custom::') || e.type === 'AWS::ECR::Repository') && /^(CREATE|UPDATE)_IN_PROGRESS$/.test(e.status))
    .map((e) => e.logicalId))];

  test.each<[string, Partial<SessionOptions>, 'everywhere' | 'at the last']>([
    ['at every resource, before and after its effect', {}, 'everywhere'],
    ['at the last resource, when a replaced one is updated back before it is deleted', { behaviour: { replacedInRollback: 'update-then-delete' } }, 'at the last'],
    ['at the last resource, when updates are taken back in the order in which they were made', { behaviour: { rollbackOrder: 'forward' } }, 'at the last'],
    ['at the last resource, when every event is delivered twice', { duplicates: 'sequential' }, 'at the last'],
  ])('an update, %s', async (_, options, where) => {
    const world = await World.open({ seed: foreign }, options);
    const [first, second] = [beforeApp(), synthesize(after)];
    expect(failed(await world.runApp(first))).toEqual([]);
    const registry = world.registry();
    const targets = touched(await probe(first, second, foreign));
    expect(targets.length).toBeGreaterThanOrEqual(8);
    for (const target of where === 'everywhere' ? targets : targets.slice(-1)) {
      for (const when of ['before', 'after'] as const) {
        const result = await world.runApp(second, { failAt: [{ target, when }] });
        expect([target, when, status(result), failed(result).length]).toEqual([target, when, 'UPDATE_ROLLBACK_COMPLETE', 1]);
        expect({ target, when, registry: world.registry() }).toEqual({ target, when, registry });
      }
    }
    const done = await world.runApp(second);
    expect(failed(done)).toEqual([]);
    expect(world.names()).toEqual(['native', 'new', 'own-renamed', 'shop/api']);
    expect(world.settings('shop/api')?.repositoryPolicyText).toContain('Foreign');
    expect(world.settings('shop/api')?.repositoryPolicyText).not.toContain('Gone');
  });

  test('a creation, at every resource, before and after its effect', async () => {
    const world = await World.open({ seed: foreign });
    const registry = world.registry();
    const assembly = synthesize((stack) => {
      before(stack);
      new ecr.Repository(stack, 'Native', { repositoryName: 'native', lifecycleRules: [{ maxImageCount: 3 }], removalPolicy: RemovalPolicy.DESTROY });
    });
    const targets = touched(await probe(assembly, undefined, foreign));
    for (const target of targets) {
      for (const when of ['before', 'after'] as const) {
        const result = await world.runApp(assembly, { failAt: [{ target, when, operation: 'create' }] });
        expect([target, when, status(result)]).toEqual([target, when, 'ROLLBACK_COMPLETE']);
        expect(world.registry()).toBe(registry);
      }
    }
    expect(failed(await world.runApp(assembly))).toEqual([]);
  });

  /** The last of these deployments, on a registry of its own. */
  async function probe(first: string, second: string | undefined, inventory: Inventory): Promise<RehearsalResult> {
    const world = await World.open({ seed: inventory });
    const result = await world.runApp(first);
    return second === undefined ? result : world.runApp(second);
  }
});

test('two stacks with policies on one repository: destroying one leaves the statements of the other', async () => {
  const world = await World.open({ seed });
  const policyIn = (sid: string) => (stack: Stack) => {
    new RepositoryPolicy(stack, 'Policy', { repository: Repository.fromRepositoryName(stack, 'Api', 'shop/api'), statements: [statement('111122223333', sid)] });
  };
  const assembly = synthesize(policyIn('One'), policyIn('Two'));
  expect((await world.runApp(assembly)).ok).toBe(true);
  expect((await world.runApp(assembly, { action: 'destroy', stacks: ['Other'] })).ok).toBe(true);
  expect(world.settings('shop/api')?.repositoryPolicyText).toContain('One');
  expect(world.settings('shop/api')?.repositoryPolicyText).not.toContain('Two');
});

/** Pushes the twenty images into a repository that a stack has made. */
async function fill(world: World, repositoryName: string): Promise<void> {
  for (let i = 0; i < 20; i += 1) {
    await fetch(world.emulator.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.PutImage' },
      body: JSON.stringify({
        repositoryName, imageTag: i === 2 ? 'prod' : `1.0.${i}`, imageManifestMediaType: 'application/vnd.oci.image.manifest.v1+json',
        imageManifest: JSON.stringify({
          schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', layers: [], annotations: { n: String(i) },
          config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: `sha256:${'a'.repeat(64)}`, size: 1 },
        }),
      }),
    });
    world.emulator.clock.advance(60_000);
  }
}
