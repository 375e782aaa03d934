import { Command } from 'commander';
import { whatRuns } from './in-use';
import { readPairs } from './input';
import { checkParameters } from './parameters';
import { addPlanOptions, PlanCommandOptions, writePlan } from './plan-options';
import { previewPlan } from '../review/plan-preview';
import { readResolved } from '../review/resolve-names';

const HELP = `
Every lifecycle policy that the app would put is previewed: those of LifecyclePolicy, and those of AWS::ECR::Repository and repository
creation templates, in every stack and stage. Without --inventory the live registry is read, and ECR's own preview is compared with ours.
Nothing is changed.

Exit code: 0 nothing stops the deployment, 2 a gate or a finding stops it, 1 something could not be checked (see --allow-unknown), or
the command failed.

Example:
  $ npx cdk synth --quiet && drydock preview --app cdk.out
  $ drydock preview --app cdk.out --inventory registry.json --format markdown --out comment.md
  $ kubectl get pods --all-namespaces -o json | drydock preview --app cdk.out --in-use ecs -
  $ drydock preview --app cdk.out --stack 'Prod/*' --region eu-central-1 --format html --out preview.html`;

export function previewCommand(): Command {
  return addPlanOptions(new Command('preview').description('Show what the lifecycle policies of a synthesized app would do to the images that are there'))
    .addHelpText('after', HELP)
    .action((options: PlanCommandOptions) => preview(options));
}

async function preview(options: PlanCommandOptions): Promise<void> {
  const parameters = readPairs(options.parameters ?? [], '--parameters');
  await writePlan(options, async (source, onProgress, signal) => {
    checkParameters(parameters, [options.app]);
    const { app, findings } = await readResolved(options.app, {
      ...(options.stack && { stacks: options.stack }), ...(parameters && { parameters }), environment: source.environment,
    }, source.names);
    const running = await whatRuns(options, app, source, signal);
    const plan = await previewPlan({
      app, onProgress,
      findings: [...findings, ...running?.findings ?? []],
      source: (environment) => source.registry(environment),
      basis: () => source.basis(running?.calls),
      ...running?.inUse,
      ...(source.now !== undefined && { now: source.now }),
      ...(options.allowUnknown && { allowUnknown: true }),
    });
    return running?.told(plan) ?? plan;
  });
}
