import { CHECKSUMS_FILE, renderChecksums } from '../../scripts/supply/checksums';
import { Entry, tarballProblems } from '../../scripts/supply/tarball';

const inlineMap = (map: object) => `exports.x = 1;\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`;

const FIT: Record<string, string> = {
  'package.json': '{}', 'README.md': '', 'LICENSE': '', 'THIRD-PARTY-NOTICES': '', 'sbom.cdx.json': '{}', '.jsii': '{}', '.jsii.tabl.json': '{}', 'rosetta/default.ts-fixture': '',
  'bin/drydock': '', 'lib/index.d.ts': '', 'lib/index.js': inlineMap({ sources: ['../src/index.ts'] }), 'assets/cli/drydock.js': '',
};

function problems(changes: Record<string, string> = {}, without?: string): string[] {
  const entries: Entry[] = Object.entries({ ...FIT, ...changes }).filter(([file]) => file !== without)
    .map(([file, text]) => ({ file, bytes: Buffer.from(text), modified: '1985-10-26T08:15:00.000Z', owner: '0:0' }));
  const sums = renderChecksums(entries.filter(({ file }) => file.startsWith('assets/')));
  return tarballProblems([...entries, { ...entries[0], file: CHECKSUMS_FILE, bytes: Buffer.from(sums) }], ['/home/ada/drydock']);
}

test('a tarball of our own files is fit', () => {
  expect(problems()).toEqual([]);
});

test.each([
  ['lib/repository.test.js', '', /not one of the files that ship/],
  ['lib/test/support.d.ts', '', /not one of the files that ship/],
  ['assets/page/page.js.map', '', /not one of the files that ship/],
  ['lib/index.ts', '', /not one of the files that ship/],
  ['.demo/careless/manifest.json', '{}', /not one of the files that ship/],
  ['lib/paths.js', 'const a = "/home/ada/drydock/src"', /names the machine/],
  ['lib/mapped.js', inlineMap({ sources: ['../src/a.ts'], sourceRoot: '/home/ada/drydock' }), /names the machine/],
  ['lib/vendored.js', inlineMap({ sources: ['../node_modules/other/index.ts'] }), /a source map of \.\.\/node_modules\/other/],
  ['assets/handler/other.js', '//# sourceMappingURL=other.js.map', /has a source map/],
  ['package.json', JSON.stringify({ scripts: { postinstall: 'node x' } }), /at installation: postinstall/],
  ['package.json', JSON.stringify({ dependencies: { lodash: '4' } }), /has dependencies/],
])('%s makes it unfit (%#)', (file, text, problem) => {
  expect(problems({ [file]: text }).join('\n')).toMatch(problem);
});

test('without the assembly of jsii it is unfit', () => {
  expect(problems({}, '.jsii')).toEqual(['.jsii is missing']);
});
