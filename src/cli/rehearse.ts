import { resolve } from 'node:path';
import { Command } from 'commander';
import { cliError } from './codes';
import { oneStandardInput, readCount, readEndpoint, readFaultsFile, readFormat, readInventoryFile, readPairs, readText, readTime } from './input';
import { json, printReport } from './output';
import { faultBlocks, finalBlocks, noticeBlocks, RehearsalLog, stackBlocks } from './rehearsal-log';
import { ownRegistry, RehearsalRegistry, runningRegistry } from './rehearsal-registry';
import { deployedBefore, seedFor } from './rehearsal-seed';
import { readInUseList } from '../lifecycle/in-use-list';
import { RehearsalResult, RehearsalSession } from '../rehearsal';
import { line } from '../report/blocks';
import { LoggedPreview, loggedPreviews } from '../report/logged-preview';
import { changesReport, registryChanges } from '../report/registry-report';
import { RECORD_TAG_PREFIX } from '../resources';

interface RehearseOptions {
  readonly app: string;
  readonly then: readonly string[];
  readonly deployed?: string;
  readonly seed?: string;
  readonly endpoint?: string;
  readonly faults?: string;
  readonly inUse?: string;
  readonly now?: string;
  readonly failAt: readonly string[];
  readonly stack: readonly string[];
  readonly parameters: readonly string[];
  readonly registry: readonly string[];
  readonly secret: readonly string[];
  readonly destroy?: boolean;
  readonly iam?: boolean;
  readonly limit: string;
  readonly all?: boolean;
  readonly format: string;
}

/** Commander gives these only when they were given; a default of its own would be shown in the help. */
type Repeatable = 'then' | 'failAt' | 'stack' | 'parameters' | 'registry' | 'secret';

const EXAMPLES = `
Exit code: 0 everything was deployed, 2 a deployment failed or the gate stopped it, 1 the rehearsal could not run.

Example:
  $ npx cdk synth && drydock rehearse --app cdk.out --seed inventory.json
  $ drydock rehearse --deployed main.out --app branch.out --seed inventory.json
  $ drydock rehearse --app cdk.out --seed inventory.json --fail-at Shop/Api/LifecyclePolicy`;

export function rehearseCommand(): Command {
  const repeatable: [(value: string, previous: string[] | undefined) => string[]] = [(value, previous = []) => [...previous, value]];
  return new Command('rehearse')
    .description('Deploy a synthesized app on the embedded ECR, the way CloudFormation would')
    .requiredOption('--app <directory>', 'synthesized app (cdk.out)')
    .option('--then <directory>', 'synthesized app that is deployed next, as an update (repeatable)', ...repeatable)
    .option('--deployed <directory>', 'synthesized app that is there already: its stacks exist before --app is deployed')
    .option('--seed <file>', 'inventory that the registry holds before (- reads standard input)')
    .option('--in-use <file>', 'what runs, for gates that look for images in use: references, one a line, or JSON (- reads standard input)')
    .option('--endpoint <url>', 'a running embedded ECR, in place of one of our own')
    .option('--faults <file>', 'script of faults of the embedded ECR: which calls are throttled, lost, slow, stale and so on')
    .option('--now <time>', 'the registry\'s time, ISO 8601 (default: real time)')
    .option('--fail-at <resource>', 'logical id or construct path of a resource that fails in the last deployment (repeatable)', ...repeatable)
    .option('--stack <name>', 'only this stack and what it depends on (repeatable)', ...repeatable)
    .option('--parameters <key=value>', 'value of a template parameter, KEY=VALUE or STACK:KEY=VALUE (repeatable)', ...repeatable)
    .option('--registry <host=place>', 'where this machine has a registry that images are copied from: docker.io=127.0.0.1:5000 (repeatable)', ...repeatable)
    .option('--secret <name=file>', 'file with the value of a secret that the app does not make: NAME=FILE, or ARN=FILE (repeatable)', ...repeatable)
    .option('--no-iam', 'let every role do everything: do not refuse what its policies do not allow')
    .option('--destroy', 'delete the stacks at the end')
    .option('--limit <rows>', 'rows of each list of images', '20')
    .option('--all', 'list every image')
    .option('--format <format>', 'events or json', 'events')
    .addHelpText('after', EXAMPLES)
    .action(({ then = [], failAt = [], stack = [], parameters = [], registry = [], secret = [], ...options }: Partial<RehearseOptions> & Omit<RehearseOptions, Repeatable>) =>
      rehearse({ ...options, then, failAt, stack, parameters, registry, secret }));
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
  /** Whether the registry is to the letter what it was before the step, where it tells. */
  readonly registryUnchanged?: boolean;
  readonly registryChanges?: readonly string[];
}

