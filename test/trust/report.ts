import { placeIn } from './edits';
import { Protection } from './model';
import { TestOutcome } from './run-jest';
import { TakenOut } from './take-out';
import { filled } from './titles';
import { Tried } from './try-all';
import { Report, Tone } from '../../src/report/blocks';

/** The table: by failure what keeps which handler from it, the tests of that, and how they went. */
export function tableReport(root: string, tried: readonly Tried[]): Report {
  const failures = [...new Set(tried.map(({ failure }) => failure))];
  const bad = tried.filter(({ isGood }) => !isGood).length;
  const names = new Set(tried.flatMap(({ protection }) => protection.tests.map((name) => `${name.file} ${filled(name)}`)));
  const all = new Map(tried.flatMap(({ outcomes, protection }) => outcomes.map((cases, index) => [`${protection.tests[index].file} ${filled(protection.tests[index])}`, cases] as const)));
  const cases = [...all.values()].flat();
  return [
    ...failures.flatMap((failure): Report => [
      { kind: 'heading', text: `${failure.number}. ${failure.failure}` },
      { kind: 'line', text: failure.cost, tone: 'quiet' },
      {
        kind: 'table',
        columns: [{ title: 'handler' }, { title: 'protection' }, { title: 'where' }, { title: 'test' }, { title: 'ms', right: true }, { title: 'result' }],
        rows: tried.filter((one) => one.failure === failure).flatMap(({ protection, outcomes }) => protection.tests.map((name, index) => {
          const result = resultOf(outcomes[index]);
          return {
            cells: [
              ...index === 0 ? [protection.handler, protection.protection, placeText(root, protection)] : ['', '', ''],
              filled(name), String(Math.round(outcomes[index].reduce((sum, { millis }) => sum + millis, 0))), result,
            ],
            tone: (result === 'pass' ? undefined : 'bad') as Tone | undefined,
          };
        })),
      },
    ]),
    { kind: 'heading', text: 'In all' },
    {
      kind: 'line',
      text: `${failures.length} classic failures, ${tried.length} protections, ${names.size} tests (${cases.length} cases), ${(cases.reduce((sum, { millis }) => sum + millis, 0) / 1000).toFixed(1)} s: `
        + (bad === 0 ? 'all pass.' : `${bad} protections without a test that passes.`),
      tone: bad === 0 ? 'good' : 'bad',
    },
  ];
}

function resultOf(cases: readonly TestOutcome[]): string {
  if (cases.length === 0) {
    return 'NO SUCH TEST';
  }
  const failed = cases.find(({ status }) => status === 'failed');
  if (failed !== undefined) {
    return `FAIL: ${firstLines(failed.message)}`;
  }
  return cases.every(({ status }) => status === 'passed') ? 'pass' : 'SKIPPED';
}

export function placeText(root: string, protection: Protection): string {
  const { file, name } = placeIn(root, protection);
  return `${file} ${name}`;
}

/** What came of taking one protection out: the tests that fail, and what they say. */
export function mutationReport({ failure, protection, verdict, failed, why, millis }: TakenOut): Report {
  const tone: Tone = verdict === 'noticed' ? 'good' : 'bad';
  return [
    { kind: 'line', text: `${verdict.padEnd(8)} ${String(failure.number).padStart(2)} ${protection.handler}: ${protection.protection} (${(millis / 1000).toFixed(1)} s)`, tone },
    ...protection.edits.map(({ file }) => ({ kind: 'line' as const, text: `            out of ${file}`, tone: 'quiet' as const })),
    ...failed.flatMap((one): Report => one === undefined ? [] : [
      { kind: 'line', text: `            fails: ${one.title}` },
      { kind: 'line', text: `                   ${firstLines(one.message)}`, tone: 'quiet' },
    ]),
    ...(why === '' ? [] : [{ kind: 'line' as const, text: `            ${firstLines(why)}`, tone }]),
  ];
}

/** The summary under all of them. */
export function summaryReport(taken: readonly TakenOut[], millis: number): Report {
  const count = (verdict: TakenOut['verdict']) => taken.filter((one) => one.verdict === verdict).length;
  const isGood = count('noticed') === taken.length;
  return [
    { kind: 'heading', text: 'In all' },
    {
      kind: 'line',
      text: `${taken.length} protections taken out, one at a time: ${count('noticed')} noticed, ${count('survived')} survived, ${count('unclear')} unclear; ${Math.round(millis / 1000)} s. With all of them in place every test passes.`,
      tone: isGood ? 'good' : 'bad',
    },
  ];
}

function firstLines(message: string): string {
  const text = message.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !/^at /.test(line) && !/^(JestAssertionError|\d+ \||> \d+)/.test(line)).join(' ');
  return text.length > 220 ? `${text.slice(0, 220)}…` : text;
}
