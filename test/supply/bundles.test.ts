import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Validation } from '@cyclonedx/cyclonedx-library';
import { renderChecksums } from '../../scripts/supply/checksums';
import { BundledPackage, Contents, readContents } from '../../scripts/supply/contents';
import { ALLOWED_LICENCES, licenceProblems, licenceText } from '../../scripts/supply/licences';
import { renderNotices } from '../../scripts/supply/notices';
import { renderSbom, SBOM_SPEC } from '../../scripts/supply/sbom';

let contents: Contents;
beforeAll(async () => {
  contents = await readContents();
});

const packageNamed = (name: string): BundledPackage => contents.packages.find((bundled) => bundled.name === name)!;
const stranger = (changes: Partial<BundledPackage>): BundledPackage => ({ ...packageNamed('commander'), name: 'stranger', path: 'node_modules/stranger', ...changes });

describe('bundles', () => {
  test('what runs in an account has code of AWS and ours, and of nobody else', () => {
    const handlers = contents.bundles.filter(({ file }) => !/^assets\/(?:cli|page)\//.test(file));
    expect(handlers.map(({ file }) => dirname(file))).toEqual(expect.arrayContaining(['assets/handler', 'assets/images', 'assets/credentials']));
    expect(handlers.flatMap(({ packages }) => packages).filter((path) => !/^node_modules\/@(?:aws-sdk|aws|smithy)\//.test(path))).toEqual([]);
    expect(handlers.flatMap(({ packages }) => packages)).toContain('node_modules/@aws-sdk/client-ecr');
  });

  test('entries that must answer whatever happens hold our own code only', () => {
    const entries = contents.bundles.filter(({ file }) => file.endsWith('/index.js'));
    expect(entries.map(({ packages }) => packages)).toEqual([[], [], []]);
  });

  test('no bundle holds a path of the machine that built it, a source map or a time', () => {
    for (const { file, bytes } of contents.bundles) {
      const text = Buffer.from(bytes).toString('utf8');
      expect([file, text.includes(process.cwd()), text.includes(tmpdir()), /sourceMappingURL=/.test(text.replace(/sourceMappingURL=["'`]/g, ''))]).toEqual([file, false, false, false]);
      expect([file, text.includes(new Date().toISOString().slice(0, 10))]).toEqual([file, false]);
    }
  });

  test('the page keeps the notices of the libraries in it, for whoever passes it on', () => {
    const page = Buffer.from(contents.bundles.find(({ file }) => file === 'assets/page/page.js')!.bytes).toString('utf8');
    for (const path of contents.bundles.find(({ file }) => file === 'assets/page/page.js')!.packages) {
      const { name, version } = contents.packages.find((bundled) => bundled.path === path)!;
      expect(page).toMatch(new RegExp(`/\\*!\\s*\\*? ${name.replace('/', '\\/').replace('.', '\\.')} v${version}`, 'i'));
    }
  });
});

describe('licences', () => {
  test('all are allowed, and their texts are there', () => {
    expect(licenceProblems(contents.packages)).toEqual([]);
  });

  test.each(['GPL-3.0-or-later', 'UNLICENSED', '(MIT OR GPL-3.0-or-later)', 'unknown: undefined'])('%s may not ship', (license) => {
    expect(ALLOWED_LICENCES).not.toContain(license);
    expect(licenceProblems([...contents.packages, stranger({ license })])).toEqual([expect.stringContaining(`has the licence ${license}`)]);
  });

  test('a package of a licence that names its holder may not come without the text', () => {
    expect(licenceProblems([...contents.packages, stranger({ legalFiles: {} })])).toEqual([expect.stringContaining('has no text of its licence (MIT)')]);
    expect(licenceProblems([...contents.packages, stranger({ legalFiles: { NOTICE: 'by us' } })])).toHaveLength(1);
  });
});

describe('THIRD-PARTY-NOTICES', () => {
  test('every package in a bundle is named with version, file and the whole text of its licence', () => {
    const notices = renderNotices(contents);
    const words = (text: string) => text.replace(/\s+/g, ' ').trim();
    for (const bundled of contents.packages) {
      expect(notices).toContain(`\n${bundled.name} ${bundled.version} (`);
      expect(words(notices)).toContain(words(licenceText(bundled, contents.packages)!));
    }
  });

  test('NOTICE files are passed on', () => {
    const bundled = stranger({ license: 'Apache-2.0', legalFiles: { LICENSE: 'the terms', NOTICE: 'This product includes work of a stranger.' } });
    expect(renderNotices({ ...contents, packages: [bundled] })).toContain('NOTICE of stranger:\n\nThis product includes work of a stranger.');
  });
});

describe('the bill of materials', () => {
  const validator = new Validation.JsonStrictValidator(SBOM_SPEC);

  test('it is valid CycloneDX, and an invalid one is noticed', async () => {
    const sbom = renderSbom(contents);
    expect(await validator.validate(sbom)).toBeNull();
    expect(await validator.validate(sbom.replace('"type": "library"', '"type": "books"'))).not.toBeNull();
  });

  test('it lists exactly what is bundled, with licence and the hash of the lock file', () => {
    const { components } = JSON.parse(renderSbom(contents)) as { components: any[] };
    expect(components.map(({ group, name, version }) => `${group === undefined ? '' : `${group}/`}${name}@${version}`).sort())
      .toEqual(contents.packages.map(({ name, version }) => `${name}@${version}`).sort());
    const commander = components.find(({ name }) => name === 'commander');
    expect(commander).toMatchObject({ licenses: [{ license: { id: 'MIT' } }], purl: `pkg:npm/commander@${packageNamed('commander').version}` });
    const [{ content }] = commander.externalReferences.find(({ type }: { type: string }) => type === 'distribution').hashes;
    expect(`sha512-${Buffer.from(content, 'hex').toString('base64')}`).toBe(packageNamed('commander').integrity);
  });

  test('it says which file needs which package, down to the last', () => {
    const { dependencies, metadata } = JSON.parse(renderSbom(contents)) as { dependencies: { ref: string; dependsOn?: string[] }[]; metadata: any };
    const reached = new Set<string>();
    const visit = (ref: string): void => {
      if (!reached.has(ref)) {
        reached.add(ref);
        dependencies.find((entry) => entry.ref === ref)?.dependsOn?.forEach(visit);
      }
    };
    visit(metadata.component['bom-ref']);
    expect(contents.packages.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([]);
  });

  test('the same sources give the same bytes: no time, no serial number', async () => {
    expect(renderSbom(await readContents())).toBe(renderSbom(contents));
    expect(renderSbom(contents)).not.toMatch(/timestamp|serialNumber/);
  });
});

describe('SHA256SUMS', () => {
  test('sha256sum accepts the shipped files and refuses a changed one', () => {
    const directory = mkdtempSync(join(tmpdir(), 'drydock-sums-'));
    try {
      for (const { file, bytes } of contents.bundles) {
        mkdirSync(dirname(join(directory, file)), { recursive: true });
        writeFileSync(join(directory, file), bytes);
      }
      writeFileSync(join(directory, 'assets', 'SHA256SUMS'), renderChecksums(contents.bundles));
      const check = () => execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: join(directory, 'assets'), encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      expect(check().trim().split('\n')).toHaveLength(contents.bundles.length);
      writeFileSync(join(directory, 'assets', 'handler', 'index.js'), 'exports.handler = () => undefined;');
      expect(check).toThrow('Command failed');
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  test('each line is the SHA-256 of one bundle', () => {
    const [first] = contents.bundles;
    expect(renderChecksums([first])).toBe(`${createHash('sha256').update(first.bytes).digest('hex')}  ${first.file.replace('assets/', '')}\n`);
  });
});
