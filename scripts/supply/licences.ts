import { BundledPackage } from './contents';

/** Permissive licences whose terms THIRD-PARTY-NOTICES meets. One that is not here needs somebody who has read it. */
export const ALLOWED_LICENCES: readonly string[] = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT'];

/** What may not ship, and why. */
export function licenceProblems(packages: readonly BundledPackage[]): string[] {
  return packages.flatMap((bundled) => {
    const what = `${bundled.name}@${bundled.version} (${bundled.path})`;
    const { license } = bundled;
    return [
      ...ALLOWED_LICENCES.includes(license) ? [] : [`${what} has the licence ${license}. Allowed are ${ALLOWED_LICENCES.join(', ')}.`],
      ...licenceText(bundled, packages) === undefined ? [`${what} has no text of its licence (${license}), and no other package has the same.`] : [],
    ];
  });
}

/**
 * The text of a package's licence. Some packages of the AWS SDK come without: the text of Apache-2.0 is the same for everybody. That of other
 * licences names the holder of the copyright, so it cannot be borrowed.
 */
export function licenceText(bundled: BundledPackage, packages: readonly BundledPackage[]): string | undefined {
  const own = ownText(bundled);
  if (own !== undefined || bundled.license !== 'Apache-2.0') {
    return own;
  }
  return packages.filter(({ license }) => license === bundled.license).map(ownText).find((text) => text !== undefined);
}

function ownText({ legalFiles }: BundledPackage): string | undefined {
  const [file] = Object.keys(legalFiles).filter((name) => !/^notice/i.test(name));
  return file === undefined ? undefined : legalFiles[file];
}
