/** `npm run package:all`: a package for every language, their sizes, and what must not be in them. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chosenLanguages, LANGUAGES, TARGETS, toolsOf } from './languages/language';
import { build, Built, compile, npmTarball } from './languages/packages';
import { Scratch } from './languages/scratch';
import { readTarball, tarballProblems } from './supply/tarball';

const root = join(__dirname, '..');
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`;

async function main(): Promise<boolean> {
  const chosen = chosenLanguages(parseArgs({ options: { only: { type: 'string' } } }).values.only);
  const scratch = new Scratch();
  const skipped: string[] = [];
  const built: Built[] = [];
  try {
    console.log('compile, and translate the examples of docstrings and README');
    const workshop = compile(root, scratch);
    for (const language of LANGUAGES.filter((one) => chosen.includes(one))) {
      const { missing, found } = toolsOf(language);
      // .NET has a way without its tools.
      if (missing !== undefined && language !== 'csharp') {
        skipped.push(`${language}: ${missing} is not installed`);
        continue;
      }
      console.log(`${language} (${found ?? `${missing} is not installed`})`);
      built.push(build(language, workshop));
    }
  } finally {
    scratch.remove();
  }
  console.log('\nlanguage    seconds  package');
  built.forEach(show);
  skipped.forEach((line) => console.log(`SKIPPED     ${line}`));
  return chosen.includes('typescript') ? checkTarball() : true;
}

function show({ language, files, seconds, notes }: Built): void {
  const label = `${language.padEnd(10)}  ${seconds.toFixed(1).padStart(7)}`;
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const lines = files.length > 5 ? [`${megabytes(total)}  dist/${TARGETS[language]}, ${files.length} files`] : files.map(({ path, bytes }) => `${megabytes(bytes)}  ${path}`);
  [...lines, ...notes.map((note) => `NOTE: ${note}`)].forEach((line, index) => console.log(`${index === 0 ? label : ' '.repeat(label.length)}  ${line}`));
}

async function checkTarball(): Promise<boolean> {
  const files = await readTarball(npmTarball(root));
  const problems = tarballProblems(files);
  console.log(problems.length === 0
    ? `\nThe npm tarball: ${files.length} files, ${megabytes(files.reduce((sum, { bytes }) => sum + bytes.length, 0))} unpacked; no test, no source map, no path of this machine, nothing that runs at installation.`
    : `\nThe npm tarball is not fit to be published:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  return problems.length === 0;
}

void main().then((ok) => {
  process.exitCode = ok ? 0 : 1;
}, (error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
