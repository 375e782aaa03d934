import { ClassicFailure, Protection, TestName } from './model';
import { JestRun, runJest, TestOutcome } from './run-jest';

/** What came of the tests of one protection. */
export interface Tried {
  readonly failure: ClassicFailure;
  readonly protection: Protection;
  /** By test. */
  readonly outcomes: readonly (readonly TestOutcome[])[];
  readonly isGood: boolean;
}

const LIMIT_MILLIS = 900_000;

/** Runs every named test once. */
export async function tryAll(root: string, failures: readonly ClassicFailure[]): Promise<Tried[]> {
  const protections = failures.flatMap((failure) => failure.protections.map((protection) => ({ failure, protection })));
  const names = distinct(protections.flatMap(({ protection }) => protection.tests));
  const run: JestRun = names.length === 0 ? { outcomes: [], broken: [] } : await runJest(root, names, { limitMillis: LIMIT_MILLIS });
  if (run.broken.length > 0) {
    process.stderr.write(`${run.broken.join('\n')}\n`);
  }
  return protections.map(({ failure, protection }) => {
    const outcomes = protection.tests.map((test) => run.outcomes[names.findIndex((name) => isSame(name, test))]);
    return { failure, protection, outcomes, isGood: outcomes.length > 0 && outcomes.every(passed) };
  });
}

/** A test that is skipped says nothing, and one that does not exist less. */
function passed(outcomes: readonly TestOutcome[]): boolean {
  return outcomes.length > 0 && outcomes.every(({ status }) => status === 'passed');
}

function distinct(names: readonly TestName[]): TestName[] {
  return names.filter((name, index) => names.findIndex((other) => isSame(other, name)) === index);
}

function isSame(a: TestName, b: TestName): boolean {
  return a.file === b.file && a.title === b.title && a.row === b.row;
}
