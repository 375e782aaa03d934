import { Command } from 'commander';
import { readFormat, readInventoryFile, readTime, selectRepository, validatePolicyFile } from './input';
import { json, out, paint } from './output';
import { Problem } from '../errors';
import { lint } from '../lifecycle/lint';
import { sanitise } from '../report/sanitise';

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
    .option('--now <time>', 'point in time, ISO 8601 (default: now)')
    .option('--format <format>', 'text or json', 'text')
    .addHelpText('after', '\nExit code: 0 the policy is valid, 1 it is not.\n\nExample:\n  $ drydock validate --policy policy.json')
    .action((options: ValidateOptions) => validate(options));
}

function validate(options: ValidateOptions): void {
  const format = readFormat(options.format, ['text', 'json']);
  const result = validatePolicyFile(options.policy);
  const inventory = options.images === undefined
    ? undefined
    : selectRepository(readInventoryFile(options.images), options.repository, options.images).inventory;
  const warnings = [...result.warnings, ...(result.policy ? lint(result.policy, inventory, new Date(readTime(options.now, '--now'))) : [])];
  if (format === 'json') {
    json({ valid: result.valid, problems: result.problems, warnings });
  } else {
    result.problems.forEach((problem) => out(paint(text(problem), 'bad')));
    warnings.forEach((warning) => out(paint(`warning: ${text(warning)}`, 'warning')));
    out(result.valid ? paint(`valid: ${result.policy!.rules.length} rule${result.policy!.rules.length === 1 ? '' : 's'}`, 'good') : paint('not valid', 'bad'));
  }
  process.exitCode = result.valid ? 0 : 1;
}

function text({ code, pointer, message, fix }: Problem): string {
  return sanitise(`${code} at ${pointer || '/'}: ${message}${fix ? ` Fix: ${fix}` : ''}`);
}
