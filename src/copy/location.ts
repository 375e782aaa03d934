import { copyError } from '../images/codes';
import { checkDigest } from '../images/digest';
import { parseEcrHost } from '../images/ecr-uri';
import { checkTag, ImageReference, parseReference, selectorOf, splitName } from '../images/reference';
import { isRepositoryName } from '../resources';

/** Where an image is, as a command line names it. */
export type ImageLocation =
  | { readonly kind: 'registry'; readonly reference: ImageReference }
  /** `reference` is a tag or a digest. */
  | { readonly kind: 'ecr'; readonly registryId?: string; readonly region?: string; readonly repositoryName: string; readonly reference: string }
  | { readonly kind: 'layout'; readonly path: string; readonly reference?: string }
  | { readonly kind: 'archive'; readonly path: string; readonly reference?: string };

/** A repository of ECR, and the tag that an image gets there. */
export interface CopyDestination {
  readonly registryId?: string;
  readonly region?: string;
  readonly repositoryName: string;
  readonly tag?: string;
}

/**
 * `alpine:3.20`, `ghcr.io/owner/image@sha256:...`, `123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/api:1.2`, `ecr:shop/api:1.2`, `oci:DIRECTORY[:TAG]`,
 * `docker-archive:FILE[:NAME:TAG]`.
 */
export function parseLocation(text: string): ImageLocation {
  if (text.startsWith('oci:') || text.startsWith('oci-archive:')) {
    return { kind: 'layout', ...splitPath(text, text.slice(text.indexOf(':') + 1)) };
  }
  if (text.startsWith('docker-archive:')) {
    return { kind: 'archive', ...splitPath(text, text.slice('docker-archive:'.length)) };
  }
  if (text.startsWith('ecr:')) {
    const { name, tag, digest } = splitName(text.slice('ecr:'.length));
    return { kind: 'ecr', repositoryName: checkName(name, 'source', text), reference: selectorOf(checked({ tag, digest }, 'source')) };
  }
  const reference = parseReference(text);
  const ecr = parseEcrHost(reference.registry);
  return ecr === undefined ? { kind: 'registry', reference } : { kind: 'ecr', ...ecr, repositoryName: reference.repository, reference: selectorOf(reference) };
}

/** `shop/api`, `shop/api:1.2`, `ecr:shop/api:1.2`, `123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/api:1.2`. */
export function parseDestination(text: string): CopyDestination {
  const bare = text.replace(/^(?:ecr:|docker:\/\/)/, '');
  const { name, tag, digest } = splitName(bare);
  if (digest !== undefined) {
    throw copyError('DD-COPY-001', 'destination', `${JSON.stringify(text)} names a digest. What is copied has the digest that its bytes have.`, 'Give a tag, or none.', { value: text });
  }
  checked({ tag }, 'destination');
  const slash = name.indexOf('/');
  const host = slash < 0 ? undefined : parseEcrHost(name.slice(0, slash));
  // Names of repositories may have dots; those that look like another registry are meant so more often.
  if (host === undefined && slash > 0 && !text.startsWith('ecr:') && (/:/.test(name.slice(0, slash)) || /\.[a-z]{2,}$/.test(name.slice(0, slash)))) {
    throw copyError('DD-COPY-001', 'destination', `${JSON.stringify(name.slice(0, slash))} is not a registry of Amazon ECR.`,
      `Give the name of a repository (shop/api:1.2, or ecr:${name} if it is one), or its URI (123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/api:1.2).`, { value: text });
  }
  const repositoryName = checkName(host === undefined ? name : name.slice(slash + 1), 'destination', text);
  return { ...host, repositoryName, ...(tag === undefined ? {} : { tag }) };
}

function checkName(name: string, pointer: string, text: string): string {
  if (!isRepositoryName(name)) {
    throw copyError('DD-COPY-001', pointer, `${JSON.stringify(name)} is not the name of a repository of ECR.`,
      'Use 2 to 256 lower-case letters, digits and single separators (. _ - /), for example shop/api.', { value: text });
  }
  return name;
}

function checked<T extends { readonly tag?: string; readonly digest?: string }>(reference: T, pointer: string): T {
  if (reference.tag !== undefined) {
    checkTag(reference.tag, pointer);
  }
  if (reference.digest !== undefined) {
    checkDigest(reference.digest, pointer);
  }
  return reference;
}

/** A path up to its first colon or the @ of a digest; the colon of a drive (`C:\`) belongs to the path. */
function splitPath(text: string, rest: string): { path: string; reference?: string } {
  const digest = /@(sha256:[0-9a-f]{64})$/.exec(rest);
  if (digest) {
    return { path: rest.slice(0, digest.index), reference: digest[1] };
  }
  const colon = rest.indexOf(':', /^[A-Za-z]:[\\/]/.test(rest) ? 2 : 0);
  const path = colon < 0 ? rest : rest.slice(0, colon);
  if (path === '') {
    throw copyError('DD-COPY-001', 'source', `${JSON.stringify(text)} names no file.`, 'Write oci:DIRECTORY[:TAG] or docker-archive:FILE[:NAME:TAG].', { value: text });
  }
  const reference = colon < 0 ? undefined : rest.slice(colon + 1);
  return { path, ...(reference ? { reference } : {}) };
}
