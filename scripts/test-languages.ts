/**
 * `npm run test:languages`: each package, installed into a fresh project of its language, synthesizes the example; the templates must be the same in all.
 * Packages that are not below dist/ are built first; `-- --only python` leaves the others out, `-- --build` builds them anew.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chosenLanguages, Language, TARGETS, toolsOf } from './languages/language';
import { build, compile, Workshop } from './languages/packages';
import { CREATE, CompiledLanguage } from './languages/projects';
import { Scratch } from './languages/scratch';
import { differences, templatesOf } from './languages/templates';
import { retention } from '../examples/typescript/retention/app';

const root = join(__dirname, '..');
const VARIANTS = ['corrected', 'careless'] as const;

interface Row {
  readonly language: Language;
  readonly packageBytes?: number;
  readonly installSeconds?: number;
  readonly synthSeconds?: number;
  readonly verdict: string;
  readonly ok: boolean;
  readonly details: readonly string[];
}

function main(): boolean {
  const { only, build: anew } = parseArgs({ options: { only: { type: 'string' }, build: { type: 'boolean' } } }).values;
  const chosen = chosenLanguages(only);
  const scratch = new Scratch();
  try {
    const expected = Object.fromEntries(VARIANTS.map((variant) => {
      const outdir = scratch.folder('expected', variant);
      retention(variant, outdir).synth();
      return [variant, templatesOf(outdir)];
    }));
    let workshop: Workshop | undefined;
    const provide = (language: Language) => {
      if (anew || !existsSync(join(root, 'dist', TARGETS[language]))) {
        workshop = workshop ?? compile(root, scratch);
        console.log(`${language}: build the package`);
        build(language, workshop);
      }
    };
    const rows = chosen.map((language): Row => {
      const { missing } = toolsOf(language);
      if (missing !== undefined) {
        return { language, ok: true, verdict: `SKIPPED: ${missing} is not installed`, details: [] };
      }
      if (language === 'csharp') {
        return { language, ok: true, verdict: 'SKIPPED: there is no run of the C# example yet', details: [] };
      }
      provide(language);
      return rowOf(language, scratch, expected);
    });
    // A comparison that cannot fail says nothing: the two variants must not be the same.
    const told = differences(expected.corrected, expected.careless);
    print(rows);
    console.log(told.length > 0
      ? `\nThat the comparison can tell: careless and corrected differ in ${told.length} places, such as ${told[0].slice(0, 120)}`
      : '\nThe comparison finds no difference between careless and corrected: it is worth nothing.');
    return told.length > 0 && rows.every(({ ok }) => ok);
  } finally {
    scratch.remove();
  }
}

function rowOf(language: CompiledLanguage, scratch: Scratch, expected: Record<string, Record<string, unknown>>): Row {
  const packageBytes = sizeOf(join(root, 'dist', TARGETS[language]), language);
  try {
    console.log(`${language}: install and run the example`);
    const { installSeconds, notes, synthesize } = CREATE[language](root, scratch);
    const seconds = VARIANTS.map((variant) => synthesize(scratch.folder('out', language, variant), variant));
    const found = VARIANTS.flatMap((variant) => differences(expected[variant], templatesOf(scratch.folder('out', language, variant))).map((line) => `${variant}${line}`));
    return { language, packageBytes, installSeconds, synthSeconds: seconds.at(-1), ok: found.length === 0, verdict: found.length === 0 ? 'yes' : 'NO', details: [...notes, ...found] };
  } catch (error) {
    return { language, packageBytes, ok: false, verdict: 'FAILED', details: (error as Error).message.split('\n') };
  }
}

/** What a user downloads: the wheel, the jar, the tarball, the module. */
function sizeOf(dist: string, language: Language): number {
  const downloaded = { typescript: /\.tgz$/, python: /\.whl$/, java: /\d\.jar$/, go: /./, csharp: /./ }[language];
  return readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && downloaded.test(entry.name))
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function print(rows: readonly Row[]): void {
  const seconds = (value: number | undefined) => (value === undefined ? '' : `${value.toFixed(1)} s`);
  console.log('\nlanguage    package   install    synth   template identical');
  for (const { language, packageBytes, installSeconds, synthSeconds, verdict, details } of rows) {
    const size = packageBytes === undefined ? '' : `${(packageBytes / 1e6).toFixed(2)} MB`;
    console.log(`${language.padEnd(10)}  ${size.padStart(7)}  ${seconds(installSeconds).padStart(8)}  ${seconds(synthSeconds).padStart(7)}   ${verdict}`);
    details.forEach((line) => console.log(`            ${line}`));
  }
}

try {
  process.exitCode = main() ? 0 : 1;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
