/** Codes of permissions; docs/errors.md has one entry for each. */
export const IAM_CODES = {
  'DD-IAM-001': 'A list of principals cannot be read',
  'DD-IAM-002': 'A permission depends on what cannot be evaluated',
} as const;
