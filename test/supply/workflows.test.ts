import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const WORKFLOWS = join(__dirname, '..', '..', '.github', 'workflows');

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly uses?: string; readonly run?: string }[];
}

const jobs = readdirSync(WORKFLOWS).flatMap((file) => {
  const { jobs: found } = parse(readFileSync(join(WORKFLOWS, file), 'utf8')) as { jobs: Record<string, Job> };
  return Object.entries(found).map(([name, job]) => ({ where: `${file} ${name}`, job }));
});
const release = (name: string) => jobs.find(({ where }) => where === `release.yml ${name}`)!.job;

test('every job says what it may do, and only those that need it may write', () => {
  const writers = jobs.flatMap(({ where, job }) => Object.entries(job.permissions ?? { all: 'write' }).filter(([, access]) => access !== 'read').map(([scope]) => `${where}: ${scope}`));
  expect(writers.filter((writer) => !/^release\.yml release_(?!npm|github)/.test(writer)).sort()).toEqual([
    'pull-request-lint.yml validate: pull-requests',
    'release.yml release_github: contents',
    'release.yml release_npm: id-token',
  ]);
});

test('actions are pinned: by commit, or by a whole version that its owner cannot move', () => {
  const used = jobs.flatMap(({ job }) => job.steps.flatMap(({ uses }) => uses ?? []));
  expect(used.length).toBeGreaterThan(10);
  expect(used.filter((action) => !/@(?:[0-9a-f]{40}|v\d+\.\d+\.\d+)$/.test(action))).toEqual([]);
});

test('no job runs install scripts of dependencies, or code of a version that nobody chose', () => {
  const lines = jobs.flatMap(({ where, job }) => job.steps.flatMap(({ run }) => (run ?? '').split('\n').map((line) => `${where}: ${line}`)));
  const installs = lines.filter((line) => /npm (?:ci|install|i)\b/.test(line));
  expect(installs.length).toBeGreaterThan(3);
  expect(installs.filter((line) => !line.includes('--ignore-scripts'))).toEqual([]);
  expect(lines.filter((line) => line.includes('@latest'))).toEqual([]);
});

test('npm is published without a token, by the trust between npm and the workflow', () => {
  const text = JSON.stringify(release('release_npm'));
  expect(text).toContain('"NPM_TRUSTED_PUBLISHER":"true"');
  expect(text).not.toContain('secrets.NPM_TOKEN');
});

test('a release is checked before it is built, and carries its bill of materials and checksums', () => {
  const commands = release('release').steps.map(({ run }) => run ?? '').join('\n').split('\n');
  const built = commands.indexOf('npx projen release');
  for (const check of ['verify:bundles', 'verify:package', 'check:api', 'check:audit']) {
    expect(commands.indexOf(`npx projen ${check}`)).toBeGreaterThanOrEqual(0);
    expect(commands.indexOf(`npx projen ${check}`)).toBeLessThan(built);
  }
  expect(JSON.stringify(release('release_github'))).toMatch(/gh release upload.*sbom\.cdx\.json.*SHA256SUMS/);
});
