/**
 * The fifteen classic failures of custom resources: which protection keeps each handler from which, and the tests that would tell. `--mutate` takes each
 * protection out of a copy of the tree and shows that its tests fail.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { printReport } from '../src/cli/output';
import { withTable } from '../test/trust/document';
import { CLASSIC_FAILURES } from '../test/trust/protections';
import { mutationReport, summaryReport, tableReport } from '../test/trust/report';
import { takeOutEach } from '../test/trust/take-out';
import { tryAll } from '../test/trust/try-all';

const root = join(__dirname, '..');

interface Options {
  readonly mutate?: boolean;
  readonly document?: boolean;
  readonly only?: readonly number[];
}

function numbers(text: string): readonly number[] {
  const all = text.split(',').map(Number);
  if (!all.every((one) => CLASSIC_FAILURES.some(({ number }) => number === one))) {
    throw new InvalidArgumentError(`The failures have the numbers 1 to ${CLASSIC_FAILURES.length}.`);
  }
  return all;
}

async function main({ mutate, only, document }: Options): Promise<void> {
  if (document) {
    const file = join(root, 'docs', 'trust.md');
    writeFileSync(file, withTable(root, readFileSync(file, 'utf8')));
    return;
  }
  const failures = CLASSIC_FAILURES.filter(({ number }) => only === undefined || only.includes(number));
  const tried = await tryAll(root, failures);
  printReport(tableReport(root, tried));
  let isGood = tried.every(({ isGood: good }) => good);
  if (mutate && isGood) {
    const began = performance.now();
    printReport([{ kind: 'heading', text: 'Without each protection in turn' }]);
    const taken = await takeOutEach(root, failures, (outcome) => printReport(mutationReport(outcome)));
    printReport(summaryReport(taken, performance.now() - began));
    isGood = taken.every(({ verdict }) => verdict === 'noticed');
  }
  process.exitCode = isGood ? 0 : 1;
}

new Command('test:trust')
  .description('Runs the tests of the fifteen classic failures of custom resources.')
  .option('--mutate', 'take each protection out of a copy of the tree and see its tests fail')
  .option('--document', 'write the table into docs/trust.md, and run nothing')
  .option('--only <numbers>', 'only these failures, say 7 or 7,9', numbers)
  .action(main)
  .parseAsync()
  .catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
