/** Codes of the embedded ECR; docs/errors.md has one entry for each. */
export const EMULATOR_CODES = {
  'DD-EMULATOR-001': 'The port cannot be opened',
  'DD-EMULATOR-002': 'An option of the emulator is not usable',
  'DD-EMULATOR-003': 'The data directory is in use by another emulator',
  'DD-EMULATOR-004': 'The data directory is damaged',
  'DD-EMULATOR-005': 'The data directory belongs to another registry or another version',
  'DD-EMULATOR-006': 'The seed contradicts itself',
  'DD-EMULATOR-007': 'The seed has a repository that ECR would refuse',
  'DD-EMULATOR-008': 'The seed has a lifecycle policy that ECR would refuse',
  'DD-EMULATOR-009': 'The seed has a repository policy that ECR would refuse',
  'DD-EMULATOR-010': 'The fault script has something in it that it cannot have',
  'DD-EMULATOR-011': 'The fault script names an operation that there is not',
  'DD-EMULATOR-012': 'A fault cannot happen to that operation',
  'DD-EMULATOR-101': 'The emulator does not support this operation yet',
  'DD-EMULATOR-102': 'The emulator does not know the manifest of a seeded image',
  'DD-EMULATOR-103': 'The emulator failed',
  'DD-EMULATOR-104': 'A control request was refused',
  'DD-EMULATOR-105': 'A web page is not let in',
} as const;

export type EmulatorCode = keyof typeof EMULATOR_CODES;
