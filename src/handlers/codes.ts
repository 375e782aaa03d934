import { DrydockError, Problem } from '../errors';

/** Every code of the handler; docs/errors.md has one entry for each. */
export const HANDLER_CODES = {
  'DD-HANDLER-001': 'A property is missing',
  'DD-HANDLER-002': 'A property has a value that cannot be used',
  'DD-HANDLER-003': 'The handler does not know the resource type',
  'DD-HANDLER-004': 'The event is not one of CloudFormation',
  'DD-HANDLER-005': 'Time was up before the work was done',
  'DD-HANDLER-006': 'The handler could not start',
  'DD-HANDLER-007': 'The handler failed in a way that it does not know',
  'DD-HANDLER-008': 'AWS refused a call',
  'DD-HANDLER-009': 'The answer does not fit into 4,096 bytes',
  'DD-HANDLER-101': 'The repository does not exist',
  'DD-HANDLER-102': 'The repository exists already',
  'DD-HANDLER-103': 'The encryption of an existing repository cannot be changed',
  'DD-HANDLER-104': 'The repository belongs to another stack',
  'DD-HANDLER-105': 'The repository still holds images',
  'DD-HANDLER-106': 'Too many tags',
  'DD-HANDLER-107': 'Another stack took the repository at the same moment',
  'DD-HANDLER-201': 'A principal of a statement is not known to ECR',
  'DD-HANDLER-202': 'The repository policy does not come to rest',
  'DD-HANDLER-301': 'The repository has a lifecycle policy that this resource did not put there',
  'DD-HANDLER-302': 'What was there before does not fit into tags',
  'DD-HANDLER-303': 'After it was put, another lifecycle policy is in force',
  'DD-HANDLER-304': 'The stack rolls back; nothing was put',
  'DD-HANDLER-401': 'ECR could not preview the policy',
  'DD-HANDLER-402': 'The preview expired before it could be read',
  'DD-HANDLER-403': 'Other previews kept ours from being read',
  'DD-HANDLER-404': 'What runs could not be found out',
} as const;

export type HandlerCode = keyof typeof HANDLER_CODES;

export function problem(code: HandlerCode, pointer: string, message: string, more: Pick<Problem, 'value' | 'fix' | 'awsMessage'> = {}): Problem {
  return { code, pointer, message, ...more };
}

export function failure(code: HandlerCode, pointer: string, message: string, more: Pick<Problem, 'value' | 'fix' | 'awsMessage'> & { readonly cause?: unknown } = {}): DrydockError {
  const { cause, ...rest } = more;
  return new DrydockError(problem(code, pointer, message, rest), cause === undefined ? {} : { cause });
}
