import * as aws from '../ecr/errors';
import { isTimeIsUp } from '../ecr/retry';
import { isDrydockError } from '../errors';
import { copyError } from '../images/codes';

const isGone = (error: unknown) => error instanceof Error && ['RepositoryNotFoundException', 'LayersNotFoundException', 'LayerInaccessibleException'].includes(error.name);
const isUpstream = (error: unknown) => error instanceof Error && error.name.startsWith('UnableTo');

/** An error of an ECR repository that is copied from, with its code. */
export function sourceError(error: unknown, name: string): unknown {
  if (isDrydockError(error) || isTimeIsUp(error)) {
    return error;
  }
  const operation = aws.operationOf(error) ?? 'an ECR operation';
  const message = error instanceof Error ? error.message : String(error);
  const details = { cause: error, awsMessage: message };
  if (isGone(error)) {
    return copyError('DD-COPY-020', name, `The source does not have it. ECR says: ${message}`, 'Check account, region, name and tag.', details);
  }
  if (aws.isAccessDenied(error)) {
    return copyError('DD-COPY-021', name, `${operation} is denied on the source. ECR says: ${message}`,
      'Allow ecr:BatchGetImage and ecr:GetDownloadUrlForLayer on the repository, by IAM and, from another account, by the repository policy.', details);
  }
  if (error instanceof Error && error.name === 'CredentialsProviderError') {
    return copyError('DD-COPY-021', name, `There are no AWS credentials: ${message}.`, 'Log in, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.', details);
  }
  return copyError('DD-COPY-023', name, `${operation} failed on the source. ECR says: ${message}`,
    isUpstream(error) ? 'The registry behind the pull-through cache fails: try again later.' : aws.isTransient(error) ? 'Copy again later.' : undefined, details);
}
