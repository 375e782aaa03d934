import { DrydockError, isDrydockError } from '../../errors';
import { surveyError } from '../codes';
import { isAccessDenied, isNetworkFailure, isThrottle, operationOf } from '../errors';
import { isTimeIsUp } from '../retry';

/** Whatever a call failed with, as an error with a code: `where` is the endpoint or Region. */
export function surveyFailure(error: unknown, where: string): DrydockError {
  if (isDrydockError(error)) {
    return error;
  }
  const known = error instanceof Error ? error : new Error(String(error));
  const operation = operationOf(error) ?? 'the call';
  const told = { awsMessage: known.message, cause: error };
  if (isTimeIsUp(error)) {
    return surveyError('DD-SURVEY-007', where, 'The reading was broken off.', { ...told, fix: 'Run the same command again.' });
  }
  if (known.name === 'CredentialsProviderError') {
    return surveyError('DD-SURVEY-002', 'credentials', `There are no AWS credentials: ${known.message}`, {
      ...told, fix: 'Log in, or set AWS_PROFILE, or give --profile. For an embedded ECR on this machine none are needed.',
    });
  }
  if (/^Region is missing/.test(known.message)) {
    return surveyError('DD-SURVEY-004', 'region', 'There is no AWS Region.', { ...told, fix: 'Give --region, or set AWS_REGION.' });
  }
  if (isAccessDenied(error)) {
    return surveyError('DD-SURVEY-005', where, `${operation} is not allowed: ${known.message}`, { ...told, fix: `Allow ${operation}; docs/snapshot.md has the whole policy.` });
  }
  if (REFUSED.has(known.name)) {
    return surveyError('DD-SURVEY-003', 'credentials', `The AWS credentials are refused (${known.name}): ${known.message}`, { ...told, fix: 'Log in again, and see whether the clock of this machine is right.' });
  }
  if (isThrottle(error)) {
    return surveyError('DD-SURVEY-006', where, `${operation} is throttled and stays so: ${known.message}`, { ...told, fix: 'Go on later; with a smaller --concurrency others get their share too.' });
  }
  if (isNetworkFailure(error) || isConnectionError(known)) {
    return surveyError('DD-SURVEY-001', where, `Nothing answers at ${where}: ${connectionWords(known)}.`, {
      ...told, value: where, fix: 'See whether the endpoint and the Region are right, and whether this machine can reach it. An embedded ECR is started with `drydock emulator`.',
    });
  }
  return surveyError('DD-SURVEY-007', where, `${operation} failed (${known.name}): ${known.message}`, told);
}

const REFUSED: ReadonlySet<string> = new Set([
  'UnrecognizedClientException', 'InvalidClientTokenId', 'ExpiredTokenException', 'ExpiredToken', 'InvalidSignatureException', 'SignatureDoesNotMatch',
  'IncompleteSignature', 'IncompleteSignatureException', 'MissingAuthenticationTokenException', 'MissingAuthenticationToken', 'TokenRefreshRequired', 'OptInRequired',
]);

function isConnectionError(error: Error): boolean {
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EPROTO'].includes((error as NodeJS.ErrnoException).code ?? '')
    || error.name === 'TimeoutError';
}

/** An AggregateError (both addresses of a name refused) has no words of its own. */
function connectionWords(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  return error.message || code || error.name;
}
