/** Writes what ships beside the bundles: THIRD-PARTY-NOTICES, the bill of materials and the checksums. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assetFiles, CHECKSUMS_FILE, renderChecksums } from './checksums';
import { readContents, ROOT } from './contents';
import { licenceProblems } from './licences';
import { renderNotices } from './notices';
import { renderSbom } from './sbom';

async function main(): Promise<void> {
  const contents = await readContents();
  const problems = licenceProblems(contents.packages);
  if (problems.length > 0) {
    throw new Error(problems.join('\n'));
  }
  const lying = renderChecksums(assetFiles());
  if (lying !== renderChecksums(contents.bundles)) {
    throw new Error('assets/ holds other files than the sources give: remove it and run npx projen bundle.');
  }
  writeFileSync(join(ROOT, 'THIRD-PARTY-NOTICES'), renderNotices(contents));
  writeFileSync(join(ROOT, 'sbom.cdx.json'), renderSbom(contents));
  writeFileSync(join(ROOT, CHECKSUMS_FILE), lying);
  console.log(`${contents.bundles.length} bundles with code of ${contents.packages.length} packages: THIRD-PARTY-NOTICES, sbom.cdx.json, ${CHECKSUMS_FILE}`);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
