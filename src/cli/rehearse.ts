import { resolve } from 'node:path';
import { Command } from 'commander';
import { cliError, readCount, readFormat, readInventoryFile, readTime } from './input';
import { json, out, paint, printReport } from './output';
import { RehearsalLog } from './rehearsal-log';
import { Emulator, startEmulator } from '../emulator';
import { Inventory } from '../lifecycle/model';
import { RehearsalResult, RehearsalSession, RehearsalState } from '../rehearsal';
import { EcrClient, EcrError } from '../rehearsal/ecr-client';
import { gateReport, LoggedPreview, previewsOf } from '../report/gate-report';
import { sanitise } from '../report/sanitise';
import { RECORD_TAG_PREFIX } from '../resources';

interface RehearseOptions {
  readonly app: string;
  readonly then: readonly string[];
  readonly deployed?: string;
  readonly seed?: string;
  readonly endpoint?: string;
  readonly now?: string;
  readonly failAt: readonly string[];
  readonly stack: readonly string[];
  readonly parameters: readonly string[];
  readonly destroy?: boolean;
  readonly limit: string;
  readonly format: string;
}

const collect = (value: string, previous: readonly string[]) => [...previous, value];

export function rehearseCommand(): Command {
  return new Command('rehearse')
    .description('Deploy a synthesized app on the embedded ECR, the way CloudFormation would')
    .requiredOption('--app <directory>', 'synthesized app (cdk.out)')
    .option('--then <directory>', 'synthesized app that is deployed next, as an update (repeatable)', collect, [])
    .option('--deployed <directory>', 'synthesized app that is there already: its stacks exist before --app is deployed')
    .option('--seed <file>', 'inventory that the registry holds before')
    .option('--endpoint <url>', 'a running embedded ECR, in place of one of our own')
    .option('--now <time>', 'the registry\'s time, ISO 8601 (default: real time)')
    .option('--fail-at <resource>', 'logical id or construct path of a resource that fails in the last deployment (repeatable)', collect, [])
    .option('--stack <name>', 'only this stack and what it depends on (repeatable)', collect, [])
    .option('--parameters <key=value>', 'value of a template parameter, KEY=VALUE or STACK:KEY=VALUE (repeatable)', collect, [])
    .option('--destroy', 'delete the stacks at the end')
    .option('--limit <rows>', 'rows of each list of images', '20')
    .option('--format <format>', 'events or json', 'events')
    .addHelpText('after', '\nExit code: 0 everything was deployed, 2 a deployment failed or the gate stopped it, 1 the rehearsal could not run.\n\nExample:'
      + '\n  $ npx cdk synth && drydock rehearse --app cdk.out --seed inventory.json')
    .action((options: RehearseOptions) => rehearse(options));
}

/** A handler would go on trying until its time is over; so ask first. */
async function mustAnswer(endpoint: string): Promise<void> {
  try {
    await new EcrClient(endpoint).call('us-east-1', 'DescribeRepositories', { maxResults: 1 });
  } catch (error) {
    if (!(error instanceof EcrError)) {
      throw error;
    }
  }
}

interface Step {
  readonly name: string;
  readonly app: string;
  readonly action: 'deploy' | 'destroy';
  readonly failAt: readonly string[];
}

interface StepResult {
  readonly app: string;
  readonly action: string;
  readonly ok: boolean;
  readonly stacks: RehearsalResult['stacks'];
  readonly events: RehearsalResult['events'];
  readonly notices: RehearsalResult['notices'];
  readonly previews: readonly LoggedPreview[];
  /** Whether the registry is to the letter what it was before the step. */
  readonly registryUnchanged?: boolean;
}

async function rehearse(options: RehearseOptions): Promise<void> {
  const format = readFormat(options.format, ['events', 'json']);
  const limit = readCount(options.limit, '--limit', 1_000_000);
  const parameters = readParameters(options.parameters);
  if (options.endpoint !== undefined && (options.seed !== undefined || options.deployed !== undefined)) {
    throw cliError('DD-CLI-007', '--endpoint', 'A running registry brings its own images.', 'Give --seed to `drydock emulator`, and leave --seed and --deployed out here.');
  }
  if (options.endpoint !== undefined) {
    await mustAnswer(options.endpoint);
  }
  const now = options.now === undefined ? undefined : new Date(readTime(options.now, '--now'));
  const seed = options.seed === undefined ? undefined : readInventoryFile(options.seed);
  const log = format === 'events' ? new RehearsalLog() : undefined;

  const before = options.deployed === undefined ? undefined : await deployedBefore(options.deployed, options.stack, parameters, now, accountOf(seed));
  const emulator = options.endpoint === undefined ? await startEmulator({ seed: join(seed, before?.inventory), now, allowMissingLayers: true }) : undefined;
  const session = await RehearsalSession.open({
    ecrEndpoint: options.endpoint ?? emulator!.endpoint,
    accountId: emulator?.accountId,
    onEvent: (event) => log?.event(event),
  }, before?.state);
  const results: StepResult[] = [];
  try {
    const steps = stepsOf(options);
    for (const step of steps) {
      log?.step(step.name);
      const snapshot = registryText(emulator);
      const result = await session.run({ assembly: resolve(step.app), action: step.action, stacks: some(options.stack), parameters, failAt: some(step.failAt) });
      const done: StepResult = {
        app: step.app, action: step.action, ok: result.ok, stacks: result.stacks, events: result.events, notices: result.notices,
        previews: previewsOf(result.handlerLogs.map(({ record }) => record)),
        registryUnchanged: emulator && snapshot === registryText(emulator),
      };
      results.push(done);
      if (log) {
        printStep(done, limit, emulator?.clock.now() ?? Date.now(), hintOf(options));
      }
    }
  } finally {
    await session.close();
    if (format === 'json') {
      json({ ok: results.every(({ ok }) => ok), steps: results, finalState: emulator?.inventory() });
    }
    await emulator?.stop();
  }
  process.exitCode = results.every(({ ok }) => ok) ? 0 : 2;
}

