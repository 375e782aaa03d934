import { Arn, ArnFormat, aws_ecr as ecr, aws_iam as iam, Stack, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { DrydockError } from './errors';
import { RepositoryAttributes } from './repository-attributes';
import { checkRepositoryName } from './repository-name';
import { RepositoryPolicy } from './repository-policy';

/**
 * A repository that the app refers to but does not own. Unlike the L2's imported repository, statements given to it are not dropped: the first one makes
 * a `RepositoryPolicy` below it.
 */
export class ImportedRepository extends ecr.RepositoryBase {
  public readonly repositoryName: string;
  public readonly repositoryArn: string;
  private policy?: RepositoryPolicy;

  constructor(scope: Construct, id: string, attributes: RepositoryAttributes) {
    const { name, arn } = complete(scope, id, attributes);
    super(scope, id, { environmentFromArn: arn });
    this.repositoryName = name;
    this.repositoryArn = arn;
  }

  public addToResourcePolicy(statement: iam.PolicyStatement): iam.AddToResourcePolicyResult {
    this.policy = this.policy ?? new RepositoryPolicy(this, 'Policy', { repository: this });
    this.policy.addStatements(statement);
    return { statementAdded: true, policyDependable: this.policy };
  }
}

function complete(scope: Construct, id: string, { repositoryArn, repositoryName }: RepositoryAttributes): { name: string; arn: string } {
  const place = `${scope.node.path}/${id}`;
  const fail = (message: string, value: unknown, fix: string): never => {
    throw new DrydockError({ code: 'DD-REPOSITORY-007', pointer: place, message, value, fix });
  };
  if (repositoryArn === undefined && repositoryName === undefined) {
    fail('Neither repositoryArn nor repositoryName is given.', undefined, 'Give one of them.');
  }
  if (repositoryName !== undefined) {
    const problems = checkRepositoryName(repositoryName);
    if (problems.length > 0) {
      throw new DrydockError(problems, { heading: `${place}: the repository cannot be referred to` });
    }
  }
  if (repositoryArn === undefined) {
    return { name: repositoryName!, arn: Stack.of(scope).formatArn({ service: 'ecr', resource: 'repository', resourceName: repositoryName }) };
  }
  if (Token.isUnresolved(repositoryArn)) {
    // The name may hold slashes; of an ARN that is known only at deployment, no function of CloudFormation can cut it out.
    return repositoryName !== undefined
      ? { name: repositoryName, arn: repositoryArn }
      : fail('repositoryArn is known only at deployment, so the name cannot be taken from it.', undefined, 'Give repositoryName too (Repository.fromRepositoryAttributes).');
  }
  const parts = /^arn:[^:]+:ecr:[^:]+:\d{12}:repository\/(.+)$/.test(repositoryArn) ? Arn.split(repositoryArn, ArnFormat.SLASH_RESOURCE_NAME) : undefined;
  if (parts?.resourceName === undefined) {
    return fail(`${JSON.stringify(repositoryArn)} is not the ARN of a repository.`, repositoryArn, 'Write arn:aws:ecr:REGION:ACCOUNT:repository/NAME.');
  }
  if (repositoryName !== undefined && repositoryName !== parts.resourceName) {
    fail(`repositoryName ${JSON.stringify(repositoryName)} is not the name in ${JSON.stringify(repositoryArn)}.`, repositoryName, 'Leave repositoryName out.');
  }
  return { name: parts.resourceName, arn: repositoryArn };
}
