import { Environment, environmentKey, environmentText } from './deployed';
import { concernsAll } from './plan-preview';
import { environmentOf, RegistrySource } from './registry-source';
import { isDrydockError, Problem } from '../errors';
import { bytesOf } from '../lifecycle/own-bytes';
import { RepositoryState } from '../lifecycle/registry-state';

/** The registries that an app is about: one for each account and Region. Undefined: nothing is known of that one. */
export type Registries = (environment: Environment) => Pick<RegistrySource, 'state' | 'complete'> | undefined;

/** What is known of one repository. */
export interface Known {
  /** Undefined: there is none, or nothing is known. */
  readonly state?: RepositoryState;
  /** Whether the registry was looked at, and would have shown a repository of that name. */
  readonly isRead: boolean;
  readonly imageCount?: number;
  readonly imageSizeInBytes?: number;
  /** Why it could not be read. */
  readonly problem?: Problem;
}

/** Throws what concerns every repository: nothing answers, or nobody is let in. */
export async function lookUp(registries: Registries, environment: Environment, repositoryName: string | undefined): Promise<Known> {
  const registry = repositoryName === undefined ? undefined : registries(environment);
  if (registry === undefined) {
    return { isRead: false };
  }
  let state: RepositoryState | undefined;
  try {
    state = await registry.state.repository(repositoryName as string);
  } catch (error) {
    if (!isDrydockError(error) || concernsAll(error)) {
      throw error;
    }
    return { isRead: false, problem: error.problems[0] };
  }
  if (state === undefined) {
    return registry.complete ? { isRead: true, imageCount: 0, imageSizeInBytes: 0 } : { isRead: false };
  }
  const found = environmentOf(state);
  if ((['account', 'region'] as const).some((part) => environment[part] !== undefined && found[part] !== undefined && environment[part] !== found[part])) {
    return {
      isRead: false,
      problem: {
        code: 'DD-REVIEW-007', pointer: repositoryName as string, message: `${repositoryName} was found in ${environmentText(found)}; what changes it is for ${environmentText(environment)}.`,
        fix: 'Review with credentials and Region of the stack, or with a snapshot of that registry.',
      },
    };
  }
  // What is read in part may hold more.
  const images = (state.problems ?? []).some(({ pointer }) => /(?:imageDetails|inventory)$/.test(pointer)) ? undefined : state.inventory?.imageDetails;
  return {
    state,
    isRead: true,
    ...(images && {
      imageCount: images.length,
      imageSizeInBytes: bytesOf(images),
    }),
  };
}

/** `7 images`, `no images`, or that nobody knows. */
export function imagesText({ imageCount }: Pick<Known, 'imageCount'>): string {
  return imageCount === undefined ? 'an unknown number of images' : imageCount === 0 ? 'no images' : imageCount === 1 ? '1 image' : `${imageCount} images`;
}

/** Every repository is read once, however often it is asked for. */
export function rememberingRegistries(source: (environment: Environment) => RegistrySource): (environment: Environment) => RegistrySource {
  const sources = new Map<string, RegistrySource>();
  return (environment) => {
    const key = environmentKey(environment);
    const known = sources.get(key) ?? remembering(source(environment));
    sources.set(key, known);
    return known;
  };
}

function remembering({ state, complete, now, previewPolicy }: RegistrySource): RegistrySource {
  const found = new Map<string, Promise<RepositoryState | undefined>>();
  return {
    complete,
    now,
    ...(previewPolicy && { previewPolicy }),
    state: {
      names: () => state.names(),
      repository: (name) => {
        const answer = found.get(name) ?? state.repository(name);
        found.set(name, answer);
        return answer;
      },
    },
  };
}
