import { Command } from 'commander';
import { oneStandardInput, readFormat, readInventoryFile, readTime, selectRepository, validatePolicyFile } from './input';
import { json, printReport } from './output';
import { inventoryGaps } from '../lifecycle/inventory-gaps';
import { lint } from '../lifecycle/lint';
import { line } from '../report/blocks';
import { count } from '../report/format';
import { problemBlock } from '../report/preview-report';

interface ValidateOptions {
  readonly policy: string;
  readonly images?: string;
  readonly repository?: string;
  readonly now?: string;
  readonly format: string;
}

export function validateCommand(): Command {
  return new Command('validate')
    .description('Check a lifecycle policy: what ECR would refuse, and rules that do not do what they seem to')
    .requiredOption('--policy <file>', 'lifecycle policy: the document, or an answer of GetLifecyclePolicy (- reads standard input)')
    .option('--images <file>', 'inventory to check the rules against')
    .option('--repository <name>', 'repository, when the inventory holds several')
    .option('--now <time>', 'point in time for the ages of images, ISO 8601 (default: this moment)')
    .option('--format <format>', 'text or json', 'text')
    .addHelpText('after', '\nExit code: 0 the policy is valid, 1 it is not.\n\nExample:\n  $ drydock validate --policy policy.json\n  $ aws ecr get-lifecycle-policy --repository-name shop/api | drydock validate --policy - --images images.json')
    .action((options: ValidateOptions) => validate(options));
}

function validate(options: ValidateOptions): void {
  const format = readFormat(options.format, ['text', 'json']);
  oneStandardInput(options, ['policy', 'images']);
  const result = validatePolicyFile(options.policy);
  const inventory = options.images === undefined
    ? undefined
    : selectRepository(readInventoryFile(options.images), options.repository, options.images).inventory;
  const warnings = [...result.warnings, ...(inventory ? inventoryGaps(inventory) : []), ...(result.policy ? lint(result.policy, inventory, new Date(readTime(options.now, '--now'))) : [])];
  if (format === 'json') {
    json({ valid: result.valid, problems: result.problems, warnings });
  } else {
    printReport([
      ...result.problems.map(problemBlock('error')),
      ...warnings.map(problemBlock('warning')),
      result.valid ? line(`valid: ${count(result.policy!.rules.length, 'rule')}`, 'good') : line('not valid', 'bad'),
    ]);
  }
  process.exitCode = result.valid ? 0 : 1;
}
