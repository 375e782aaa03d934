import { setMaxListeners } from 'node:events';
import { Command } from 'commander';
import { cliError } from './codes';
import { oneStandardInput, readChoice, readCount, readInventoryFile, readPairs, readTime } from './input';
import { addPlanOutputOptions, exitCodeOf, PlanOutputOptions, planWriter } from './plan-output';
import { openPlanSource, PlanSourceOptions } from './plan-source';
import { Progress } from './progress';
import type { ManifestReading } from '../ecr/survey/manifests';
import { previewPlan } from '../review/plan-preview';
import { readResolved } from '../review/resolve-names';

interface PreviewCommandOptions extends PlanOutputOptions {
  readonly app: string;
  readonly stack?: readonly string[];
  readonly parameters?: readonly string[];
  readonly inventory?: string;
  readonly complete?: boolean;
  readonly now?: string;
  readonly allowUnknown?: boolean;
  readonly manifests?: string;
  readonly concurrency: string;
  readonly region?: string;
  readonly profile?: string;
  readonly endpoint?: string;
}

const MANIFESTS = ['auto', 'always', 'never'] as const;

const HELP = `
Every lifecycle policy that the app would put is previewed: those of LifecyclePolicy, and those of AWS::ECR::Repository and repository
creation templates, in every stack and stage. Without --inventory the live registry is read, and ECR's own preview is compared with ours.
Nothing is changed.

Exit code: 0 nothing stops the deployment, 2 a gate or a finding stops it, 1 something could not be checked (see --allow-unknown), or
the command failed.

Example:
  $ npx cdk synth --quiet && drydock preview --app cdk.out
  $ drydock preview --app cdk.out --inventory registry.json --format markdown --out comment.md
  $ drydock preview --app cdk.out --stack 'Prod/*' --region eu-central-1 --format html --out preview.html`;

export function previewCommand(): Command {
  return addPlanOutputOptions(new Command('preview')
    .description('Show what the lifecycle policies of a synthesized app would do to the images that are there')
    .requiredOption('--app <directory>', 'synthesized app (cdk.out)')
    .option('--stack <patterns...>', 'only these stacks: names or construct paths, * stands for anything')
    .option('--parameters <key=value...>', 'value of a template parameter, KEY=VALUE or STACK:KEY=VALUE')
    .option('--inventory <file>', 'preview against a snapshot in place of the live registry (- reads standard input)')
    .option('--complete', 'the inventory has every repository: one that it lacks does not exist yet')
    .option('--now <time>', 'point in time, ISO 8601, with --inventory (default: this moment)')
    .option('--allow-unknown', 'exit with 0 although something could not be checked')
    .option('--manifests <when>', 'read what indexes list: auto, always or never (default: auto)')
    .option('--concurrency <number>', 'calls at a time, 1 to 64', '8')
    .option('--region <name>', 'Region of stacks that are for any (default: as the AWS SDK finds it)')
    .option('--profile <name>', 'profile of the AWS configuration (default: as the AWS SDK finds it)')
    .option('--endpoint <url>', 'where ECR is (default: AWS_ENDPOINT_URL_ECR, AWS_ENDPOINT_URL, then AWS)'))
    .addHelpText('after', HELP)
    .action((options: PreviewCommandOptions) => preview(options));
}

async function preview(options: PreviewCommandOptions): Promise<void> {
  const write = planWriter(options);
  const sourceOptions = planSourceOptions(options);
  const parameters = readPairs(options.parameters ?? [], '--parameters');
  const stop = new AbortController();
  // Every call that is under way listens.
  setMaxListeners(0, stop.signal);
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const progress = new Progress('{bar} {value}/{total} repositories');
  const source = await openPlanSource(sourceOptions, stop.signal);
  try {
    const { app, findings } = await readResolved(options.app, {
      ...(options.stack && { stacks: options.stack }), ...(parameters && { parameters }), environment: source.environment,
    }, source.names);
    const plan = await previewPlan({
      app, findings,
      source: (environment) => source.registry(environment),
      basis: () => source.basis(),
      onProgress: (done, total) => progress.show(done, total, {}),
      ...(source.now !== undefined && { now: source.now }),
      ...(options.allowUnknown && { allowUnknown: true }),
    });
    progress.stop();
    write(plan);
    process.exitCode = exitCodeOf(plan);
  } finally {
    progress.stop();
    source.close();
    process.removeListener('SIGINT', interrupt);
    process.removeListener('SIGTERM', interrupt);
  }
}

/** Checks what says where the images are, before anything is read. */
function planSourceOptions(options: PreviewCommandOptions): PlanSourceOptions {
  const { inventory, region, profile, endpoint } = options;
  oneStandardInput({ inventory }, ['inventory']);
  if (inventory !== undefined) {
    const contradiction = (['profile', 'endpoint', 'manifests'] as const).find((name) => options[name] !== undefined);
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
