import { mkdirSync, readFileSync } from 'node:fs';
import { drydock, workspace } from './support';
import { exampleInventory, plan, repositoryPlan } from '../report/plans';

const files = workspace();
const saved = files.file('plan.json', plan([repositoryPlan({ inventory: exampleInventory('retention') })]));
const report = (...args: string[]) => drydock(['report', saved, ...args]);

afterAll(() => files.remove());

test.each([
  ['table', /^\nPreview of cdk\.out against the snapshot snapshot\.json/], ['markdown', /^<!-- drydock:preview -->\n## /], ['json', /^\{"formatVersion":1/],
  ['sarif', /^\{\n {2}"\$schema": "https:\/\/json\.schemastore\.org\/sarif-2\.1\.0\.json"/], ['html', /^<!doctype html>\n/],
])('a saved plan is shown as %s', (format, beginning) => {
  const { status, stdout, stderr } = report('--format', format);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(beginning);
});

test('a blocked plan is shown all the same: the exit code is that of the report', () => {
  expect(report().stdout).toContain('blocked: 3 findings stop this deployment.');
  expect(report().status).toBe(0);
});

test('it is written to a file, and nothing to the terminal', () => {
  const { status, stdout } = report('--format', 'html', '--out', files.path('plan.html'));
  expect([status, stdout]).toEqual([0, '']);
  expect(readFileSync(files.path('plan.html'), 'utf8')).toMatch(/<script type="application\/json" id="plan">/);
});

test('standard input is a plan too', () => {
  expect(drydock(['report', '-', '--format', 'markdown'], readFileSync(saved, 'utf8')).stdout).toBe(report('--format', 'markdown').stdout);
});

test('lists are as long as asked for', () => {
  expect(report('--limit', '2').stdout).toContain('and 296 more: --all lists them');
  expect(report('--all').stdout).not.toContain(' more: --all');
});

test('JSON that is made into JSON again says the same', () => {
  expect(report('--format', 'json').json()).toEqual(JSON.parse(readFileSync(saved, 'utf8')));
});

test.each<[string, unknown, RegExp]>([
  ['an inventory', { imageDetails: [] }, /DD-REPORT-001 at \S+ \/: It is not a plan: this must have required property 'formatVersion'\./],
  ['a list', [], /DD-REPORT-001 at \S+: It is a list, not a plan\./],
  ['a plan of another release', { formatVersion: 2, kind: 'preview' }, /DD-REPORT-002 at \S+ \/formatVersion: The plan has the format version 2; this release reads 1\./],
  ['a plan with an outcome that is none', { ...plan([]), outcome: 'fine\u001b[31m' }, /DD-REPORT-001 at \S+ \/outcome: It is not a plan: this must be equal to one of the allowed values: passed, blocked, undetermined\./],
  ['no JSON', '{', /DD-CLI-002/],
])('%s is refused, with its place', (_, content, message) => {
  const { status, stdout, stderr } = drydock(['report', files.file('other.json', content)]);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(message);
});

test.each<[string, string[], RegExp]>([
  ['a form that is none', ['--format', 'pdf'], /DD-CLI-005 at --format: "pdf" is not a format\. Fix: Choose table or json or markdown or sarif or html\./],
  ['a folder that is not there', ['--out', '/nowhere/plan.html'], /DD-REPORT-003 at --out: "\/nowhere\/plan\.html" cannot be written: ENOENT\./],
  ['a number that is none', ['--limit', 'many'], /DD-CLI-005 at --limit/],
])('%s is refused', (_, args, message) => {
  expect(report(...args)).toMatchObject({ status: 1, stderr: expect.stringMatching(message) });
});

test('a file that is a folder is refused', () => {
  mkdirSync(files.path('folder'));
  expect(report('--out', files.path('folder')).stderr).toMatch(/DD-REPORT-003 at --out: .* cannot be written: EISDIR\./);
});
