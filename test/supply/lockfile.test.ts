import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const read = (file: string) => JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as Record<string, any>;

interface Locked {
  readonly version: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  /** Came inside the tarball of the package around it, whose hash covers it. */
  readonly inBundle?: boolean;
  readonly hasInstallScript?: boolean;
}

/** Packages whose install scripts are known. None is run: `npm ci --ignore-scripts` builds and tests everything. */
const INSTALL_SCRIPTS: Readonly<Record<string, string>> = {
  'node_modules/@parcel/watcher': 'compiles a file watcher that is used by nobody here',
  'node_modules/esbuild': 'a faster start; the executable is in a package of its own',
  'node_modules/fsevents': 'file events of macOS, for jest --watch',
  'node_modules/unrs-resolver': 'looks for its executable, which is in a package of its own',
};

/** What one might find wrong with a lock file. */
function lockProblems({ lockfileVersion, packages }: { lockfileVersion: number; packages: Record<string, Locked> }): string[] {
  return [
    ...lockfileVersion === 3 ? [] : [`lockfileVersion is ${lockfileVersion}`],
    ...Object.entries(packages).filter(([path]) => path !== '').flatMap(([path, { resolved, integrity, link, inBundle, hasInstallScript }]) => [
      ...resolved === undefined ? [] : [`${path} names where it comes from: ${resolved}`],
      ...link === true ? [`${path} is a link`] : [],
      ...inBundle === true || integrity !== undefined && /^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity) ? [] : [`${path} has no SHA-512: ${integrity}`],
      ...hasInstallScript === true && !(path in INSTALL_SCRIPTS) ? [`${path} has an install script that nobody has looked at`] : [],
    ]),
  ];
}

test('the lock file names no registry, has a hash for every package and no unknown install script', () => {
  const lock = read('package-lock.json') as Parameters<typeof lockProblems>[0];
  expect(Object.keys(lock.packages).length).toBeGreaterThan(500);
  expect(lockProblems(lock)).toEqual([]);
});

test.each([
  ['an address', { resolved: 'https://registry.example/x.tgz' }, 'names where it comes from'],
  ['a weak hash', { integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' }, 'has no SHA-512'],
  ['no hash', { integrity: undefined }, 'has no SHA-512'],
  ['a link', { link: true }, 'is a link'],
  ['an install script', { hasInstallScript: true }, 'has an install script'],
])('%s in the lock file is noticed', (_, change, problem) => {
  const good: Locked = { version: '1.0.0', integrity: `sha512-${'A'.repeat(86)}==` };
  expect(lockProblems({ lockfileVersion: 3, packages: { '': good, 'node_modules/x': good } })).toEqual([]);
  expect(lockProblems({ lockfileVersion: 3, packages: { 'node_modules/x': { ...good, ...change } } })).toEqual([expect.stringContaining(problem)]);
});

test('the package has peers and nothing else to install, and no script that an installation would run', () => {
  const manifest = read('package.json');
  for (const field of ['dependencies', 'optionalDependencies', 'bundleDependencies', 'bundledDependencies']) {
    expect([field, manifest[field] ?? {}]).toEqual([field, {}]);
  }
  expect(Object.keys(manifest.peerDependencies).sort()).toEqual(['aws-cdk-lib', 'constructs']);
  // `prepare` runs in the repository and before packing, never when a tarball is installed.
  expect(Object.keys(manifest.scripts).filter((name) => ['preinstall', 'install', 'postinstall', 'prepublish'].includes(name))).toEqual([]);
});

test('development dependencies come from the registry, by version', () => {
  const { devDependencies, overrides } = read('package.json');
  for (const [name, version] of Object.entries<string>({ ...devDependencies, ...overrides })) {
    expect([name, version]).toEqual([name, expect.stringMatching(/^[~^]?\d+(\.\d+){0,2}(-[a-z0-9.]+)?$/)]);
  }
});
