import { cpus } from 'node:os';
import { without } from './edits';
import { ClassicFailure, Protection } from './model';
import { runJest, TestOutcome } from './run-jest';
import { Scratch } from './scratch';
import { filled, isAboutAllHandlers } from './titles';

/** What happened when a protection was taken out. */
export interface TakenOut {
  readonly failure: ClassicFailure;
  readonly protection: Protection;
  /** `noticed`: each of its tests fails, those about all handlers with each of them. `survived`: one does not. `unclear`: the edit does not fit, or what fails is the edit itself. */
  readonly verdict: 'noticed' | 'survived' | 'unclear';
  /** One failed case of each test. */
  readonly failed: readonly (TestOutcome | undefined)[];
  readonly why: string;
  readonly millis: number;
}

const LIMIT_MILLIS = 180_000;
/** A test that hangs without its protection has noticed; nobody needs to wait a minute for it. */
const TEST_TIMEOUT_MILLIS = 20_000;
/** What an edit that does not fit the code around it any more would cause, whatever the test is about. */
const BROKEN_EDIT = /ReferenceError|is not a function|is not defined/;

/** Takes every protection out in turn, in copies of the tree, as many at a time as there are processors, four at most. */
export async function takeOutEach(root: string, failures: readonly ClassicFailure[], tell: (outcome: TakenOut) => void): Promise<TakenOut[]> {
  const todo = failures.flatMap((failure) => failure.protections.map((protection) => ({ failure, protection })));
  const done: TakenOut[] = [];
  const lanes = Array.from({ length: Math.min(4, cpus().length, todo.length) }, async () => {
    const scratch = new Scratch(root);
    try {
      for (let next = todo.shift(); next !== undefined; next = todo.shift()) {
        const outcome = { ...next, ...await takeOut(scratch, next.protection) };
        done.push(outcome);
        tell(outcome);
      }
    } finally {
      scratch.remove();
    }
  });
  await Promise.all(lanes);
  return done;
}

async function takeOut(scratch: Scratch, protection: Protection): Promise<Omit<TakenOut, 'failure' | 'protection'>> {
  const began = performance.now();
  const verdict = (name: TakenOut['verdict'], why: string, failed: TakenOut['failed'] = []) => ({ verdict: name, why, failed, millis: performance.now() - began });
  let texts: ReadonlyMap<string, string>;
  try {
    texts = without(scratch.root, protection);
  } catch (error) {
    return verdict('unclear', (error as Error).message);
  }
  const { outcomes, broken } = await scratch.with(texts, protection.isBundled ?? false, () =>
    runJest(scratch.root, protection.tests, { limitMillis: LIMIT_MILLIS, testTimeoutMillis: TEST_TIMEOUT_MILLIS }));
  if (broken.length > 0) {
    return verdict('unclear', broken[0]);
  }
  const failed = outcomes.map((cases) => cases.find(({ status }) => status === 'failed'));
  const own = failed.find((one) => one !== undefined && BROKEN_EDIT.test(one.message));
  if (own !== undefined) {
    return verdict('unclear', own.message, failed);
  }
  const silent = protection.tests.flatMap((name, index) => {
    // One handler that fails must not speak for the others.
    const silentCases = isAboutAllHandlers(name) ? outcomes[index].filter(({ status }) => status !== 'failed') : [];
    return failed[index] === undefined ? [filled(name)] : silentCases.map(({ title }) => title);
  });
  return silent.length === 0 ? verdict('noticed', '', failed) : verdict('survived', `nothing happens in: ${silent.join('; ')}`, failed);
}
