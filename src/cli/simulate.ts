import { Command } from 'commander';
import { cliError } from './codes';
import { oneStandardInput, readCount, readFormat, readInventoryFile, readPolicy, readTime, selectRepository } from './input';
import { json, printReport } from './output';
import { Problem } from '../errors';
import { compare } from '../lifecycle/compare';
import { evaluate } from '../lifecycle/evaluate';
import { explain } from '../lifecycle/explain';
import { inventoryGaps } from '../lifecycle/inventory-gaps';
import { lint } from '../lifecycle/lint';
import { Inventory, PolicyDocument } from '../lifecycle/model';
import { validatePolicyText } from '../lifecycle/validate';
import { line } from '../report/blocks';
import { evaluationPreview } from '../report/evaluation-preview';
import { previewReport } from '../report/preview-report';
import { sanitise } from '../report/sanitise';

interface SimulateOptions {
  readonly policy: string;
  readonly images: string;
  readonly now?: string;
  readonly repository?: string;
  readonly against?: string;
  readonly format: string;
  readonly explain?: string;
  readonly limit: string;
  readonly all?: boolean;
}

export function simulateCommand(): Command {
  return new Command('simulate')
    .description('Show what a lifecycle policy does to the images of a repository')
    .requiredOption('--policy <file>', 'lifecycle policy: the document, or an answer of GetLifecyclePolicy (- reads standard input)')
    .requiredOption('--images <file>', 'inventory: {"imageDetails": [... as DescribeImages gives them], "manifestChildren": {index: [digests]}}')
    .option('--now <time>', 'point in time of the run, ISO 8601 (default: this moment)')
    .option('--repository <name>', 'repository, when the inventory holds several')
    .option('--against <file>', 'policy in force: say what changes (default: the one that the inventory has)')
    .option('--explain <image>', 'only this image, by digest or tag')
    .option('--limit <rows>', 'rows of each list of images', '20')
    .option('--all', 'list every image')
    .option('--format <format>', 'table or json', 'table')
    .addHelpText('after', '\nExample:\n  $ aws ecr describe-images --repository-name shop/api --filter imageStatus=ANY > images.json'
      + '\n  $ drydock simulate --policy policy.json --images images.json'
      + '\n  $ drydock simulate --policy policy.json --images images.json --explain production'
      + '\n  $ aws ecr get-lifecycle-policy --repository-name shop/api | drydock simulate --policy policy.json --images images.json --against -')
    .action((options: SimulateOptions) => simulate(options));
}

/** As a snapshot has it. One that we cannot read was put by somebody who could: that is no reason to say nothing. */
function policyInForce(inventory: Inventory, repositoryName: string | undefined): { readonly inForce?: PolicyDocument; readonly warnings: readonly Problem[] } {
  const { repositories = [] } = inventory;
  const text = repositories.find((repository) => repositoryName === undefined ? repositories.length === 1 : repository.repositoryName === repositoryName)?.lifecyclePolicyText;
  if (text === undefined) {
    return { warnings: [] };
  }
  const { policy, problems } = validatePolicyText(text);
  return policy ? { inForce: policy, warnings: [] } : {
    warnings: [{
      code: 'DD-INVENTORY-102', pointer: 'lifecyclePolicyText', message: `The policy in force, as the inventory has it, cannot be read (${problems[0].code}), so nothing is compared with it.`,
      fix: 'Give the policy in force with --against.',
    }],
  };
}

function simulate(options: SimulateOptions): void {
  const format = readFormat(options.format, ['table', 'json']);
  oneStandardInput(options, ['policy', 'images', 'against']);
  const limit = options.all ? Infinity : readCount(options.limit, '--limit', 1_000_000);
  const now = new Date(readTime(options.now, '--now'));
  const policy = readPolicy(options.policy);
  const { inventory, repositoryName } = selectRepository(readInventoryFile(options.images), options.repository, options.images);
  const { inForce: previous, warnings: doubts } = options.against === undefined ? policyInForce(inventory, repositoryName) : { inForce: readPolicy(options.against), warnings: [] };
  const comparison = previous === undefined ? undefined : compare(previous, policy, inventory, now);
  const evaluation = comparison?.after ?? evaluate(policy, inventory, now);
  const warnings = [...doubts, ...inventoryGaps(inventory), ...lint(policy, inventory, now)];
  if (options.explain !== undefined) {
    const verdict = evaluation.find(options.explain);
    if (verdict === undefined) {
      throw cliError('DD-CLI-004', '--explain', `No image has the digest or tag ${JSON.stringify(options.explain)}.`, 'Give a tag, a digest, or at least six digits of one digest.');
    }
    const before = comparison?.before?.find(verdict.imageDigest);
    const inForce = before && explain(before, comparison!.before!.policy);
    if (format === 'json') {
      json({ ...verdict, explanation: explain(verdict, policy), ...(inForce !== undefined && { inForce }) });
    } else {
      printReport([
        line(`${verdict.imageTags.map(sanitise).join(', ') || '(untagged)'} ${sanitise(verdict.imageDigest)}`),
        line(sanitise(explain(verdict, policy))),
        ...(inForce === undefined ? [] : [line(`By the policy in force: ${sanitise(inForce)}`, 'quiet')]),
      ]);
    }
    return;
  }
  if (format === 'json') {
    const images = [...evaluation.verdicts()].map((verdict) => ({ ...verdict, explanation: explain(verdict, policy) }));
    json({
      actions: evaluation.actions,
      blocked: evaluation.blocked,
      cascade: evaluation.cascade,
      summary: evaluation.summary,
      ...(comparison === undefined ? {} : {
        comparison: {
          newlyExpires: comparison.newlyExpires, newlyArchives: comparison.newlyArchives, newlySpares: comparison.newlySpares, stillActs: comparison.stillActs,
          newlyFollows: comparison.newlyFollows,
        },
      }),
      warnings,
      images,
    });
    return;
  }
  printReport(previewReport(evaluationPreview({ evaluation, inventory, repositoryName, warnings, comparison }), { limit, more: ': --all lists them' }));
}
