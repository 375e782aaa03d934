import { aws_ecr as ecr, RemovalPolicy, Token } from 'aws-cdk-lib';
import { Problem } from './errors';
import type { RepositoryProps } from './repository';
import { checkRepositoryName } from './repository-name';
import { OWNER_TAG } from './resources';

/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Tag.html */
const TAG_KEY_MAX = 128;
const TAG_VALUE_MAX = 256;
const TAGS_MAX = 50;

function isLonger(text: string, max: number): boolean {
  return !Token.isUnresolved(text) && text.length > max;
}

/** What is wrong with the properties of a repository, names and removal included. */
export function checkProps(props: RepositoryProps): Problem[] {
  const problems = props.repositoryName === undefined ? [] : checkRepositoryName(props.repositoryName);
  const filters = props.imageTagMutabilityExclusionFilters;
  const mutability = props.imageTagMutability ?? ecr.TagMutability.MUTABLE;
  const withExclusion = mutability.endsWith('_WITH_EXCLUSION');
  if (withExclusion && (filters === undefined || filters.length < 1 || filters.length > 5)) {
    problems.push({
      code: 'DD-REPOSITORY-002', pointer: 'imageTagMutabilityExclusionFilters', value: filters?.length ?? 0,
      message: `${mutability} needs 1 to 5 exclusion filters; ${filters?.length ?? 0} are given.`,
      fix: `Give filters, or use ${mutability.replace('_WITH_EXCLUSION', '')}.`,
    });
  }
  if (!withExclusion && filters !== undefined && filters.length > 0) {
    problems.push({
      code: 'DD-REPOSITORY-002', pointer: 'imageTagMutability', value: mutability,
      message: `Exclusion filters do not go with ${mutability}.`,
      fix: `Use ${mutability}_WITH_EXCLUSION.`,
    });
  }
  if (props.encryptionKey !== undefined && props.encryption !== undefined && props.encryption.value === ecr.RepositoryEncryption.AES_256.value) {
    problems.push({
      code: 'DD-REPOSITORY-003', pointer: 'encryptionKey', value: props.encryption.value,
      message: 'AES256 encryption takes no key.',
      fix: 'Leave encryption out, use RepositoryEncryption.KMS, or leave encryptionKey out.',
    });
  }
  if (props.removalPolicy !== undefined) {
    problems.push(...checkRemovalPolicy(props.removalPolicy));
  }
  if (props.emptyOnDelete && props.removalPolicy !== RemovalPolicy.DESTROY) {
    problems.push({
      code: 'DD-REPOSITORY-004', pointer: 'emptyOnDelete', value: true,
      message: 'emptyOnDelete does nothing while the repository is retained.',
      fix: 'Set removalPolicy: RemovalPolicy.DESTROY, or leave emptyOnDelete out.',
    });
  }
  return problems;
}

export function checkRemovalPolicy(policy: RemovalPolicy): Problem[] {
  return [RemovalPolicy.RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, RemovalPolicy.DESTROY].includes(policy) ? [] : [{
    code: 'DD-REPOSITORY-005', pointer: 'removalPolicy', value: policy,
    message: `A repository cannot be removed by ${JSON.stringify(policy)}: ECR has no snapshots.`,
    fix: 'Use RemovalPolicy.RETAIN or RemovalPolicy.DESTROY.',
  }];
}

/** Tags as they are when the template is written. */
export function checkTags(path: string, tagValues: Record<string, string>): Problem[] {
  const prefix = OWNER_TAG.slice(0, OWNER_TAG.indexOf(':') + 1);
  const tags = Object.entries(tagValues);
  const reserved = tags.filter(([key]) => key.startsWith(prefix) || /^aws:/i.test(key)).map(([key]) => ({
    code: 'DD-REPOSITORY-010', pointer: `${path}/Tags/${key}`, message: `The tag key ${JSON.stringify(key)} is reserved.`, value: key, fix: 'Choose another key.',
  }));
  const tooLong = tags.filter(([key, value]) => isLonger(key, TAG_KEY_MAX) || isLonger(value, TAG_VALUE_MAX)).map(([key, value]) => ({
    code: 'DD-REPOSITORY-014', pointer: `${path}/Tags/${key}`, value,
    message: `The tag has a key of ${key.length} and a value of ${value.length} characters; ECR stores ${TAG_KEY_MAX} and ${TAG_VALUE_MAX}.`, fix: 'Shorten it.',
  }));
  // One is kept for the mark of ownership.
  const tooMany = tags.length < TAGS_MAX ? [] : [{
    code: 'DD-REPOSITORY-014', pointer: `${path}/Tags`, value: tags.length,
    message: `The repository has ${tags.length} tags; ECR stores ${TAGS_MAX}, and one of them says whose the repository is.`, fix: 'Leave some out.',
  }];
  return [...reserved, ...tooLong, ...tooMany];
}
