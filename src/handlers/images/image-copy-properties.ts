import { ImagePropertyReader } from './image-properties';
import { RepositoryAddress } from '../../ecr/registry';
import { isDrydockError } from '../../errors';
import { ImageSourceProperty, isImageTag } from '../../image-resources';
import { isDigest } from '../../images/digest';
import { parsePlatform, Platform } from '../../images/platform';
import { isRepositoryName } from '../../resources';
import { Run } from '../run';

export interface CopyWanted {
  readonly address: RepositoryAddress;
  readonly repositoryUri: string;
  readonly tags: readonly string[];
  readonly source: ImageSourceProperty;
  readonly platforms?: readonly Platform[];
  readonly referrers: boolean;
  readonly removal: 'retain' | 'destroy';
  readonly timeoutSeconds: number;
  readonly stateMachineArn?: string;
}

const DEFAULT_TIMEOUT_SECONDS = 900;

export function readCopy(run: Run): CopyWanted {
  const reader = new ImagePropertyReader(run);
  const address = reader.repository();
  const tags = texts(reader, 'ImageTags');
  if (tags.length === 0 || !tags.every(isImageTag)) {
    reader.wrong('ImageTags', reader.raw('ImageTags'), 'must be a list of tags, and not empty');
  }
  const platforms = reader.raw('Platforms') === undefined ? [] : texts(reader, 'Platforms').flatMap((text) => platformOf(reader, text));
  const timeout = reader.raw('TimeoutSeconds');
  const timeoutSeconds = typeof timeout === 'number' ? timeout : Number(reader.text('TimeoutSeconds') ?? DEFAULT_TIMEOUT_SECONDS);
  if (!(timeoutSeconds > 0 && timeoutSeconds <= 3_600)) {
    reader.wrong('TimeoutSeconds', reader.raw('TimeoutSeconds'), 'must be a number of seconds up to 3600');
  }
  const wanted = {
    address, tags, timeoutSeconds,
    repositoryUri: reader.repositoryUri(address),
    source: sourceOf(reader),
    ...(platforms.length === 0 ? {} : { platforms }),
    referrers: reader.flag('Referrers', true),
    removal: reader.choice('RemovalPolicy', ['retain', 'destroy'], 'retain'),
    stateMachineArn: reader.text('StateMachineArn'),
  };
  reader.check('The image cannot be copied:');
  return wanted;
}

function sourceOf(reader: ImagePropertyReader): ImageSourceProperty {
  const source = (reader.object('Source') ?? {}) as Partial<Record<string, string>>;
  const text = (name: string, isGood: (value: string) => boolean, must: string) => {
    const value = source[name];
    if (typeof value !== 'string' || !isGood(value)) {
      reader.wrong(`Source/${name}`, value, must);
    }
  };
  const isText = (value: string) => value !== '';
  switch (source.Type) {
    case 'ecr':
      text('RepositoryName', isRepositoryName, 'must be the name of a repository');
      if (source.ImageDigest === undefined) {
        text('ImageTag', isImageTag, 'must be a tag, unless ImageDigest is given');
      } else {
        text('ImageDigest', isDigest, 'must be sha256: and 64 lower-case hexadecimal digits');
      }
      break;
    case 'registry':
      text('Reference', isText, 'must be a reference with the host of the registry');
      trustedHosts(reader, source as Readonly<Record<string, unknown>>);
      break;
    case 'oci-layout': case 'docker-archive':
      text('Bucket', isText, 'must be the name of a bucket');
      text('Key', isText, 'must be the key of an object');
      break;
    default:
      reader.wrong('Source/Type', source.Type, 'must be ecr, registry, oci-layout or docker-archive');
  }
  return source as unknown as ImageSourceProperty;
}

function trustedHosts(reader: ImagePropertyReader, { TrustedHosts: value }: Readonly<Record<string, unknown>>): void {
  if (value !== undefined && !(Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== ''))) {
    reader.wrong('Source/TrustedHosts', value, 'must be a list of host names');
  }
}

function texts(reader: ImagePropertyReader, name: string): readonly string[] {
  const value = reader.raw(name);
  const list = Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string' && one !== '') : [];
  if (!Array.isArray(value) || list.length !== value.length) {
    reader.wrong(name, value, 'must be a list of texts');
    return [];
  }
  return [...new Set(list)];
}

function platformOf(reader: ImagePropertyReader, text: string): Platform[] {
  try {
    return [parsePlatform(text)];
  } catch (error) {
    reader.add('Platforms', isDrydockError(error) ? error.problems.map((problem) => ({ ...problem, pointer: `/${text}` })) : []);
    return [];
  }
}
