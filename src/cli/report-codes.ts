import { DrydockError } from '../errors';

/** Codes of saved plans and of what is made of them. */
export const REPORT_CODES = {
  'DD-REPORT-001': 'The file is not a plan',
  'DD-REPORT-002': 'The plan was made by another release',
  'DD-REPORT-003': 'The report cannot be written',
  'DD-REPORT-004': 'A part of the package is missing',
} as const;

export type ReportCode = keyof typeof REPORT_CODES;

export function reportError(code: ReportCode, pointer: string, message: string, fix: string, value?: unknown): DrydockError {
  return new DrydockError({ code, pointer, message, fix, value });
}
