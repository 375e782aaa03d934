import { Bundle, BundledPackage, Contents } from './contents';
import { licenceText } from './licences';

const RULE = '-'.repeat(100);

/** THIRD-PARTY-NOTICES: who wrote what is in the bundles, where it is, and under which terms; equal texts once. */
export function renderNotices({ bundles, packages }: Contents): string {
  const groups = new Map<string, BundledPackage[]>();
  for (const bundled of packages) {
    const text = normalized(licenceText(bundled, packages) ?? '');
    groups.set(text, [...groups.get(text) ?? [], bundled]);
  }
  return [
    'cdk-drydock ships code of the packages below inside its bundles. It installs none of them.',
    '',
    ...bundles.map(({ file, packages: { length } }) => `${file}: ${length === 0 ? 'our own code only' : `${length} packages`}`),
    '',
    ...[...groups].flatMap(([text, members]) => [
      RULE,
      ...members.map((bundled) => describe(bundled, bundles)),
      '',
      text,
      '',
      ...members.flatMap(noticesOf),
    ]),
  ].join('\n');
}

function describe({ name, version, license, author, path, homepage }: BundledPackage, bundles: readonly Bundle[]): string {
  const files = bundles.filter(({ packages }) => packages.includes(path)).map(({ file }) => file.replace(/^assets\//, ''));
  return `${name} ${version} (${[license, author, homepage].filter((part) => part !== undefined).join(', ')})\n  in ${files.join(', ')}`;
}

/** Apache-2.0 wants NOTICE files passed on. */
function noticesOf({ name, legalFiles }: BundledPackage): string[] {
  return Object.entries(legalFiles).flatMap(([file, text]) => /^notice/i.test(file) ? [`${file} of ${name}:`, '', normalized(text), ''] : []);
}

const normalized = (text: string): string => text.replace(/\r\n/g, '\n').replace(/[ \t]+$/gm, '').trim();
