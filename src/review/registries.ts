import { Environment, environmentKey } from './deployed';
import { RegistrySource } from './registry-source';
import { isIndexType } from '../lifecycle/columns';
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
}

export async function lookUp(registries: Registries, environment: Environment, repositoryName: string | undefined): Promise<Known> {
  const registry = repositoryName === undefined ? undefined : registries(environment);
  if (registry === undefined) {
    return { isRead: false };
  }
  const state = await registry.state.repository(repositoryName as string);
  if (state === undefined) {
    return registry.complete ? { isRead: true, imageCount: 0, imageSizeInBytes: 0 } : { isRead: false };
  }
  const images = state.inventory?.imageDetails;
  return {
    state,
    isRead: true,
    ...(images && {
      imageCount: images.length,
      // The size of an index is that of its largest child.
      imageSizeInBytes: images.reduce((sum, image) => sum + (isIndexType(image.imageManifestMediaType) ? 0 : image.imageSizeInBytes ?? 0), 0),
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
