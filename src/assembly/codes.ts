import { DrydockError, Problem } from '../errors';

/** What a synthesized app can be wrong in. */
export const ASSEMBLY_CODES = {
  'DD-ASSEMBLY-001': 'The cloud assembly cannot be read',
  'DD-ASSEMBLY-002': 'A stack that was asked for is not in the assembly',
  'DD-ASSEMBLY-003': 'A template is not one that CloudFormation would accept',
  'DD-ASSEMBLY-004': 'A template uses an intrinsic function that is not known here',
  'DD-ASSEMBLY-005': 'A template refers to something that it does not contain',
  'DD-ASSEMBLY-006': 'Resources of a template depend on each other in a circle',
  'DD-ASSEMBLY-007': 'Stacks depend on each other in a circle',
  'DD-ASSEMBLY-008': 'The template of a nested stack is not in the assembly',
} as const;

export type AssemblyCode = keyof typeof ASSEMBLY_CODES;

/** A problem of a synthesized app, with its place and the way out. */
export function problem(code: AssemblyCode, pointer: string, message: string, rest: { fix?: string; value?: unknown } = {}): Problem {
  return { code, pointer, message, ...rest };
}

/** The same as an error. */
export function assemblyError(
  code: AssemblyCode, pointer: string, message: string, rest: { fix?: string; value?: unknown; cause?: unknown } = {},
): DrydockError {
  const { cause, ...details } = rest;
  return new DrydockError(problem(code, pointer, message, details), { cause });
}
