import { aws_ecr as ecr, Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { Problem } from './errors';
import { isImageTag } from './image-resources';
import { isDigest } from './images/digest';
import { repositoryTarget, RepositoryTarget } from './target';

/** A repository as the resources of images name it. */
export interface ImageTarget extends RepositoryTarget {
  readonly repositoryUri: string;
}

export function imageTarget(scope: IConstruct, repository: ecr.IRepositoryRef): ImageTarget {
  const target = repositoryTarget(scope, repository);
  const { account, region, urlSuffix } = Stack.of(scope);
  return { ...target, repositoryUri: `${target.registryId ?? account}.dkr.ecr.${region}.${urlSuffix}/${target.repositoryName}` };
}

/** The properties that all of them share. */
export function targetProperties({ repositoryName, registryId, repositoryUri }: ImageTarget): Record<string, unknown> {
  return { RepositoryName: repositoryName, RegistryId: registryId, RepositoryUri: repositoryUri };
}

export function checkImageTag(pointer: string, tag: string): Problem[] {
  return Token.isUnresolved(tag) || isImageTag(tag) ? [] : [{
    code: 'DD-IMAGE-001', pointer, value: tag,
    message: `${JSON.stringify(tag)} is no tag of an image: 1 to 128 letters, digits, \`_\`, \`.\` and \`-\`, and neither of the last two first.`,
    fix: tag.startsWith('sha256:') ? 'A digest is no tag: give a tag, or use the property that takes a digest.' : 'Give the tag alone, without repository or colon.',
  }];
}

export function checkImageDigest(pointer: string, digest: string): Problem[] {
  return Token.isUnresolved(digest) || isDigest(digest) ? [] : [{
    code: 'DD-IMAGE-002', pointer, value: digest,
    message: `${JSON.stringify(digest)} is no digest of an image: \`sha256:\` and 64 lower-case hexadecimal digits.`,
    fix: 'Copy the whole digest.',
  }];
}
