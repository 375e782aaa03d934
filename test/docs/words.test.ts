import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandsOf, drydockCalls } from './commands';
import { Document, documentPaths, guidedPaths, parseDocument, readDocument, root } from './documents';

const help = (...args: string[]) => spawnSync(process.execPath, [join(root, 'bin', 'drydock'), ...args, '--help'], { encoding: 'utf8' }).stdout;
const commands = [...help().matchAll(/^ {2}([a-z]+) (?:\[|<)/gm)].map(([, name]) => name).filter((name) => name !== 'help');
const optionsOf = (text: string) => new Set([...text.matchAll(/^ {2,}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option).concat('--help'));
const options = new Map(commands.map((name) => [name, optionsOf(help(name))]));
const { scripts, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { tasks } = JSON.parse(readFileSync(join(root, '.projen', 'tasks.json'), 'utf8'));

const guided = guidedPaths().map(readDocument);
/** Commands of blocks, and inline code. */
const codeOf = (document: Document) => [
  ...document.blocks.filter(({ language }) => ['console', 'yaml'].includes(language)).flatMap((block) => block.language === 'console'
    ? commandsOf(block).map(({ line, command }) => ({ line, text: command })) : block.text.split('\n').map((text, i) => ({ line: block.line + i, text }))),
  ...document.codes,
];

function strangers(document: Document): string[] {
  return codeOf(document).flatMap(({ line, text }) => {
    const where = `${document.path}:${line}`;
    const calls = drydockCalls(text).flatMap(({ command, options: named }) => command === undefined ? named.filter((one) => !['--help', '--version'].includes(one)).map((one) => `${where} drydock ${one}`)
      : !options.has(command) ? [`${where} drydock ${command}`] : named.filter((one) => !options.get(command)!.has(one)).map((one) => `${where} drydock ${command} ${one}`));
    const missing = [...text.matchAll(/\bnpm run ([\w:-]+)/g)].filter(([, name]) => !(name in scripts)).map(([, name]) => `${where} npm run ${name}`);
    const unknown = [...text.matchAll(/\bnpx projen ([a-z][\w:-]*)/g)].filter(([, name]) => !(name in tasks)).map(([, name]) => `${where} npx projen ${name}`);
    return [...calls, ...missing, ...unknown];
  });
}

test('every subcommand and option of drydock, npm script and projen task that a document names exists', () => {
  expect(Object.keys(bin)).toEqual(['drydock']);
  expect([...options].map(([name, found]) => `${name} ${found.size > 1}`)).toEqual(commands.map((name) => `${name} true`));
  expect(guided.flatMap((document) => codeOf(document).flatMap(({ text }) => drydockCalls(text))).length).toBeGreaterThan(60);
  expect(guided.flatMap(strangers)).toEqual([]);
});

test('options that are named without their command are options of some command, or of a tool in the list below', () => {
  const ours = new Set([...options.values()].flatMap((found) => [...found]));
  // Of aws, cdk, npm, skopeo and programs of this repository.
  const others = [
    // cdk
    '--qualifier', '--express', '--no-rollback', '--revert-drift', '--hotswap', '--method', '--import-existing-resources',
    // aws, npm
    '--filter', '--force', '--ignore-scripts',
    // programs of this repository
    '--deployments', '--mutate', '--seconds', '--target', '--input', '--all', '--document', '--only', '--build', '--runs', '--seed',
  ];
  const named = guided.flatMap((document) => document.codes.filter(({ text }) => /^--[a-z]/.test(text)).map(({ line, text }) => ({ where: `${document.path}:${line}`, option: /^--[a-z-]+/.exec(text)![0] })));
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter(({ option }) => !ours.has(option) && !others.includes(option))).toEqual([]);
});

test('every code that a document names is in docs/errors.md', () => {
  const { anchors } = readDocument('docs/errors.md');
  const unknown = documentPaths().filter((path) => path !== 'docs/errors.md').flatMap((path) => readFileSync(join(root, path), 'utf8').split('\n').flatMap((text, i) => [
    ...text.matchAll(/\bDD-([A-Z]+)-(\d)(\d\d|xx)\b(?: to (\d{3})\b)?/g),
  ].flatMap(([code, area, , rest, last]) => {
    const all = [...anchors].filter((anchor) => anchor.startsWith(`dd-${area.toLowerCase()}-`));
    // A range needs both of its ends, a family at least one member.
    const wanted = rest === 'xx' ? (all.some((anchor) => anchor.startsWith(code.slice(0, -2).toLowerCase())) ? [] : [code])
      : [code.slice(0, `DD-${area}-000`.length), ...(last ? [`DD-${area}-${last}`] : [])].filter((one) => !anchors.has(one.toLowerCase()));
    return wanted.map((one) => `${path}:${i + 1} ${one}`);
  })));
  expect(anchors.size).toBeGreaterThan(200);
  expect(unknown).toEqual([]);
});

test('this test sees what is not there', () => {
  const found = strangers(parseDocument('x.md', [
    '```console', '$ npx drydock preview --app cdk.out --invetory x | drydock simulat --policy p   # --not-an-option', '$ npm run nothing', '$ npx projen nothing', '```',
    '`drydock rehearse --gone` and `drydock copy`, `npx drydock --gone`',
  ].join('\n'))).map((one) => one.replace(/^\S+ /, ''));
  expect(found).toEqual(['drydock preview --invetory', 'drydock simulat', 'npm run nothing', 'npx projen nothing', 'drydock rehearse --gone', 'drydock --gone']);
});
