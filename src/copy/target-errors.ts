import * as aws from '../ecr/errors';
import { RepositoryAddress } from '../ecr/registry';
import { isTimeIsUp } from '../ecr/retry';
import { isDrydockError } from '../errors';
import { copyError } from '../images/codes';

export function repositoryText({ registryId, repositoryName }: RepositoryAddress): string {
  return registryId === undefined ? repositoryName : `${registryId}/${repositoryName}`;
}

const operationName = (error: unknown) => aws.operationOf(error) ?? 'an ECR operation';
const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** An error of the repository that is copied to, with its code. Those that have one, and that time is up, stay as they are. */
export function targetError(error: unknown, address: RepositoryAddress): unknown {
  if (isDrydockError(error) || isTimeIsUp(error)) {
    return error;
  }
  const where = repositoryText(address);
  const details = { cause: error, awsMessage: messageOf(error) };
  const said = `ECR says: ${messageOf(error)}`;
  if (aws.isRepositoryNotFound(error)) {
    return copyError('DD-COPY-040', where, 'The destination repository does not exist.', 'Create it first, in the account and region that are copied to.', details);
  }
  if (aws.isAccessDenied(error)) {
    return copyError('DD-COPY-041', where, `${operationName(error)} is denied on the destination. ${said}`,
      `Allow ${operationName(error)} on the repository, by IAM and, in another account, by the repository policy.`, details);
  }
  if (error instanceof Error && error.name === 'CredentialsProviderError') {
    return copyError('DD-COPY-041', where, `There are no AWS credentials: ${messageOf(error)}.`, 'Log in, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.', details);
  }
  if (aws.isLimitExceeded(error)) {
    return copyError('DD-COPY-044', where, `${operationName(error)} meets a limit of ECR. ${said}`, 'Delete images or tags, or ask for a higher quota.', details);
  }
  if (aws.isKmsFailure(error)) {
    return copyError('DD-COPY-047', where, `The KMS key of the destination cannot be used. ${said}`, 'Check that the key is enabled and that the caller and ECR may use it.', details);
  }
  if (aws.isInvalidLayer(error)) {
    return copyError('DD-COPY-046', where, `ECR computed another digest for a layer than the one it was to have. ${said}`, 'Copy again. If it stays so, the source serves wrong bytes.', details);
  }
  if (aws.operationOf(error) === 'ecr:PutImage' && (aws.isInvalidParameter(error) || aws.isImageDigestMismatch(error) || aws.isReferencedImagesNotFound(error) || aws.isLayersNotFound(error))) {
    return copyError('DD-COPY-045', where, `ECR does not take a manifest. ${said}`,
      aws.isReferencedImagesNotFound(error) || aws.isLayersNotFound(error) ? 'What it names was removed meanwhile, by a lifecycle policy or by somebody. Copy again.' : undefined, details);
  }
  if (error instanceof Error && !('$metadata' in error)) {
    return copyError('DD-COPY-048', where, `${operationName(error)} could not be sent: ${error.message}.`, 'Set the region (AWS_REGION, or that of the profile) and check the endpoint.', details);
  }
  return copyError('DD-COPY-048', where, `${operationName(error)} failed. ${said}`, aws.isTransient(error) ? 'Copy again: what has arrived is not sent twice.' : undefined, details);
}
