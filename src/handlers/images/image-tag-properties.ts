import { RepositoryAddress } from '../../ecr/registry';
import { Run } from '../run';
import { ImagePropertyReader } from './image-properties';
import { isDigest } from '../../images/digest';

export interface TagWanted {
  readonly address: RepositoryAddress;
  readonly repositoryUri: string;
  readonly imageTag: string;
  /** The image, by tag or by digest. */
  readonly source: { readonly imageTag: string } | { readonly imageDigest: string };
  /** Where the image is, when that is another repository. */
  readonly sourceAddress?: RepositoryAddress;
  readonly expected?: 'none' | string;
  readonly removal: 'retain' | 'destroy';
  readonly deleteLastTag: boolean;
}

export function readTag(run: Run): TagWanted {
  const reader = new ImagePropertyReader(run);
  const address = reader.repository();
  const imageTag = reader.required('ImageTag', reader.imageTag('ImageTag'), 'Give the tag that is put.') ?? '';
  const sourceTag = reader.imageTag('SourceImageTag');
  const sourceDigest = reader.imageDigest('SourceImageDigest');
  if (reader.problems.every(({ pointer }) => !pointer.startsWith('SourceImage'))) {
    if (sourceTag === undefined && sourceDigest === undefined) {
      reader.missing('SourceImageTag', 'Give the image that gets the tag, by SourceImageTag or SourceImageDigest.');
    } else if (sourceTag !== undefined && sourceDigest !== undefined) {
      reader.wrong('SourceImageTag', sourceTag, 'must be absent when SourceImageDigest is given');
    }
  }
  const expected = reader.text('ExpectedDigest');
  if (expected !== undefined && expected !== 'none' && !isDigest(expected)) {
    reader.wrong('ExpectedDigest', expected, 'must be a digest, or none');
  }
  const wanted = {
    address, imageTag, expected,
    repositoryUri: reader.repositoryUri(address),
    source: sourceDigest === undefined ? { imageTag: sourceTag ?? '' } : { imageDigest: sourceDigest },
    sourceAddress: sourceAddress(run, reader, address),
    removal: reader.choice('RemovalPolicy', ['retain', 'destroy'], 'retain'),
    deleteLastTag: reader.flag('DeleteLastTag', false),
  };
  reader.check('The tag cannot be put:');
  return wanted;
}

/** Undefined when it is the repository of the tag itself, however it is written. */
function sourceAddress(run: Run, reader: ImagePropertyReader, target: RepositoryAddress): RepositoryAddress | undefined {
  const source = reader.otherAddress(run.home, 'Source');
  return source === undefined || (source.repositoryName === target.repositoryName && source.registryId === target.registryId) ? undefined : source;
}
