import { copyError } from './codes';
import { checkDigest } from './digest';

/** An image in a registry, every part written out. */
export interface ImageReference {
  /** `docker.io`, `ghcr.io`, `localhost:5000`. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

const DOCKER_HUB = 'docker.io';
/** Names of Docker Hub that mean the same. */
const DOCKER_HUB_NAMES: ReadonlySet<string> = new Set([DOCKER_HUB, 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);

const LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const REGISTRY = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])(?::\\d{1,5})?$`);
const PATH_PART = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REPOSITORY = new RegExp(`^${PATH_PART}(?:/${PATH_PART})*$`);
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const MAX_REPOSITORY = 255;
/** A name of DNS and a port. */
const MAX_REGISTRY = 260;

export const isTag = (text: string): boolean => TAG.test(text);

export function checkTag(text: string, pointer: string): string {
  if (!isTag(text)) {
    throw copyError('DD-COPY-001', pointer, `${JSON.stringify(text)} is not a tag.`, 'Use up to 128 letters, digits, dots, hyphens and underscores; the first is neither a dot nor a hyphen.', { value: text });
  }
  return text;
}

/**
 * Reads a reference as Docker does: `alpine` is `docker.io/library/alpine:latest`. A leading `docker://` is taken away.
 * @see https://github.com/distribution/reference/blob/main/normalize.go
 */
export function parseReference(text: string): ImageReference {
  const fail = (what: string, fix = 'Write REGISTRY/REPOSITORY:TAG or REGISTRY/REPOSITORY@sha256:DIGEST, for example ghcr.io/owner/image:1.2.') =>
    copyError('DD-COPY-001', 'reference', `${JSON.stringify(text)} is no reference to an image: ${what}.`, fix, { value: text });
  const bare = text.replace(/^docker:\/\//, '');
  if (/^[a-z][a-z0-9+.-]*:\/\//.test(bare)) {
    throw fail('it is a URL', 'Leave the scheme out; --source-plain-http is for registries without TLS.');
  }
  const { name, tag, digest } = splitName(bare);
  if (digest !== undefined) {
    checkDigest(digest, 'reference');
  }
  if (tag !== undefined && !isTag(tag)) {
    throw fail(`${JSON.stringify(tag)} is not a tag`);
  }
  const { registry, path } = splitRegistry(name);
  if (registry.length > MAX_REGISTRY || !REGISTRY.test(registry) || !URL.canParse(`https://${registry}`)) {
    throw fail(`${JSON.stringify(registry)} is not the name of a registry`);
  }
  const hub = DOCKER_HUB_NAMES.has(registry.toLowerCase());
  const repository = hub && !path.includes('/') ? `library/${path}` : path;
  if (!REPOSITORY.test(repository)) {
    throw fail(/[A-Z]/.test(path) ? `${JSON.stringify(path)} has capital letters` : `${JSON.stringify(path)} is not the name of a repository`);
  }
  if (repository.length > MAX_REPOSITORY) {
    throw fail(`the name of the repository has ${repository.length} characters, more than ${MAX_REPOSITORY}`);
  }
  if (/^[a-f0-9]{64}$/.test(bare)) {
    throw fail('an image id names no registry', 'Name the image as it was pushed, or save it with `docker save` and copy the archive.');
  }
  return {
    registry: hub ? DOCKER_HUB : registry,
    repository,
    ...(tag === undefined && digest === undefined ? { tag: 'latest' } : {}),
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** `REGISTRY/REPOSITORY[:TAG][@DIGEST]`, every part written out. */
export function formatReference({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** Takes tag and digest from the end of a name. A colon in what comes before the last slash is a port. */
export function splitName(text: string): { name: string; tag?: string; digest?: string } {
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const rest = at < 0 ? text : text.slice(0, at);
  const colon = rest.indexOf(':', rest.lastIndexOf('/') + 1);
  return {
    name: colon < 0 ? rest : rest.slice(0, colon),
    ...(colon < 0 ? {} : { tag: rest.slice(colon + 1) }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** The first part is a registry if it looks like a host; else it is part of a name on Docker Hub. */
function splitRegistry(name: string): { registry: string; path: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  return slash > 0 && (/[.:A-Z]/.test(first) || first === 'localhost') ? { registry: first, path: name.slice(slash + 1) } : { registry: DOCKER_HUB, path: name };
}

/** Tag or digest by which an image is asked for; the digest says more. */
export function selectorOf({ tag, digest }: { readonly tag?: string; readonly digest?: string }): string {
  return digest ?? tag ?? 'latest';
}

/** Where the API of a registry is. */
export function apiHostOf(registry: string): string {
  return registry === DOCKER_HUB ? 'registry-1.docker.io' : registry;
}

/** Whether a name of a registry means this very machine. */
export function isLoopbackRegistry(registry: string): boolean {
  const host = registry.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

