import { DrydockError } from '../errors';

/** Every code of the command line; docs/errors.md has one entry for each. */
export const CLI_CODES = {
  'DD-CLI-001': 'A file cannot be read',
  'DD-CLI-002': 'A file is not JSON',
  'DD-CLI-003': 'The inventory holds several repositories',
  'DD-CLI-004': 'The image is not in the inventory',
  'DD-CLI-005': 'The value of an option cannot be used',
  'DD-CLI-006': 'The policy file holds no policy',
  'DD-CLI-007': 'Options that do not go together',
  'DD-CLI-008': 'The command line cannot be understood',
  'DD-CLI-009': 'The command itself failed',
} as const;

export type CliCode = keyof typeof CLI_CODES;

export function cliError(code: CliCode, pointer: string, message: string, fix?: string, value?: unknown): DrydockError {
  return new DrydockError({ code, pointer, message, fix, value });
}
