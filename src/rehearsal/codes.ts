import { DrydockError, Problem } from '../errors';

/** Every code of the rehearsal: what stops it before anything runs (0xx), and what it could not do as AWS would (1xx, reported as notices). */
export const REHEARSAL_CODES = {
  'DD-REHEARSAL-007': 'A parameter has no value, or a value that is not allowed',
  'DD-REHEARSAL-008': 'A resource that was to fail is not in any stack of the rehearsal',
  'DD-REHEARSAL-009': 'The type of a resource changed under the same logical ID',
  'DD-REHEARSAL-011': 'The state of an earlier rehearsal cannot be read',
  'DD-REHEARSAL-013': 'The ECR endpoint does not answer',
  'DD-REHEARSAL-101': 'A custom resource was simulated, because its handler cannot be run here',
  'DD-REHEARSAL-102': 'A custom resource was simulated, because its handler called a service that the rehearsal does not have',
  'DD-REHEARSAL-103': 'An attribute of a simulated resource was made up',
  'DD-REHEARSAL-104': 'The value of an SSM parameter was made up',
  'DD-REHEARSAL-105': 'A dynamic reference was left as it stands',
  'DD-REHEARSAL-106': 'A custom resource answered more than once',
  'DD-REHEARSAL-107': 'A custom resource answered in a form that CloudFormation does not accept',
  'DD-REHEARSAL-108': 'A resource could not be deleted in the clean-up; it is no longer part of the stack',
  'DD-REHEARSAL-109': 'A handler failed after it had answered; Lambda would deliver the event again',
  'DD-REHEARSAL-110': 'An execution of a state machine failed',
  'DD-REHEARSAL-111': 'A gate asked for images in use, and nothing runs in the rehearsal',
  'DD-REHEARSAL-112': 'What the role of a function may do is not known',
  'DD-REHEARSAL-113': 'What a policy of a role says is not known',
  'DD-REHEARSAL-114': 'The registry does not check permissions',
} as const;

export type RehearsalCode = keyof typeof REHEARSAL_CODES;

/** A problem of the rehearsal, with its place and the way out. */
export function problem(code: RehearsalCode, pointer: string, message: string, rest: { fix?: string; value?: unknown } = {}): Problem {
  return { code, pointer, message, ...rest };
}

/** An error of the rehearsal with one problem. */
export function rehearsalError(
  code: RehearsalCode, pointer: string, message: string, rest: { fix?: string; value?: unknown; cause?: unknown } = {},
): DrydockError {
  const { cause, ...details } = rest;
  return new DrydockError(problem(code, pointer, message, details), { cause });
}
