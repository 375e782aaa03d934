import { Clock } from './clock';
import { Control, CONTROL_PREFIX } from './control';
import { Core } from './core';
import { LAYERS_PREFIX } from './download-url';
import { FaultControl, Faults } from './faults/faults';
import { Hooks } from './hooks';
import { inventoryOf } from './inventory';
import { LayersDoor } from './layers-door';
import { LifecycleRun } from './lifecycle-run';
import { EmulatorOptions, readOptions, Settings } from './options';
import { ApiReply, Pipeline } from './pipeline';
import { RegistryView } from './registry/registry';
import { Handler, HttpServer, Reply } from './server';
import { answerSts, isStsRequest } from './sts-door';
import { V2Door } from './v2/door';
import { V2_PREFIX } from './v2/route';
import { DirectorySource, readDirectory } from '../iam/directory';
import { Inventory } from '../lifecycle/model';

/** A running ECR on 127.0.0.1. */
export interface Emulator {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  readonly port: number;
  readonly accountId: string;
  readonly region: string;
  readonly clock: Clock;
  /** Read access to repositories, images, policies and previews as they are now. */
  readonly state: RegistryView;
  /** Calls so far, by operation. */
  readonly calls: Readonly<Record<string, number>>;
  /** The fault script at work: what came of its rules, and another one in its place. */
  readonly faults: FaultControl;
  /** What lifecycle policies have done so far, oldest first. */
  readonly lifecycleRuns: readonly LifecycleRun[];
  /** Users and roles, and their policies, from now on: as the option `iam`. */
  setPrincipals(iam: DirectorySource): void;
  /** The present state in the form that `seed` takes. */
  inventory(repositoryName?: string): Inventory;
  /** Runs lifecycle policies at once, whenever they would be due. */
  runLifecyclePolicies(repositoryName?: string): readonly LifecycleRun[];
  /** Closes the port and every connection. */
  stop(): Promise<void>;
}

/**
 * Starts an ECR that unmodified clients can talk to. It binds to 127.0.0.1 only, accepts any credentials and holds one registry.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const settings = readOptions(options);
  const core = new Core(settings);
  const hooks = new Hooks(settings, new Faults({ registry: core.registry, clock: core.clock, log: settings.log }, settings.faults));
  const server = new HttpServer(route(core, settings, hooks));
  let port: number;
  try {
    port = await server.listen(settings.port ?? 0);
  } catch (error) {
    core.close();
    throw error;
  }
  const { registry } = core;
  let stopped: Promise<void> | undefined;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    accountId: registry.accountId,
    region: registry.region,
    clock: core.clock,
    get state() {
      core.settle();
      return registry;
    },
    calls: hooks.calls,
    faults: hooks.faults,
    lifecycleRuns: core.lifecycle.runs,
    inventory(repositoryName) {
      core.settle();
      const repositories = registry.repositories().filter(({ record }) => repositoryName === undefined || record.repositoryName === repositoryName);
      return inventoryOf(registry, repositories);
    },
    setPrincipals: (iam) => core.permissions.use(readDirectory(iam)),
    runLifecyclePolicies: (repositoryName) => core.runLifecyclePolicies(repositoryName),
    stop: () => stopped ??= server.close().then(() => core.close()),
  };
}

function route(core: Core, settings: Settings, hooks: Hooks): Handler {
  const pipeline = new Pipeline(core, settings, hooks);
  const control = new Control(core, hooks);
  const layers = new LayersDoor(core, hooks);
  const registry = new V2Door(core, settings, hooks);
  return async (request) => {
    const door = settings.doors?.find((other) => other.accepts(request));
    if (door !== undefined) {
      return door.handle(request);
    }
    if (request.path.startsWith(LAYERS_PREFIX)) {
      return layers.handle(request);
    }
    if (request.path === '/v2' || request.path.startsWith(V2_PREFIX)) {
      return registry.handle(request);
    }
    if (request.path.startsWith(CONTROL_PREFIX)) {
      const { statusCode, body } = control.handle(request, await request.bytes());
      return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    }
    if (request.method !== 'POST' || request.path !== '/') {
      return { statusCode: 404, headers: { 'content-type': 'text/plain' }, body: 'Amazon ECR API: POST / with X-Amz-Target. See also GET /_drydock/state.\n' };
    }
    if (isStsRequest(request)) {
      return answerSts(request, core);
    }
    const reply = await pipeline.handle(request);
    return reply && apiReply(core, reply);
  };
}

function apiReply(core: Core, { requestId, statusCode, headers, body }: ApiReply): Reply {
  return {
    statusCode,
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amzn-requestid': requestId,
      // Clients that need the registry's time read it here.
      'date': new Date(core.clock.now()).toUTCString(),
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}
