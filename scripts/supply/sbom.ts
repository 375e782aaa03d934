import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import { PackageURL } from 'packageurl-js';
import { BundledPackage, Contents, ROOT } from './contents';

export const SBOM_SPEC = Spec.Version.v1dot6;

/**
 * The bill of materials of the package in CycloneDX: what ships, not what is installed to build it. It has no serial number and no time, so that the same
 * sources give the same bytes.
 */
export function renderSbom(contents: Contents): string {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { name: string; version: string; description: string; license: string };
  const components = new Map(contents.packages.map((bundled) => [bundled.path, componentOf(bundled)]));
  const refs = (paths: readonly string[]) => new Models.BomRefRepository(paths.map((path) => components.get(path)!.bomRef));
  for (const { path, imports } of contents.packages) {
    components.get(path)!.dependencies = refs(imports);
  }
  const files = contents.bundles.map(({ file, bytes, imports }) => new Models.Component(Enums.ComponentType.File, file, {
    bomRef: file,
    hashes: new Models.HashDictionary([[Enums.HashAlgorithm['SHA-256'], createHash('sha256').update(bytes).digest('hex')]]),
    dependencies: refs(imports),
  }));
  const root = new Models.Component(Enums.ComponentType.Library, manifest.name, {
    bomRef: purlOf(manifest),
    version: manifest.version,
    description: manifest.description,
    purl: purlOf(manifest),
    licenses: new Models.LicenseRepository([new Models.SpdxLicense(manifest.license)]),
    components: new Models.ComponentRepository(files),
    dependencies: new Models.BomRefRepository(files.map(({ bomRef }) => bomRef)),
  });
  const bom = new Models.Bom({
    metadata: new Models.Metadata({ component: root, lifecycles: new Models.LifecycleRepository([Enums.LifecyclePhase.Build]) }),
    components: new Models.ComponentRepository(components.values()),
  });
  return `${new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.SpecVersionDict[SBOM_SPEC]!)).serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function componentOf({ name, version, license, homepage, path, integrity }: BundledPackage): Models.Component {
  const [group, short] = name.startsWith('@') ? name.split('/') : [undefined, name];
  const hash = /^sha512-(.+)$/.exec(integrity);
  return new Models.Component(Enums.ComponentType.Library, short, {
    bomRef: path,
    group,
    version,
    purl: purlOf({ name, version }),
    licenses: new Models.LicenseRepository([new Models.SpdxLicense(license)]),
    // The hash is that of the package as the registry serves it, which is what others look it up by.
    externalReferences: new Models.ExternalReferenceRepository([
      ...homepage === undefined ? [] : [new Models.ExternalReference(homepage, Enums.ExternalReferenceType.Website)],
      ...hash === null ? [] : [new Models.ExternalReference(purlOf({ name, version }), Enums.ExternalReferenceType.Distribution, {
        hashes: new Models.HashDictionary([[Enums.HashAlgorithm['SHA-512'], Buffer.from(hash[1], 'base64').toString('hex')]]),
      })],
    ]),
  });
}

function purlOf({ name, version }: { readonly name: string; readonly version: string }): string {
  const [group, short] = name.startsWith('@') ? name.split('/') : [undefined, name];
  return new PackageURL('npm', group, short, version, undefined, undefined).toString();
}
