import { setMaxListeners } from 'node:events';
import { Command } from 'commander';
import { cliError } from './codes';
import { inUseOptions } from './in-use';
import { oneStandardInput, readChoice, readCount, readEndpoint, readInventoryFile, readTime } from './input';
import { addPlanOutputOptions, PlanOutputOptions, planWriter } from './plan-output';
import { openPlanSource, PlanSource, PlanSourceOptions } from './plan-source';
import { Progress } from './progress';
import type { ManifestReading } from '../ecr/survey/manifests';
import { Plan } from '../report/plan';
import { EXIT_CODES } from '../review/outcome';

/** What every command that makes a plan of an app understands. */
export interface PlanCommandOptions extends PlanOutputOptions {
  readonly app: string;
  readonly stack?: readonly string[];
  readonly parameters?: readonly string[];
  readonly inventory?: string;
  readonly complete?: boolean;
  readonly inUse?: readonly string[];
  readonly now?: string;
  readonly allowUnknown?: boolean;
  readonly manifests?: string;
  readonly concurrency: string;
  readonly region?: string;
  readonly profile?: string;
  readonly endpoint?: string;
}

const MANIFESTS = ['auto', 'always', 'never'] as const;

/** `more` adds the options of one command behind those that say what is looked at. */
export function addPlanOptions(command: Command, more: (command: Command) => Command = (same) => same): Command {
  return addPlanOutputOptions(more(command
    .requiredOption('--app <directory>', 'synthesized app (cdk.out)')
    .option('--stack <patterns...>', 'only these stacks: names or construct paths, * stands for anything')
    .option('--parameters <key=value...>', 'value of a template parameter, KEY=VALUE or STACK:KEY=VALUE'))
    .option('--inventory <file>', `${command.name()} against a snapshot in place of the live registry (- reads standard input)`)
    .option('--complete', 'the inventory has every repository: one that it lacks does not exist yet')
    .option('--in-use <sources...>', 'images that run now must stay: ecs, lambda, a file with references, or - for standard input')
    .option('--now <time>', 'point in time, ISO 8601, with --inventory (default: this moment)')
    .option('--allow-unknown', 'exit with 0 although something could not be checked')
    .option('--manifests <when>', 'read what indexes list: auto, always or never (default: auto)')
    .option('--concurrency <number>', 'calls at a time, 1 to 64', '8')
    .option('--region <name>', 'Region of stacks that are for any (default: as the AWS SDK finds it)')
    .option('--profile <name>', 'profile of the AWS configuration (default: as the AWS SDK finds it)')
    .option('--endpoint <url>', 'where ECR is (default: AWS_ENDPOINT_URL_ECR, AWS_ENDPOINT_URL, then AWS)'));
}

type Make = (source: PlanSource, progress: (done: number, total: number) => void, signal: AbortSignal) => Promise<Plan>;

/** Makes a plan, writes it and sets the exit code. Everything that is open is closed, whatever happens; an interrupt ends it. */
export async function writePlan(options: PlanCommandOptions, make: Make): Promise<void> {
  const write = planWriter(options);
  const sourceOptions = planSourceOptions(options);
  const stop = new AbortController();
  // Every call that is under way listens.
  setMaxListeners(0, stop.signal);
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const progress = new Progress('{bar} {value}/{total} repositories');
  const source = await openPlanSource(sourceOptions, stop.signal);
  try {
    const plan = await make(source, (done, total) => progress.show(done, total, {}), stop.signal);
    progress.stop();
    write(plan);
    process.exitCode = EXIT_CODES[plan.outcome];
  } finally {
    progress.stop();
    source.close();
    process.removeListener('SIGINT', interrupt);
    process.removeListener('SIGTERM', interrupt);
  }
}

/** Checks what says where the images are, before anything is read. */
function planSourceOptions(options: PlanCommandOptions): PlanSourceOptions {
  const { inventory, region, profile } = options;
  const endpoint = readEndpoint(options.endpoint);
  const { files, services } = inUseOptions(options.inUse ?? []);
  oneStandardInput({ 'inventory': inventory, 'in-use': files.includes('-') ? '-' : undefined }, ['inventory', 'in-use']);
  if (inventory !== undefined) {
    // Services that run images may be asked beside an inventory.
    const contradiction = ([...services.length > 0 ? [] : ['profile', 'endpoint'] as const, 'manifests'] as const).find((name) => options[name] !== undefined);
    if (contradiction !== undefined) {
      throw cliError('DD-CLI-007', `--${contradiction}`, `With --inventory no registry is asked, so --${contradiction} says nothing.`, 'Leave one of them out.');
    }
    const now = readTime(options.now, '--now');
    return { kind: 'inventory', file: inventory, inventory: readInventoryFile(inventory), complete: options.complete === true, now, ...(region !== undefined && { region }) };
  }
  const contradiction = (['now', 'complete'] as const).find((name) => options[name] !== undefined);
  if (contradiction !== undefined) {
    throw cliError('DD-CLI-007', `--${contradiction}`, `A live registry ${contradiction === 'now' ? 'has its own clock' : 'tells itself what it has'}, so --${contradiction} says nothing.`, 'Give it with --inventory.');
  }
  const concurrency = readCount(options.concurrency, '--concurrency', 64);
  if (concurrency === 0) {
    throw cliError('DD-CLI-005', '--concurrency', 'At least one call at a time is needed.', undefined, options.concurrency);
  }
  return {
    kind: 'live', concurrency, manifests: readChoice<ManifestReading>(options.manifests ?? 'auto', '--manifests', MANIFESTS),
    ...(region !== undefined && { region }), ...(profile !== undefined && { profile }), ...(endpoint !== undefined && { endpoint }),
  };
}
