import { readFileSync } from 'node:fs';
import { homedir, hostname, tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { CHECKSUMS_FILE, renderChecksums } from './checksums';
import { ROOT } from './contents';

export interface Entry {
  /** From the root of the package. */
  readonly file: string;
  readonly bytes: Buffer;
  readonly modified: string;
  readonly owner: string;
}

/** npm gives every file this date. */
const NPM_DATE = '1985-10-26T08:15:00.000Z';
const EXPECTED = /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md|API\.md|THIRD-PARTY-NOTICES|sbom\.cdx\.json|\.jsii|\.jsii\.tabl\.json|rosetta\/[a-z-]+\.ts-fixture|tsconfig\.tsbuildinfo|bin\/drydock|schemas\/[^/]+\.json|docs\/(?!adr\/|gallery\/)(?:[a-z-]+\/)*[A-Za-z0-9-]+\.(?:md|json|ya?ml)|lib\/[^.]+(?:\.[a-z-]+)*\.(?:js|d\.ts)|assets\/(?:SHA256SUMS|[a-z-]+\/[a-z-]+\.(?:js|css)))$/;
const REQUIRED = ['package.json', 'LICENSE', 'README.md', 'THIRD-PARTY-NOTICES', 'sbom.cdx.json', '.jsii', 'bin/drydock', 'lib/index.js', 'lib/index.d.ts', CHECKSUMS_FILE];

export async function readTarball(path: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  const unpacked = Readable.from([gunzipSync(readFileSync(path))]).pipe(extract());
  for await (const entry of unpacked) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) {
      chunks.push(chunk as Buffer);
    }
    const { name, mtime, uid, gid } = entry.header;
    entries.push({ file: name.replace(/^package\//, ''), bytes: Buffer.concat(chunks), modified: mtime?.toISOString() ?? 'none', owner: `${uid}:${gid}` });
  }
  return entries;
}

/** What must not be in a package, and what is missing. */
export function tarballProblems(entries: readonly Entry[], machine: readonly string[] = [ROOT, homedir(), tmpdir(), hostname()]): string[] {
  const files = new Set(entries.map(({ file }) => file));
  return [
    ...REQUIRED.filter((file) => !files.has(file)).map((file) => `${file} is missing`),
    ...entries.flatMap((entry) => [
      ...EXPECTED.test(entry.file) && !/(?:^|\/)(?:test|__tests__)\/|\.(?:test|spec)\./.test(entry.file) ? [] : [`${entry.file} is not one of the files that ship`],
      ...entry.modified === NPM_DATE && entry.owner === '0:0' ? [] : [`${entry.file} carries a time or an owner: ${entry.modified}, ${entry.owner}`],
      ...pathProblems(entry, machine),
      ...mapProblems(entry),
    ]),
    ...checksumProblems(entries),
    ...manifestProblems(entries),
  ];
}

/** Names too short to tell, like those of a container's user, are no evidence. */
function pathProblems({ file, bytes }: Entry, machine: readonly string[]): string[] {
  const text = bytes.toString('utf8');
  const texts = [text, ...sourceMaps(text).map((map) => JSON.stringify(map))];
  return machine.filter((name) => name.length > 5 && texts.some((content) => content.includes(name))).map((name) => `${file} names the machine that built it: ${name}`);
}

function mapProblems({ file, bytes }: Entry): string[] {
  const text = bytes.toString('utf8');
  return [
    ...sourceMaps(text).flatMap(({ sources }) => sources.filter((source) => !/^(?:\.\.\/)*src\/[^:]+\.ts$/.test(source)).map((source) => `${file} has a source map of ${source}`)),
    ...file.startsWith('assets/') && /\/\/# sourceMappingURL=/.test(text) ? [`${file} has a source map`] : [],
  ];
}

const sourceMaps = (text: string): { sources: string[] }[] =>
  [...text.matchAll(/\/\/# sourceMappingURL=data:application\/json[^,]*;base64,([A-Za-z0-9+/=]+)/g)].map(([, encoded]) => JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')));

function checksumProblems(entries: readonly Entry[]): string[] {
  const listed = entries.find(({ file }) => file === CHECKSUMS_FILE)?.bytes.toString('utf8');
  const shipped = renderChecksums(entries.filter(({ file }) => file.startsWith('assets/') && file !== CHECKSUMS_FILE));
  return listed === undefined || listed === shipped ? [] : [`${CHECKSUMS_FILE} is not of the files that ship: run npx projen supply`];
}

function manifestProblems(entries: readonly Entry[]): string[] {
  const manifest = JSON.parse(entries.find(({ file }) => file === 'package.json')?.bytes.toString('utf8') ?? '{}') as Record<string, Record<string, string> | undefined>;
  return [
    ...['dependencies', 'optionalDependencies', 'bundleDependencies', 'bundledDependencies']
      .filter((field) => Object.keys(manifest[field] ?? {}).length > 0).map((field) => `package.json has ${field}`),
    ...['preinstall', 'install', 'postinstall'].filter((name) => manifest.scripts?.[name] !== undefined).map((name) => `package.json runs something at installation: ${name}`),
  ];
}
