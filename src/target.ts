import { aws_ecr as ecr, CfnResource, IResource, Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { DrydockError } from './errors';

/** How a repository is reached: what goes into properties, what into permissions. */
export interface RepositoryTarget {
  readonly repositoryName: string;
  /** Set when the repository is in another account than the stack. */
  readonly registryId?: string;
  /** For permissions: never a reference to a resource of ours, which would be a cycle. */
  readonly permissionArn: string;
}

/** What a repository of this library tells the other constructs about itself. */
export interface OwnRepository {
  /** The literal name and ARN. */
  readonly _literal: { readonly repositoryName: string; readonly repositoryArn: string };
}

/** The native resource behind a repository that CloudFormation itself manages in this app. */
export function nativeRepository(repository: ecr.IRepositoryRef): ecr.CfnRepository | undefined {
  for (const candidate of [repository, repository.node.defaultChild] as (IConstruct | undefined)[]) {
    if (candidate !== undefined && CfnResource.isCfnResource(candidate) && candidate.cfnResourceType === ecr.CfnRepository.CFN_RESOURCE_TYPE_NAME) {
      return candidate as ecr.CfnRepository;
    }
  }
  return undefined;
}

/** Any other repository: ours, or one that the app only refers to. */
export function repositoryTarget(scope: IConstruct, repository: ecr.IRepositoryRef): RepositoryTarget {
  const { repositoryName, repositoryArn } = repository.repositoryRef;
  const literal = (repository as Partial<OwnRepository>)._literal;
  if (literal !== undefined) {
    return { repositoryName, permissionArn: literal.repositoryArn };
  }
  const stack = Stack.of(scope);
  const env = (repository as Partial<IResource>).env ?? { account: stack.account, region: stack.region };
  if (env.region !== stack.region && !Token.isUnresolved(env.region) && !Token.isUnresolved(stack.region)) {
    throw new DrydockError({
      code: 'DD-REPOSITORY-006',
      pointer: scope.node.path,
      message: `The repository ${JSON.stringify(repositoryName)} is in ${env.region}, the stack in ${stack.region}; the handler works in the region of its stack.`,
      value: env.region,
      fix: `Put the construct into a stack of ${env.region}.`,
    });
  }
  return {
    repositoryName,
    registryId: env.account === stack.account ? undefined : env.account,
    permissionArn: repositoryArn,
  };
}
