import { aws_ecr as ecr, Stack, Token } from 'aws-cdk-lib';
import { IEnvironmentAware } from 'aws-cdk-lib/interfaces';
import { IConstruct } from 'constructs';
import { DrydockError } from './errors';

/** How a repository is reached: what goes into properties, what into permissions. */
export interface RepositoryTarget {
  readonly repositoryName: string;
  /** Set when the repository is, or may be, in another account than the stack. */
  readonly registryId?: string;
  /** The repository's account, where it is known at synth. */
  readonly owner?: string;
  /** For permissions: never a reference to a resource of ours, which would be a cycle. */
  readonly permissionArn: string;
  /** The same for everything in the app that is surely this repository. */
  readonly identity: string;
}

/** What a repository of this library tells the other constructs about itself. */
export interface OwnRepository {
  /** The literal name and ARN. */
  readonly _literal: { readonly repositoryName: string; readonly repositoryArn: string };
}

/** A repository of ours, or one that the app only refers to, as seen from a construct. */
export function repositoryTarget(scope: IConstruct, repository: ecr.IRepositoryRef): RepositoryTarget {
  const stack = Stack.of(scope);
  const { env } = repository;
  const { repositoryName, repositoryArn } = repository.repositoryRef;
  const literal = (repository as Partial<OwnRepository>)._literal;
  const shown = literal?.repositoryName ?? repositoryName;
  if (env.region !== stack.region && !Token.isUnresolved(env.region) && !Token.isUnresolved(stack.region)) {
    throw new DrydockError({
      code: 'DD-REPOSITORY-006',
      pointer: scope.node.path,
      message: `The repository ${JSON.stringify(shown)} is in ${env.region}, the stack in ${stack.region}; the handler works in the region of its stack.`,
      value: env.region,
      fix: `Put the construct into a stack of ${env.region}.`,
    });
  }
  return {
    repositoryName,
    registryId: env.account === stack.account ? undefined : env.account,
    owner: Token.isUnresolved(env.account) ? undefined : env.account,
    permissionArn: literal?.repositoryArn ?? repositoryArn,
    identity: identityOf(repository, shown),
  };
}

/** The same for everything in the app that is surely the same repository. */
export function identityOf(repository: IConstruct & IEnvironmentAware, name: string): string {
  const { account, region } = repository.env;
  if (Token.isUnresolved(name)) {
    return repository.node.path;
  }
  // Stacks that are the same place only at deployment need not be.
  const place = [account, region].some((part) => Token.isUnresolved(part)) ? Stack.of(repository).node.path : `${account}/${region}`;
  return `${place}:${name}`;
}
