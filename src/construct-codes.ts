/** Every code that a construct throws or warns with by itself; docs/errors.md has one entry for each. */
export const REPOSITORY_CODES = {
  'DD-REPOSITORY-001': 'repositoryName is not a legal ECR repository name',
  'DD-REPOSITORY-002': 'Tag mutability and its exclusion filters do not fit together',
  'DD-REPOSITORY-003': 'encryptionKey without KMS encryption',
  'DD-REPOSITORY-004': 'emptyOnDelete without RemovalPolicy.DESTROY',
  'DD-REPOSITORY-005': 'The removal policy is not one of RETAIN, RETAIN_ON_UPDATE_OR_DELETE and DESTROY',
  'DD-REPOSITORY-006': 'The repository is in another region than the stack',
  'DD-REPOSITORY-007': 'The repository reference is incomplete or not a repository ARN',
  'DD-REPOSITORY-008': 'The repository already has a lifecycle policy in this app',
  'DD-REPOSITORY-009': 'The repository policy of the native repository cannot be merged with',
  'DD-REPOSITORY-010': 'A tag of the repository uses a reserved key',
  'DD-REPOSITORY-011': 'PreviewGate.protect came too early or too late for a repository',
  'DD-REPOSITORY-012': 'allowLockOut on a repository that CloudFormation manages',
  'DD-REPOSITORY-013': 'Two constructs make the same repository',
  'DD-REPOSITORY-014': 'The tags do not fit on a repository',
} as const;

export const RULE_CODES = {
  'DD-LIFECYCLE-201': 'A rule needs exactly one limit',
  'DD-LIFECYCLE-202': 'A limit of the rule is not a whole number of days from 1 on',
  'DD-LIFECYCLE-203': 'The policy has no rules',
  'DD-LIFECYCLE-204': 'A rule that protects has an action',
} as const;
