import { DrydockError } from '../errors';

/** Codes of the account on a laptop: CloudFormation and what else `cdk deploy` calls. */
export const ACCOUNT_CODES = {
  'DD-ACCOUNT-001': 'The address to which other services\' requests are passed is not usable',
  'DD-ACCOUNT-002': 'The server to which other services\' requests are passed does not answer',
  'DD-ACCOUNT-003': 'A service was called that the account does not have',
  'DD-ACCOUNT-004': 'CloudFormation was asked for something that it does not have here',
  'DD-ACCOUNT-005': 'The state of the stacks in the data directory is damaged, or of another version',
  'DD-ACCOUNT-006': 'The code of a function is not a zip archive that can be unpacked',
  'DD-ACCOUNT-007': 'An operation on a stack broke off with an error of drydock itself',
} as const;

export type AccountCode = keyof typeof ACCOUNT_CODES;

export function accountError(code: AccountCode, pointer: string, message: string, rest: { fix?: string; value?: unknown; cause?: unknown } = {}): DrydockError {
  const { cause, ...details } = rest;
  return new DrydockError({ code, pointer, message, ...details }, { cause });
}
