/** Every code of `Retention`; docs/errors.md has one entry for each. */
export const RETENTION_CODES = {
  'DD-RETENTION-001': 'A repository has no lifecycle policy',
  'DD-RETENTION-002': 'Retention.applyTo came too early or too late for a repository',
} as const;

export type RetentionCode = keyof typeof RETENTION_CODES;
