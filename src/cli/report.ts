import Ajv from 'ajv';
import { Command } from 'commander';
import { readJson } from './input';
import { packageFile } from './package-files';
import { addPlanOutputOptions, PlanOutputOptions, planWriter } from './plan-output';
import { reportError } from './report-codes';
import { isObject, kindOf, show } from '../lifecycle/validate-support';
import { Plan } from '../report/plan';

export function reportCommand(): Command {
  return addPlanOutputOptions(new Command('report')
    .description('Show a saved plan: make it once, show it in as many forms as you like')
    .argument('<plan>', 'what `drydock preview` or `drydock review` wrote with --format json (- reads standard input)'))
    .addHelpText('after', '\nExit code: 0 the report was made, whatever the plan says; 1 it was not.\n\nExample:\n  $ drydock preview --app cdk.out --format json --out plan.json'
      + '\n  $ drydock report plan.json --format markdown --out comment.md\n  $ drydock report plan.json --format html --out plan.html\n  $ drydock report plan.json --format sarif --out drydock.sarif')
    .action((file: string, options: PlanOutputOptions) => {
      const write = planWriter(options);
      write(readPlan(readJson(file), file));
    });
}

/** Throws where the file is no plan, or one that this release cannot read. */
export function readPlan(json: unknown, file: string): Plan {
  if (!isObject(json)) {
    throw reportError('DD-REPORT-001', file, `It is ${kindOf(json)}, not a plan.`, FORM);
  }
  if (json.formatVersion !== undefined && json.kind !== undefined && json.formatVersion !== 1) {
    throw reportError('DD-REPORT-002', `${file} /formatVersion`, `The plan has the format version ${show(json.formatVersion)}; this release reads 1.`, 'Make and show the plan with the same release.', json.formatVersion);
  }
  const matches = new Ajv({ strict: false, validateFormats: false }).compile(JSON.parse(packageFile('schemas', 'plan.schema.json')) as object);
  if (!matches(json)) {
    const [{ instancePath, message = 'is not as the schema has it', params }] = matches.errors!;
    const allowed = 'allowedValues' in params ? `: ${(params.allowedValues as unknown[]).map(String).join(', ')}` : '';
    throw reportError('DD-REPORT-001', `${file} ${instancePath || '/'}`, `It is not a plan: this ${message}${allowed}.`, FORM);
  }
  return json as unknown as Plan;
}

const FORM = 'Give what `drydock preview --format json` or `drydock review --format json` writes.';
