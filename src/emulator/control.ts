import { Core } from './core';
import { FaultScript } from './faults/script';
import { Hooks } from './hooks';
import { inventoryOf } from './inventory';
import { LifecycleRun } from './lifecycle-run';
import { Request } from './server';
import { isDrydockError } from '../errors';
import { readDirectory } from '../iam/directory';
import { Timestamp } from '../lifecycle/model';

export const CONTROL_PREFIX = '/_drydock/';

export interface ControlReply {
  readonly statusCode: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** How other processes on this machine move the clock, run lifecycle policies and look inside. */
export class Control {
  constructor(private readonly core: Core, private readonly hooks: Hooks) {}

  public handle(request: Request, body: Buffer = Buffer.alloc(0)): ControlReply {
    const route = `${request.method} ${request.path}`;
    try {
      switch (route) {
        case 'POST /_drydock/clock':
          return this.clock(jsonOf(body));
        case 'POST /_drydock/lifecycle-run':
          return this.lifecycleRun(jsonOf(body));
        case 'PUT /_drydock/iam':
          this.core.permissions.use(readDirectory(jsonOf(body)));
          return { statusCode: 200, body: {} };
        case 'GET /_drydock/clock':
          return { statusCode: 200, body: this.time() };
        case 'GET /_drydock/state':
          return this.state();
        case 'GET /_drydock/calls':
          return { statusCode: 200, body: { calls: this.hooks.calls } };
        case 'GET /_drydock/faults':
          return this.faults();
        case 'PUT /_drydock/faults':
          this.hooks.faults.set(jsonOf(body) as unknown as FaultScript);
          return this.faults();
        case 'DELETE /_drydock/faults':
          this.hooks.faults.clear();
          return this.faults();
        default:
          return refuse(404, `There is no ${route}. There are GET and POST /_drydock/clock, POST /_drydock/lifecycle-run, PUT /_drydock/iam, GET /_drydock/state, GET /_drydock/calls, GET, PUT and DELETE /_drydock/faults.`);
      }
    } catch (error) {
      if (error instanceof BadRequest || error instanceof RangeError) {
        return refuse(400, error.message);
      }
      if (isDrydockError(error)) {
        return { statusCode: 400, body: { code: error.code, message: error.message, problems: error.problems } };
      }
      throw error;
    }
  }

  private faults(): ControlReply {
    return { statusCode: 200, body: { counts: this.hooks.faults.counts, fired: this.hooks.faults.fired() } };
  }

  private clock(body: Readonly<Record<string, unknown>>): ControlReply {
    const { now, advanceSeconds } = body;
    if ((now === undefined) === (advanceSeconds === undefined)) {
      throw new BadRequest('Give either "now" (ISO 8601 or epoch seconds) or "advanceSeconds".');
    }
    const before = this.core.lifecycle.runs.length;
    if (now !== undefined) {
      this.core.clock.set(now as Timestamp);
    } else if (typeof advanceSeconds === 'number') {
      this.core.clock.advance(advanceSeconds * 1000);
    } else {
      throw new BadRequest('"advanceSeconds" must be a number.');
    }
    return { statusCode: 200, body: { ...this.time(), lifecycleRuns: this.core.lifecycle.runs.slice(before).map(describeRun) } };
  }

  private lifecycleRun({ repositoryName }: Readonly<Record<string, unknown>>): ControlReply {
    if (repositoryName !== undefined && (typeof repositoryName !== 'string' || !this.core.registry.repository(repositoryName))) {
      throw new BadRequest(`There is no repository ${String(repositoryName)}.`);
    }
    return { statusCode: 200, body: { ...this.time(), lifecycleRuns: this.core.runLifecyclePolicies(repositoryName).map(describeRun) } };
  }

  private state(): ControlReply {
    this.core.settle();
    const { registry, lifecycle } = this.core;
    return {
      statusCode: 200,
      body: {
        accountId: registry.accountId,
        region: registry.region,
        ...this.time(),
        inventory: inventoryOf(registry, registry.repositories()),
        lifecycleRuns: lifecycle.runs.map(describeRun),
      },
    };
  }

  private time() {
    return { now: new Date(this.core.clock.now()).toISOString(), frozen: this.core.clock.frozen };
  }
}

const describeRun = (run: LifecycleRun) => ({ ...run, at: new Date(run.at).toISOString() });

class BadRequest extends Error {}

const refuse = (statusCode: number, message: string): ControlReply => ({ statusCode, body: { code: 'DD-EMULATOR-104', message } });

function jsonOf(body: Buffer): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
  } catch {
    throw new BadRequest('The body is not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadRequest('The body must be a JSON object.');
  }
  return value as Record<string, unknown>;
}