async function rehearse(options: RehearseOptions): Promise<void> {
  const format = readFormat(options.format, ['events', 'json']);
  const limit = options.all ? Infinity : readCount(options.limit, '--limit', 1_000_000);
  const parameters = readPairs(options.parameters, '--parameters');
  const registries = readPairs(options.registry, '--registry');
  const secrets = Object.fromEntries(Object.entries(readPairs(options.secret, '--secret') ?? {}).map(([name, file]) => [name, readText(file).trim()]));
  oneStandardInput(options, ['seed', 'inUse', 'faults']);
  const inUse = options.inUse === undefined ? undefined : readInUseList(readText(options.inUse), options.inUse === '-' ? 'standard input' : options.inUse);
  const registry = await openRegistry(options, parameters);
  const log = format === 'events' ? new RehearsalLog(limit, ': --all lists them') : undefined;
  const results: StepResult[] = [];
  try {
    const session = await RehearsalSession.open({
      ecrEndpoint: registry.endpoint, accountId: registry.accountId, onEvent: (event) => log?.event(event), registries, secrets, iam: options.iam, ...(inUse && { inUse }),
    }, registry.deployed);
    try {
      for (const step of stepsOf(options)) {
        log?.step(step.name);
        results.push(await runStep(step, options, parameters, session, registry, log));
      }
    } finally {
      await session.close();
    }
    const final = await registry.state();
    if (log) {
      printReport([...faultBlocks(registry.faults()), ...finalBlocks(final)]);
    } else {
      json({ ok: results.every(({ ok }) => ok), steps: results, finalState: final?.inventory, ...(options.faults !== undefined && { faults: registry.faults() }) });
    }
  } finally {
    await registry.stop();
  }
  process.exitCode = results.every(({ ok }) => ok) ? 0 : 2;
}

async function runStep(
  step: Step, options: RehearseOptions, parameters: Record<string, string> | undefined, session: RehearsalSession, registry: RehearsalRegistry, log: RehearsalLog | undefined,
): Promise<StepResult> {
  const before = await registry.state();
  const result = await session.run({ assembly: resolve(step.app), action: step.action, stacks: some(options.stack), parameters, failAt: some(step.failAt) });
  const after = await registry.state();
  // The handler's notes for rollbacks may be gone once they are of no more use.
  const changes = before && after && registryChanges(before.inventory, after.inventory, (key) => key.startsWith(RECORD_TAG_PREFIX));
  const records = result.handlerLogs.map(({ record }) => record);
  const done: StepResult = {
    app: step.app, action: step.action, ok: result.ok, stacks: result.stacks, events: result.events, notices: result.notices, previews: loggedPreviews(records),
    ...(changes && { registryUnchanged: changes.length === 0, registryChanges: changes }),
  };
  if (log) {
    log.handlerLog(records, after?.now ?? Date.now());
    printReport([
      line(''),
      ...noticeBlocks(result.notices),
      ...result.stacks.flatMap(stackBlocks),
      ...(result.ok ? [] : [...hintBlocks(options, done), ...(changes ? changesReport(changes) : [])]),
    ]);
  }
  return done;
}

/** The registry, and the stacks that are deployed in it before the first step. */
async function openRegistry(options: RehearseOptions, parameters: Record<string, string> | undefined): Promise<RehearsalRegistry & { readonly deployed?: RehearsalResult['state'] }> {
  const endpoint = readEndpoint(options.endpoint);
  if (endpoint !== undefined) {
    const contradiction = (['seed', 'deployed', 'now', 'faults'] as const).find((name) => options[name] !== undefined);
    if (contradiction !== undefined) {
      throw cliError('DD-CLI-007', '--endpoint', `A running registry brings its own images, clock and faults, so --${contradiction} says nothing.`,
        'Give --seed, --now and --faults to `drydock emulator`, and leave them and --deployed out here.');
    }
    return runningRegistry(endpoint);
  }
  const now = options.now === undefined ? undefined : new Date(readTime(options.now, '--now'));
  const seed = options.seed === undefined ? undefined : readInventoryFile(options.seed);
  const faults = options.faults === undefined ? undefined : readFaultsFile(options.faults);
  const before = options.deployed === undefined ? undefined
    : await deployedBefore({ assembly: options.deployed, stacks: some(options.stack), parameters, now, seed, iam: options.iam });
  return { ...await ownRegistry({ seed: seedFor(seed, before?.inventory), now, faults }), deployed: before?.state };
}

function stepsOf(options: RehearseOptions): Step[] {
  const apps = [options.app, ...options.then];
  const steps = apps.map((app, index): Step => ({
    name: index === 0 && options.deployed === undefined ? `Deploy ${app}` : `Update to ${app}`, app, action: 'deploy', failAt: index === apps.length - 1 ? options.failAt : [],
  }));
  return options.destroy ? [...steps, { name: 'Destroy', app: apps[apps.length - 1], action: 'destroy', failAt: [] }] : steps;
}

/** What is easily forgotten, for a deployment that failed and was not stopped by the gate. */
function hintBlocks({ seed, endpoint, deployed, failAt }: RehearseOptions, { previews }: StepResult) {
  if (endpoint !== undefined || failAt.length > 0 || previews.some(({ verdict }) => verdict === 'blocked')) {
    return [];
  }
  return seed === undefined
    ? [line('The embedded ECR began empty: --seed gives it repositories and images.', 'warning')]
    : deployed === undefined ? [line('If the app is deployed already, say so with --deployed: CloudFormation then updates its repositories instead of creating them.', 'warning')] : [];
}

function some<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length === 0 ? undefined : values;
}
