import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { buildAll } from '../bundle';

export const ROOT = join(__dirname, '..', '..');

/** A package of somebody else, code of which is in a bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** As its package.json says: an SPDX expression. */
  readonly license: string;
  readonly author?: string;
  readonly homepage?: string;
  /** Where it lies, from the root of the repository. */
  readonly path: string;
  /** As the lock file says: the hash of the tarball that it was installed from. */
  readonly integrity: string;
  /** Its licence and notice files, by name. */
  readonly legalFiles: Readonly<Record<string, string>>;
  /** Paths of the packages whose code its own code imports. */
  readonly imports: readonly string[];
}

export interface Bundle {
  /** From the root of the package. */
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Paths of the packages with code in it. */
  readonly packages: readonly string[];
  /** Paths of the packages that our own code in it imports. */
  readonly imports: readonly string[];
}

export interface Contents {
  readonly bundles: readonly Bundle[];
  readonly packages: readonly BundledPackage[];
  /** Paths of all packages that esbuild looked into, those included of which it left nothing. */
  readonly read: readonly string[];
}

/** What is in the bundles: nothing of what is installed for development, nothing that esbuild left out. */
export async function readContents(): Promise<Contents> {
  const results = await buildAll({ write: false });
  const imports = new Map<string, Set<string>>();
  const bundles = Object.entries(results).map(([file, { metafile, outputFiles }]) => {
    const packages = keptPackages(metafile);
    const own = new Set<string>();
    for (const [input, { imports: paths }] of Object.entries(metafile.inputs)) {
      const from = packageOf(input);
      for (const to of paths.map(({ path }) => packageOf(path))) {
        // Files that only export again leave nothing of themselves, so what counts is the package.
        if (to !== undefined && to !== from && packages.has(to) && (from === undefined || packages.has(from))) {
          (from === undefined ? own : setOf(imports, from)).add(to);
        }
      }
    }
    return { file, bytes: outputFiles![0].contents, packages: sorted(packages), imports: sorted(own) };
  });
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
  const packages = sorted(bundles.flatMap((bundle) => bundle.packages)).map((path) => describe(path, lock, sorted(imports.get(path) ?? [])));
  const read = sorted(Object.values(results).flatMap(({ metafile }) => Object.keys(metafile.inputs)).flatMap((input) => packageOf(input) ?? []));
  return { bundles, packages, read };
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version: string; readonly integrity?: string }>>;
}

/** Packages that have left something in the bundle. */
function keptPackages({ outputs }: Metafile): Set<string> {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  return new Set(inputs.flatMap(([input, { bytesInOutput }]) => bytesInOutput > 0 ? packageOf(input) ?? [] : []));
}

const packageOf = (input: string): string | undefined => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0];

function describe(path: string, lock: Lock, imports: readonly string[]): BundledPackage {
  const directory = join(ROOT, path);
  const { name, version, license, author, homepage } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Readonly<Record<string, any>>;
  const locked = lock.packages[path];
  if (locked?.version !== version || locked.integrity === undefined) {
    throw new Error(`${path} is ${version}, but package-lock.json has ${locked?.version ?? 'no such package'}: run npm ci.`);
  }
  return {
    name,
    version,
    license: typeof license === 'string' ? license : `unknown: ${JSON.stringify(license)}`,
    author: typeof author === 'string' ? author : author?.name,
    homepage: typeof homepage === 'string' ? homepage : undefined,
    path,
    integrity: locked.integrity,
    legalFiles: legalFiles(directory),
    imports,
  };
}

function legalFiles(directory: string): Record<string, string> {
  return Object.fromEntries(readdirSync(directory)
    .filter((file) => /^(?:licen[cs]e|copying|notice)/i.test(file) && existsSync(join(directory, file)))
    .sort()
    .map((file) => [file, readFileSync(join(directory, file), 'utf8')]));
}

const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort();

function setOf<K>(map: Map<K, Set<string>>, key: K): Set<string> {
  const set = map.get(key) ?? new Set<string>();
  map.set(key, set);
  return set;
}
