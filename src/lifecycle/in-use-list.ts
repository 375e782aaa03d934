import { DrydockError, Problem } from '../errors';
import { InUseCode } from './codes';
import type { InUseReference } from './in-use';
import { isObject, kindOf, show } from './validate-support';
import { isDigest } from '../images/digest';
import { parseReference } from '../images/reference';

/**
 * References from a file or from standard input: one a line (what follows a tab says who runs it), or several with spaces between them; a JSON list
 * of texts or of `{reference, by}`; or what `kubectl get pods -o json` prints. Throws one DrydockError with every problem.
 */
export function readInUseList(text: string, name: string): InUseReference[] {
  const problems: Problem[] = [];
  const found = /^\s*[[{]/.test(text) ? fromJson(text, name, problems) : fromLines(text, name, problems);
  if (problems.length > 0) {
    throw new DrydockError(problems.slice(0, MOST), { heading: 'The list of images in use cannot be used:' });
  }
  const different = new Map(found.map((one) => [`${one.reference}\n${one.by}`, one]));
  return [...different.values()];
}

const MOST = 20;
const FIX = 'Give one image a line, as `kubectl get pods -o jsonpath` prints them, or a JSON list of references.';

function fromLines(text: string, name: string, problems: Problem[]): InUseReference[] {
  return text.replace(/^\ufeff/, '').split(/\r?\n/).flatMap((line, index) => {
    if (/^\s*(#|$)/.test(line)) {
      return [];
    }
    const [images, by = ''] = line.split('\t');
    return images.split(/\s+/).filter((image) => image !== '').flatMap((image) => checked(image, by.trim() || name, `line ${index + 1}`, problems));
  });
}

function fromJson(text: string, name: string, problems: Problem[]): InUseReference[] {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    problems.push(problem('DD-INUSE-002', name, `${name} looks like JSON and is none: ${(error as Error).message}.`));
    return [];
  }
  if (Array.isArray(json)) {
    return json.flatMap((entry, index) => fromEntry(entry, name, `/${index}`, problems));
  }
  const items = isObject(json) ? json.items ?? (json.kind === 'Pod' ? [json] : undefined) : undefined;
  if (!Array.isArray(items)) {
    problems.push(problem('DD-INUSE-002', name, `${name} is ${kindOf(json)} without a list of pods.`));
    return [];
  }
  return items.flatMap((pod, index) => fromPod(pod, `/items/${index}`, problems));
}

function fromEntry(entry: unknown, name: string, pointer: string, problems: Problem[]): InUseReference[] {
  if (typeof entry === 'string') {
    return checked(entry, name, pointer, problems);
  }
  if (isObject(entry) && typeof entry.reference === 'string' && (entry.by === undefined || typeof entry.by === 'string')) {
    return checked(entry.reference, entry.by ?? name, pointer, problems);
  }
  problems.push(problem('DD-INUSE-001', pointer, `Entry ${show(entry)} is neither a text nor {"reference": "...", "by": "..."}.`, entry));
  return [];
}

/** What is asked for, and what was pulled for it. */
function fromPod(pod: unknown, pointer: string, problems: Problem[]): InUseReference[] {
  const { metadata, spec, status } = isObject(pod) ? pod : {} as Record<string, unknown>;
  if (!isObject(spec) || !Array.isArray(spec.containers)) {
    problems.push(problem('DD-INUSE-002', pointer, `Entry ${pointer} is no pod: it has no spec.containers.`));
    return [];
  }
  const { namespace, name } = isObject(metadata) ? metadata : {} as Record<string, unknown>;
  const by = `pod ${[namespace, name].filter((part) => typeof part === 'string').join('/') || pointer}`;
  const list = (owner: unknown, ...members: string[]) => members.flatMap((member) => isObject(owner) && Array.isArray(owner[member]) ? owner[member] as unknown[] : []);
  const images = [
    ...list(spec, 'containers', 'initContainers', 'ephemeralContainers').map((container) => isObject(container) ? container.image : undefined),
    ...list(status, 'containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses').map((container) => isObject(container) ? container.imageID : undefined),
  ];
  return images.filter((image): image is string => typeof image === 'string' && image !== '').flatMap((image) => checked(image, by, pointer, problems));
}

function checked(reference: string, by: string, pointer: string, problems: Problem[]): InUseReference[] {
  const bare = reference.replace(/^docker-pullable:\/\//, '');
  const isWhole: boolean = isDigest(bare);
  if (isWhole) {
    return [{ reference: bare, by }];
  }
  try {
    // A digest that was cut off would be read as a repository with that name.
    if (!bare.startsWith('sha256:')) {
      parseReference(bare);
      return [{ reference: bare, by }];
    }
    problems.push(problem('DD-INUSE-001', pointer, `${show(reference)} is no whole digest.`, reference));
    return [];
  } catch {
    problems.push(problem('DD-INUSE-001', pointer, `${show(reference)} is no reference to an image.`, reference));
    return [];
  }
}

function problem(code: InUseCode, pointer: string, message: string, value?: unknown): Problem {
  return { code, pointer, message, fix: FIX, ...(value === undefined ? {} : { value }) };
}
