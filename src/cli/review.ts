import { Command } from 'commander';
import { cliError } from './codes';
import { whatRuns } from './in-use';
import { readChoice, readPairs } from './input';
import { checkParameters } from './parameters';
import { addPlanOptions, PlanCommandOptions, writePlan } from './plan-options';
import { PlanSource } from './plan-source';
import { Plan } from '../report/plan';
import { beforeFromDeployed, beforeFromFolder, ReadBefore } from '../review/before';
import { DesiredOptions } from '../review/desired';
import { previewPlan } from '../review/plan-preview';
import { rememberingRegistries } from '../review/registries';
import { readResolved, ResolvedApp, Wanted } from '../review/resolve-names';
import { reviewPlan } from '../review/review-plan';

interface ReviewCommandOptions extends PlanCommandOptions {
  readonly before?: string;
  readonly accept?: readonly string[];
  readonly failOn: string;
}

const FAIL_ON = ['blocking', 'warning'] as const;

const HELP = `
Everything that a deployment of the app would do to ECR: repositories made, taken over, replaced, deleted or left; settings; who gains
and loses which access; lifecycle policies with their preview. Without --before the app is compared with the stacks that are deployed.
Nothing is changed.

Exit code: 0 nothing stops the deployment, 2 a finding or a gate stops it, 1 something could not be checked (see --allow-unknown), or
the command failed.

Example:
  $ npx cdk synth --quiet && drydock review --app cdk.out
  $ drydock review --app cdk.out --before cdk.out.main --inventory registry.json --format markdown --out comment.md
  $ drydock review --app cdk.out --accept DD-REVIEW-201:shop/reports --fail-on warning`;

export function reviewCommand(): Command {
  return addPlanOptions(new Command('review').description('Show everything that deploying a synthesized app would do to ECR: repositories, settings, access, images'), (command) => command
    .option('--before <directory>', 'the app as it was deployed (an older cdk.out), or none (default: the deployed stacks)')
    .option('--accept <code...>', 'a finding that is meant: CODE, or CODE:REPOSITORY for one repository')
    .option('--fail-on <severity>', 'what stops: blocking, or warning too', 'blocking'))
    .addHelpText('after', HELP)
    .action((options: ReviewCommandOptions) => review(options));
}

async function review(options: ReviewCommandOptions): Promise<void> {
  const parameters = readPairs(options.parameters ?? [], '--parameters');
  const failOn = readChoice(options.failOn, '--fail-on', FAIL_ON);
  const wrong = options.accept?.find((text) => !/^DD-[A-Z]+-\d{3}(?::.+)?$/.test(text));
  if (wrong !== undefined) {
    throw cliError('DD-CLI-005', '--accept', `${JSON.stringify(wrong)} is neither CODE nor CODE:REPOSITORY.`, 'Write for example DD-REVIEW-201:shop/api.', wrong);
  }
  if (options.inventory !== undefined && options.before === undefined) {
    throw cliError('DD-CLI-007', '--before', 'With --inventory nobody is asked what is deployed.', 'Give the app as it was deployed with --before, or say --before none.');
  }
  await writePlan(options, async (source, onProgress, signal): Promise<Plan> => {
    checkParameters(parameters, [options.app, ...options.before === undefined || options.before === 'none' ? [] : [options.before]]);
    const desired: DesiredOptions = { ...(options.stack && { stacks: options.stack }), ...(parameters && { parameters }), environment: source.environment };
    const resolved = await readResolved(options.app, desired, source.names, wantedWith(options.before));
    const before = await beforeOf(options.before, desired, resolved, source);
    const registry = rememberingRegistries((environment) => source.registry(environment));
    const running = await whatRuns(options, resolved.app, source, signal);
    const preview = await previewPlan({
      app: resolved.app, onProgress,
      findings: [...resolved.findings, ...running?.findings ?? []],
      source: registry,
      basis: () => source.basis(running?.calls),
      ...running?.inUse,
      ...(source.now !== undefined && { now: source.now }),
    });
    const plan = await reviewPlan({
      preview, before, after: resolved.app, registries: registry,
      ...(running?.inUse.inUse && { inUse: running.inUse.inUse }),
      beforeText: options.before === undefined ? 'the deployed stacks' : options.before === 'none' ? 'nothing deployed' : options.before,
      rules: { ...(options.accept && { accept: options.accept }), failOnWarning: failOn === 'warning' },
      ...(options.allowUnknown && { allowUnknown: true }),
    });
    // Calls that the changes took are counted, too.
    const { calls } = source.basis(running?.calls);
    const counted = { ...plan, against: { ...plan.against, ...(calls && { calls }) } };
    return running?.told(counted) ?? counted;
  });
}

/** Where the app is compared with something else than the deployed stacks, those are asked only for what the templates leave open. */
function wantedWith(before: string | undefined): Wanted {
  return before === undefined ? 'everything' : before === 'none' ? 'policies' : 'open';
}

async function beforeOf(before: string | undefined, desired: DesiredOptions, { app, deployed }: ResolvedApp, { names }: PlanSource): Promise<ReadBefore> {
  if (before === 'none') {
    return { findings: [] };
  }
  if (before !== undefined) {
    return beforeFromFolder(before, { ...desired, deployed });
  }
  return beforeFromDeployed(app, desired, deployed, names!);
}
