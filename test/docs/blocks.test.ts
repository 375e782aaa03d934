import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guidedPaths, parseDocument, readDocument } from './documents';
import { dataProblems, exitCodeOf, kindOf, needOf } from './kinds';
import { runnable, snippetsOf, typeCheck } from './snippets';

const documents = guidedPaths().map(readDocument);
const blocks = documents.flatMap((document) => document.blocks);
const snippets = documents.flatMap((document) => snippetsOf(document.blocks));
const at = (document: string, line: number, message: string) => `${document}:${line} ${message}`;

test('every block of every document is of a kind that is tried, or says what it needs', () => {
  expect(blocks.length).toBeGreaterThan(50);
  expect(blocks.flatMap((block) => {
    const kind = kindOf(block);
    return 'wrong' in kind ? [at(block.document, block.line, kind.wrong)] : [];
  })).toEqual([]);
});

test('JSON and YAML are read by a parser', () => {
  expect(blocks.filter(({ language }) => language === 'json' || language === 'yaml').length).toBeGreaterThan(5);
  expect(blocks.flatMap((block) => dataProblems(block).map((problem) => at(block.document, block.line, problem)))).toEqual([]);
});

const one = (markdown: string) => parseDocument('mistakes.md', markdown);
const fenced = (language: string, text: string, note = '') => one(`${note}\n\n\`\`\`${language}\n${text}\n\`\`\`\n`).blocks[0];

describe('TypeScript', () => {
  // One program for all, because the types of the CDK take seconds to read.
  const mistakes = [
    fenced('ts', "import { App } from 'aws-cdk-lib';\nconst app = new App();\nnew Repository(app, 'R');"),
    fenced('ts', "\nnew ImageTag(this, 'T', { repository, imageTag: 'a', sourceTag: 'b' });"),
    fenced('ts', 'refresh: Refresh.never()', '<!-- properties of ImageTagProps -->'),
    fenced('ts', 'const a = 1;\nconst b: string = a;'),
  ];
  const problems = typeCheck([...snippets, ...mistakes.flatMap((block) => snippetsOf([block]))]);

  test('of the documents has no error, with the options of the repository', () => {
    expect(snippets.length).toBeGreaterThan(15);
    expect(problems.filter(({ document }) => document !== 'mistakes.md').map(({ document, line, message }) => at(document, line, message))).toEqual([]);
  });

  test('that is wrong is told with its line; a whole app gets nothing from the context', () => {
    expect(problems.filter(({ document }) => document === 'mistakes.md').map(({ line, message }) => `${line} ${message}`)).toEqual([
      "6 Cannot find name 'Repository'.",
      expect.stringMatching(/^5 .*'sourceTag' does not exist/),
      expect.stringMatching(/^4 Property 'never' does not exist/),
      expect.stringMatching(/^5 Type 'number' is not assignable/),
    ]);
  });
});

describe('the apps', () => {
  const work = mkdtempSync(join(tmpdir(), 'drydock-docs-'));
  const before = process.env.CDK_OUTDIR;
  afterAll(() => {
    process.env.CDK_OUTDIR = before;
    rmSync(work, { recursive: true, force: true });
  });

  const apps = snippets.filter(({ complete }) => complete);
  test('are there', () => expect(apps.length).toBeGreaterThan(8));

  test.each(apps.map((app) => [`${app.block.document}:${app.block.line}`, app] as const))('%s is synthesized', (name, app) => {
    const outdir = join(work, name.replace(/\W/g, '-'));
    process.env.CDK_OUTDIR = outdir;
    const listening = process.listeners('beforeExit');
    new Function('require', 'exports', runnable(app))(require, {});
    // With CDK_OUTDIR an app is synthesized again when the process ends.
    process.listeners('beforeExit').filter((listener) => !listening.includes(listener)).forEach((listener) => process.off('beforeExit', listener));
    expect(readdirSync(outdir).filter((file) => file.endsWith('.template.json'))).not.toEqual([]);
  });
});

describe('these tests see', () => {
  test('a block without language, of output without command, of a mark that nobody knows', () => {
    expect(kindOf(fenced('', 'x'))).toEqual({ wrong: expect.stringContaining('not given') });
    expect(kindOf(fenced('sh', 'x'))).toEqual({ wrong: expect.stringContaining('sh') });
    expect(kindOf(fenced('text', 'x'))).toEqual({ wrong: expect.stringContaining('output of') });
    expect(kindOf(fenced('console', 'drydock'))).toEqual({ wrong: expect.stringContaining('$') });
    expect(kindOf(fenced('ts', 'x', '<!-- anothr library -->'))).toEqual({ wrong: expect.stringContaining('anothr') });
    expect(kindOf(one('    indented').blocks[0])).toEqual({ wrong: expect.stringContaining('not given') });
    expect(kindOf(fenced('ts', 'x', '<!-- another library -->'))).toEqual({ kind: 'marked' });
    expect(kindOf(fenced('console', '$ a', '<!-- needs an account -->'))).toEqual({ kind: 'marked' });
    expect(kindOf(fenced('console', '$ a', '<!-- needs docker: docker -->'))).toEqual({ kind: 'commands' });
  });

  test('broken data', () => {
    expect(dataProblems(fenced('json', '{"a": 1,}'))).toHaveLength(1);
    expect(dataProblems(fenced('yaml', 'a: [1\nb: 2'))).not.toEqual([]);
    expect(dataProblems(fenced('yaml', 'a: !GetAtt B.Arn'))).toEqual([]);
  });

  test('what a command needs, and with which code it ends', () => {
    const block = fenced('console', '$ a\n$ b', '<!-- exits with 2 -->\n<!-- needs docker: docker push -->');
    expect([exitCodeOf(block, 0, 2), exitCodeOf(block, 1, 2)]).toEqual([0, 2]);
    expect(exitCodeOf(fenced('console', '$ a\n$ b', '<!-- exits with 1, 0 -->'), 0, 2)).toBe(1);
    expect([needOf(block, 'docker push x'), needOf(block, 'ls'), needOf(block, 'ls   # needs an account')]).toEqual(['docker', undefined, 'an account']);
  });
});
