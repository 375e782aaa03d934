import { DrydockError, Problem } from '../errors';

/** Every code of reading a registry; docs/errors.md has one entry for each. 1xx are findings: something could not be read, the rest was. */
export const SURVEY_CODES = {
  'DD-SURVEY-001': 'The registry does not answer',
  'DD-SURVEY-002': 'There are no AWS credentials',
  'DD-SURVEY-003': 'The AWS credentials are refused',
  'DD-SURVEY-004': 'There is no AWS Region',
  'DD-SURVEY-005': 'A permission is missing without which nothing can be read',
  'DD-SURVEY-006': 'The registry throttles for too long',
  'DD-SURVEY-007': 'A call to the registry failed',
  'DD-SURVEY-008': 'A repository that was asked for does not exist',
  'DD-SURVEY-009': 'ECR did not finish its preview',
  'DD-SURVEY-010': 'The selection holds no repository',
  'DD-SURVEY-011': 'There is a half-finished snapshot of something else',
  'DD-SURVEY-012': 'The snapshot cannot be written',
  'DD-SURVEY-101': 'A part of a repository could not be read',
  'DD-SURVEY-102': 'What indexes list was not read',
  'DD-SURVEY-103': 'The manifests of some indexes could not be read',
  'DD-SURVEY-104': 'A repository went away while it was read',
} as const;

export type SurveyCode = keyof typeof SURVEY_CODES;

export function surveyProblem(code: SurveyCode, pointer: string, message: string, more: Pick<Problem, 'value' | 'fix' | 'awsMessage'> = {}): Problem {
  return { code, pointer, message, ...more };
}

export function surveyError(code: SurveyCode, pointer: string, message: string, more: Pick<Problem, 'value' | 'fix' | 'awsMessage'> & { readonly cause?: unknown } = {}): DrydockError {
  const { cause, ...rest } = more;
  return new DrydockError(surveyProblem(code, pointer, message, rest), cause === undefined ? {} : { cause });
}
