import { EntriesOf } from './entry';
import { ReportCode } from '../../src/cli/report-codes';

export const REPORT_ENTRIES: EntriesOf<ReportCode> = {
  'DD-REPORT-001': {
    when: '`drydock report` was given a JSON file that is not what `drydock preview --format json` or `drydock review --format json` writes; the message names the first place that differs from `schemas/plan.schema.json`.',
    fix: 'Make the plan again with `--format json --out plan.json`. A snapshot or an inventory is no plan: `drydock preview --inventory` takes it.',
  },
  'DD-REPORT-002': {
    when: 'The `formatVersion` of the plan is not one that this release reads.',
    fix: 'Make and render the plan with the same release.',
  },
  'DD-REPORT-003': {
    when: 'The file of `--out` cannot be written: its folder does not exist, or may not be written to, or the disk is full.',
    fix: 'Give a file in a folder that is there.',
  },
  'DD-REPORT-004': {
    when: 'The parts of the HTML page (`assets/page`) or the schema of plans (`schemas`) are not beside the command.',
    fix: 'Install the package again; in a clone, run `npm run bundle`.',
  },
};
