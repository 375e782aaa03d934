import { invalidParameter } from './ecr-error';
import { matchesPattern } from '../lifecycle/match';
import { ExclusionFilter, RepositoryRecord, TagMutability } from './registry/records';

type MutabilitySettings = Pick<RepositoryRecord, 'imageTagMutability' | 'imageTagMutabilityExclusionFilters'>;

/** The settings as they are stored. Filters belong to the two modes with exclusions, and these need some. */
export function readMutability(mode: TagMutability, filters: readonly ExclusionFilter[] | undefined): MutabilitySettings {
  const excludes = mode === 'IMMUTABLE_WITH_EXCLUSION' || mode === 'MUTABLE_WITH_EXCLUSION';
  if (excludes && !filters) {
    throw invalidParameter('imageTagMutabilityExclusionFilters',
      `ImageTagMutabilityExclusionFilters can't be null when imageTagMutability is set as ${mode}`);
  }
  if (!excludes && filters) {
    throw invalidParameter('imageTagMutabilityExclusionFilters',
      `ImageTagMutabilityExclusionFilters can't be used when imageTagMutability is set as ${mode}`);
  }
  return { imageTagMutability: mode, ...(filters && { imageTagMutabilityExclusionFilters: filters }) };
}

/** Whether a tag that is in use may not move to another image. */
export function isFrozen({ imageTagMutability, imageTagMutabilityExclusionFilters = [] }: MutabilitySettings, imageTag: string): boolean {
  switch (imageTagMutability) {
    case 'MUTABLE':
      return false;
    case 'IMMUTABLE':
      return true;
    default: {
      const excluded = imageTagMutabilityExclusionFilters.some(({ filter }) => matchesPattern(filter, imageTag));
      return imageTagMutability === 'MUTABLE_WITH_EXCLUSION' ? excluded : !excluded;
    }
  }
}