function stepsOf(options: RehearseOptions): Step[] {
  const apps = [options.app, ...options.then];
  const steps = apps.map((app, index): Step => ({
    name: index === 0 && options.deployed === undefined ? `Deploy ${app}` : `Update to ${app}`, app, action: 'deploy', failAt: index === apps.length - 1 ? options.failAt : [],
  }));
  return options.destroy ? [...steps, { name: 'Destroy', app: apps[apps.length - 1], action: 'destroy', failAt: [] }] : steps;
}

/** What an app leaves in an empty registry, and the state of its stacks. */
async function deployedBefore(
  assembly: string, stacks: readonly string[], parameters: Record<string, string> | undefined, now: Date | undefined, accountId: string | undefined,
): Promise<{ inventory: Inventory; state: RehearsalState }> {
  const emulator = await startEmulator({ now, accountId });
  try {
    const session = await RehearsalSession.open({ ecrEndpoint: emulator.endpoint, accountId: emulator.accountId });
    try {
      const result = await session.run({ assembly: resolve(assembly), stacks: some(stacks), parameters });
      if (!result.ok) {
        const reason = result.stacks.find((stack) => stack.reason !== undefined)?.reason;
        throw cliError('DD-CLI-005', '--deployed', `The app cannot be deployed into an empty registry: ${reason ?? 'see the events of a rehearsal with --app'}.`, undefined, assembly);
      }
      return { inventory: emulator.inventory(), state: result.state };
    } finally {
      await session.close();
    }
  } finally {
    await emulator.stop();
  }
}

/** The account that the seed names, if it does. */
function accountOf(seed: Inventory | undefined): string | undefined {
  return [...seed?.repositories ?? [], ...seed?.imageDetails ?? []].find(({ registryId }) => registryId !== undefined)?.registryId;
}

/** The seed's images in the repositories as the deployed app made them. */
function join(seed: Inventory | undefined, deployed: Inventory | undefined): Inventory | undefined {
  if (seed === undefined || deployed === undefined) {
    return seed ?? deployed;
  }
  const made = new Set((deployed.repositories ?? []).map(({ repositoryName }) => repositoryName));
  return {
    repositories: [...deployed.repositories ?? [], ...(seed.repositories ?? []).filter(({ repositoryName }) => !made.has(repositoryName))],
    imageDetails: seed.imageDetails,
    manifestChildren: seed.manifestChildren,
  };
}

/** The registry as text, without the notes that the handler keeps for rollbacks: those may be gone once they are of no more use. */
function registryText(emulator: Emulator | undefined): string | undefined {
  return emulator && JSON.stringify(emulator.inventory(), (key, value: unknown) => key === 'tags' && Array.isArray(value)
    ? (value as { Key: string }[]).filter(({ Key }) => !Key.startsWith(RECORD_TAG_PREFIX))
    : value);
}

/** What is easily forgotten, for a deployment that failed and was not stopped by the gate. */
function hintOf({ seed, endpoint, deployed }: RehearseOptions): string | undefined {
  if (endpoint !== undefined) {
    return undefined;
  }
  return seed === undefined
    ? 'The embedded ECR began empty: --seed gives it repositories and images.'
    : deployed === undefined ? 'If the app is deployed already, say so with --deployed: CloudFormation then updates its repositories instead of creating them.' : undefined;
}

function printStep(result: StepResult, limit: number, now: number, hint: string | undefined): void {
  for (const preview of result.previews) {
    printReport(gateReport(preview, limit, now));
  }
  out('');
  for (const { code, pointer, message } of result.notices) {
    out(paint(`${code} at ${sanitise(pointer)}: ${sanitise(message)}`, 'quiet'));
  }
  for (const stack of result.stacks) {
    out(paint(`${stack.stackName}: ${stack.status}`, result.ok ? 'good' : 'bad'));
    Object.entries(stack.outputs).forEach(([key, value]) => out(`  ${key} = ${sanitise(String(value))}`));
  }
  if (!result.ok && hint !== undefined && result.previews.every(({ verdict }) => verdict !== 'blocked')) {
    out(paint(hint, 'warning'));
  }
  if (!result.ok && result.registryUnchanged !== undefined) {
    out(result.registryUnchanged ? paint('The registry is exactly what it was before.', 'good') : paint('The registry is not what it was before.', 'bad'));
  }
}

function readParameters(pairs: readonly string[]): Record<string, string> | undefined {
  if (pairs.length === 0) {
    return undefined;
  }
  return Object.fromEntries(pairs.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) {
      throw cliError('DD-CLI-005', '--parameters', `${JSON.stringify(pair)} is not KEY=VALUE.`, undefined, pair);
    }
    return [pair.slice(0, at), pair.slice(at + 1)];
  }));
}

function some<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length === 0 ? undefined : values;
}
