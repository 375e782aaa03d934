/** Every code of the access core; docs/errors.md has one entry for each. 001 to 029 are problems, 1xx are warnings. */
export const ACCESS_CODES = {
  'DD-ACCESS-001': 'The repository policy is not a JSON policy document',
  'DD-ACCESS-002': 'A statement needs Effect Allow or Deny',
  'DD-ACCESS-003': 'A statement needs a principal',
  'DD-ACCESS-004': 'A statement needs an action',
  'DD-ACCESS-005': 'A repository policy has no Resource',
  'DD-ACCESS-006': 'An action is not an ECR action',
  'DD-ACCESS-007': 'ECR has no such action',
  'DD-ACCESS-008': 'ecr:GetAuthorizationToken cannot be given by a repository policy',
  'DD-ACCESS-009': 'A Sid stands twice',
  'DD-ACCESS-010': 'A Sid has characters other than letters and digits',
  'DD-ACCESS-011': 'A principal is malformed',
  'DD-ACCESS-012': 'The policy is longer than ECR stores',
  'DD-ACCESS-013': 'A statement would lock the owner out of changing the policy',
  'DD-ACCESS-014': 'A statement has an unknown element',
  'DD-ACCESS-015': 'The Sid belongs to a statement of somebody else',
  'DD-ACCESS-016': 'A statement of somebody else names a principal that was deleted',
  'DD-ACCESS-017': 'Both an element and its Not form are given',
  'DD-ACCESS-020': 'The repository policy has no statements',
  'DD-ACCESS-101': 'Everybody is allowed',
  'DD-ACCESS-102': 'A service is allowed without saying for whom',
  'DD-ACCESS-103': 'Allow with NotPrincipal',
  'DD-ACCESS-104': 'The action has no effect in a repository policy',
} as const;

export type AccessCode = keyof typeof ACCESS_CODES;
