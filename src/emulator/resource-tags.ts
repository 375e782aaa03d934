import { EcrError, invalidParameter, repositoryNotFound } from './ecr-error';
import { ResourceTag } from './registry/records';
import { partitionOf, RegistryIdentity } from './registry/registry';

/** Letters, digits, spaces and the signs that AWS allows in tags. */
const LEGAL = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

const invalidTag = (message: string) => new EcrError('InvalidTagParameterException', `Invalid parameter at 'tags' failed to satisfy constraint: '${message}'`);

/** Earlier tags with further ones put over them. @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-using-tags.html */
export function mergeTags(earlier: readonly ResourceTag[], further: readonly ResourceTag[], limit: number): readonly ResourceTag[] {
  const seen = new Set<string>();
  for (const { Key, Value } of further) {
    checkKey(Key);
    if (Value.length > 256 || !LEGAL.test(Value)) {
      throw invalidTag(`The value of the tag ${Key} must have at most 256 letters, numbers, spaces and _.:/=+-@`);
    }
    if (seen.has(Key)) {
      throw invalidTag(`The key ${Key} is given more than once`);
    }
    seen.add(Key);
  }
  const tags = new Map(earlier.map(({ Key, Value }) => [Key, Value]));
  further.forEach(({ Key, Value }) => tags.set(Key, Value));
  if (tags.size > limit) {
    throw new EcrError('TooManyTagsException', `The repository would have ${tags.size} tags; it can have at most ${limit}`);
  }
  return [...tags].map(([Key, Value]) => ({ Key, Value }));
}

export function withoutTags(tags: readonly ResourceTag[], keys: readonly string[]): readonly ResourceTag[] {
  keys.forEach(checkKey);
  return tags.filter(({ Key }) => !keys.includes(Key));
}

function checkKey(key: string): void {
  if (key.length < 1 || key.length > 128 || !LEGAL.test(key)) {
    throw invalidTag('A tag key must have 1 to 128 letters, numbers, spaces and _.:/=+-@');
  }
  if (/^aws:/i.test(key)) {
    throw invalidTag('Tag keys that begin with aws: are reserved');
  }
}

/** Name of the repository that an ARN stands for. */
export function repositoryNameOfArn({ accountId, region }: RegistryIdentity, resourceArn: string): string {
  const parts = /^arn:([a-z-]+):ecr:([a-z0-9-]+):([0-9]{12}):repository\/(.+)$/.exec(resourceArn);
  if (!parts || parts[1] !== partitionOf(region) || parts[2] !== region) {
    throw invalidParameter('resourceArn', 'Invalid ARN');
  }
  const [, , , registryId, repositoryName] = parts;
  if (registryId !== accountId) {
    throw repositoryNotFound({ registryId, repositoryName });
  }
  return repositoryName;
}
