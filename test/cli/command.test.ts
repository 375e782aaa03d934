import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bin, drydock, root, workspace } from './support';

const COMMANDS = ['simulate', 'validate', 'rehearse', 'emulator'];
const files = workspace();
afterAll(() => files.remove());

const help = new Map(COMMANDS.map((command) => [command, drydock([command, '--help']).stdout]));
const optionsIn = (text: string) => [...new Set(text.match(/--[a-z][a-z-]*/g) ?? [])];

test('--help names every command, and each has an example', () => {
  expect(drydock(['--help']).stdout).toMatch(/simulate.*validate.*rehearse.*emulator/s);
  for (const text of help.values()) {
    expect(text).toMatch(/Example:\n {2}\$ /);
  }
});

test('--version is that of the package', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  expect(drydock(['--version']).stdout).toBe(`${version}\n`);
});

test('every option that the documentation shows is in the help of its command', () => {
  const pages = ['README.md', 'docs', 'examples'].flatMap((place) => place.endsWith('.md') ? [place]
    : (readdirSync(join(root, place), { recursive: true }) as string[]).filter((file) => file.endsWith('.md')).map((file) => join(place, file)));
  const shown = pages.flatMap((page) => [...readFileSync(join(root, page), 'utf8').matchAll(new RegExp(`drydock (${COMMANDS.join('|')})([^\`\\n|#]*)`, 'g'))]
    .flatMap(([, command, rest]) => optionsIn(rest).map((option) => ({ page, command, option }))));
  expect(shown.length).toBeGreaterThan(20);
  // The page of errors shows mistakes, too.
  expect(shown.filter(({ page, command, option }) => page !== join('docs', 'errors.md') && !help.get(command)!.includes(`${option} `))).toEqual([]);
});

test.each(COMMANDS)('every option of %s is described', (command) => {
  const options = [...help.get(command)!.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)(?: <[^>]+>)? {2,}(.*)$/gm)];
  expect(options.length).toBeGreaterThan(4);
  expect(options.filter(([, , description]) => description.length < 10)).toEqual([]);
});

test.each<[string, string[], RegExp]>([
  ['an unknown command, with the one that was meant', ['simulat'], /^drydock: DD-CLI-008 at drydock: Unknown command 'simulat'\. Did you mean simulate\? Fix: Run `drydock --help`\.\n$/],
  ['an unknown option, with the one that was meant', ['simulate', '--policy', 'x', '--images', 'x', '--agains', 'x'], /^drydock: DD-CLI-008 at drydock simulate: .*'--agains'\. Did you mean --against\? Fix: /],
  ['an option that is missing', ['validate'], /^drydock: DD-CLI-008 at drydock validate: .*--policy <file>.* Fix: Run `drydock validate --help`\.\n$/],
  ['an option without its value', ['validate', '--policy'], /DD-CLI-008 at drydock validate: .*argument missing/],
  ['a word too many', ['validate', '--policy', 'x', 'y'], /DD-CLI-008 at drydock validate: /],
  ['an escape in what was typed', ['\u001b[2J'], /^drydock: DD-CLI-008 at drydock: Unknown command '\\u001b\[2J'\./],
])('misuse is one line with a code, the place and the way out: %s', (_, args, message) => {
  const { status, stdout, stderr } = drydock(args);
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect([status, stdout]).toEqual([1, '']);
});

test('without a command the help is shown, and it is an error', () => {
  const { status, stderr } = drydock([]);
  expect(stderr).toMatch(/Usage: drydock/);
  expect(status).toBe(1);
});

test('a stack trace is shown only when asked for', () => {
  const args = ['validate', '--policy', files.path('none.json')];
  expect(drydock(args).stderr).not.toMatch(/^\s+at /m);
  expect(drydock(args, undefined, { DRYDOCK_DEBUG: '1' }).stderr).toMatch(/^\s+at /m);
});

test('there are no colours where there is no terminal', () => {
  const policy = files.file('policy.json', { rules: [] });
  // eslint-disable-next-line no-control-regex
  expect(drydock(['validate', '--policy', policy], undefined, { FORCE_COLOR: '', COLORTERM: 'truecolor', TERM: 'xterm-256color' }).stdout).not.toMatch(/\u001b/);
});

test('a reader that closes early is no error', async () => {
  const images = files.file('images.json', { imageDetails: Array.from({ length: 20_000 }, (_, i) => ({ imageDigest: `sha256:${String(i).padStart(64, '0')}`, imagePushedAt: '2025-01-01T00:00:00Z' })) });
  const policy = files.file('any.json', { rules: [{ rulePriority: 1, selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 1 }, action: { type: 'expire' } }] });
  const child = spawn(process.execPath, [bin, 'simulate', '--policy', policy, '--images', images, '--format', 'json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (part) => stderr += part);
  child.stdout.once('data', () => child.stdout.destroy());
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
  expect(stderr).toBe('');
});
