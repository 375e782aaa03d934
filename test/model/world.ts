import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Action, Actor } from './actor';
import { Answers } from './answers';
import { App, STACK_NAME } from './app';
import { Chaos, Trouble } from './chaos';
import type { Mutation } from './mutation';
import { bookkeepingOf, RegistryState, stateOf } from './registry-state';
import { InProcessRuntime } from './runtime';
import { assemblyFiles, Rendering, templateOf } from './template';
import { Emulator, startEmulator } from '../../src/emulator';
import type { CustomResourceEvent } from '../../src/handlers/protocol';
import type { Inventory } from '../../src/lifecycle/model';
import { Fault, HandlerLog, RehearsalSession } from '../../src/rehearsal';

const NOW = '2026-01-31T12:00:00Z';

export interface OperationPlan {
  readonly action: 'deploy' | 'destroy';
  readonly app: App;
  readonly rendering?: Rendering;
  readonly failAt?: Fault;
  readonly troubles: readonly Trouble[];
  readonly twice: boolean;
  readonly impatient: boolean;
}

export interface Outcome {
  readonly ok: boolean;
  /** Of the stack. */
  readonly status: string;
  /** Of what failed. */
  readonly reasons: readonly string[];
  readonly logs: readonly HandlerLog[];
}

/** A registry, CloudFormation, and the handlers' own code between them, over sockets; for one sequence. */
export class World {
  public static async open(answers: Answers, seed: Inventory, mutation?: Mutation): Promise<World> {
    const world = new World(answers, mutation);
    world.emulator = await startEmulator({ now: NOW, allowMissingLayers: true, seed, intercept: world.chaos.intercept });
    let events = 0;
    world.session = await RehearsalSession.open({
      ecrEndpoint: world.emulator.endpoint,
      runtime: world.runtime,
      seed: 'model',
      onEvent: ({ type, status }) => {
        world.status = type === 'AWS::CloudFormation::Stack' ? status : world.status;
      },
      now: () => Date.parse(NOW) + (events += 1) * 1_000,
    });
    return world;
  }

  public readonly chaos: Chaos;
  public readonly runtime: InProcessRuntime;
  public readonly actor: Actor;
  /** What the actor has done in this operation, and what it has found. */
  public readonly acted: { readonly action: Action; readonly before: RegistryState }[] = [];
  public emulator!: Emulator;
  /** Of the stack, at this moment. */
  private status = '';
  private session!: RehearsalSession;
  private readonly directory: string;

  private constructor(answers: Answers, mutation: Mutation | undefined) {
    this.directory = mkdtempSync(join(tmpdir(), 'drydock-model-'));
    for (const [file, content] of Object.entries(assemblyFiles(this.directory))) {
      writeFileSync(join(this.directory, file), JSON.stringify(content));
    }
    mkdirSync(join(this.directory, 'code'));
    this.actor = new Actor(() => this.emulator.endpoint);
    this.chaos = new Chaos((action) => this.act(action), () => this.status);
    this.runtime = new InProcessRuntime(this.chaos, answers, mutation, {
      status: () => this.status,
      state: () => this.state(),
      call: (operation, input) => this.actor.send(operation, input),
      answer,
    });
  }

  /** Whether there is a stack that a deployment would update. */
  public get exists(): boolean {
    return !['', 'DELETE_COMPLETE', 'ROLLBACK_COMPLETE'].includes(this.status);
  }

  public state(): RegistryState {
    return stateOf(this.emulator.inventory());
  }

  public bookkeeping(): ReturnType<typeof bookkeepingOf> {
    return bookkeepingOf(this.emulator.inventory());
  }

  public async act(action: Action): Promise<void> {
    this.acted.push({ action, before: this.state() });
    await this.actor.perform(action);
  }

  public async run(plan: OperationPlan): Promise<Outcome> {
    writeFileSync(join(this.directory, `${STACK_NAME}.template.json`), JSON.stringify(templateOf(plan.app, plan.rendering)));
    this.acted.length = 0;
    this.runtime.deliveries.length = 0;
    this.runtime.twice = plan.twice;
    this.runtime.impatient = plan.impatient;
    this.chaos.begin(plan.troubles);
    const result = await this.session.run({ assembly: this.directory, action: plan.action, ...plan.failAt === undefined ? {} : { failAt: [plan.failAt] } });
    await this.runtime.finish();
    this.chaos.end();
    const [stack] = result.stacks;
    // A stack that is gone, or never was, is not among them.
    const status = stack?.status ?? 'DELETE_COMPLETE';
    return {
      ok: result.ok, status, logs: result.handlerLogs,
      reasons: result.events.filter((event) => event.status.endsWith('_FAILED')).map((event) => `${event.logicalId} ${event.status}: ${event.reason}`),
    };
  }

  public async close(): Promise<void> {
    await this.session.close();
    await this.emulator.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** As a handler would, by hand. */
async function answer(event: CustomResourceEvent, status: 'SUCCESS' | 'FAILED' = 'SUCCESS'): Promise<void> {
  const { StackId, RequestId, LogicalResourceId, ResponseURL, PhysicalResourceId = String(event.ResourceProperties.RepositoryName) } = event;
  const body = { Status: status, StackId, RequestId, LogicalResourceId, PhysicalResourceId, ...status === 'FAILED' ? { Reason: 'planted' } : {} };
  await fetch(ResponseURL, { method: 'PUT', body: Buffer.from(JSON.stringify(body)) });
}
