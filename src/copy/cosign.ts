import { hexOf } from '../images/digest';

/** @see https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md */
const SUFFIXES = ['sig', 'att', 'sbom'];

/** Tags by which cosign finds what belongs to a manifest. */
export function cosignTags(digest: string): string[] {
  return SUFFIXES.map((suffix) => `sha256-${hexOf(digest)}.${suffix}`);
}
