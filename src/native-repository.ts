import { aws_ecr as ecr, CfnResource, IResolveContext, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** The native resource behind a repository that CloudFormation itself manages in this app. */
export function nativeRepository(repository: IConstruct): ecr.CfnRepository | undefined {
  return [repository, repository.node.defaultChild].find(isNativeRepository);
}

export function isNativeRepository(construct: IConstruct | undefined): construct is ecr.CfnRepository {
  return construct !== undefined && CfnResource.isCfnResource(construct) && construct.cfnResourceType === ecr.CfnRepository.CFN_RESOURCE_TYPE_NAME;
}

/**
 * The properties as the template will show them, overrides included: `addPropertyOverride` is how people give an L2 the rules that it does not know.
 * Inside a token the caller's context keeps references to other stacks alive.
 */
export function synthesizedProperties(resource: CfnResource, context?: IResolveContext): Record<string, unknown> {
  const rendered = resource._toCloudFormation();
  const { Resources } = (context ? context.resolve(rendered) : Stack.of(resource).resolve(rendered)) as { Resources: Record<string, { Properties?: Record<string, unknown> }> };
  return Object.values(Resources)[0].Properties ?? {};
}

/** The very text that the native resource will put. */
export function lifecyclePolicyText(repository: ecr.CfnRepository, context?: IResolveContext): unknown {
  return (synthesizedProperties(repository, context).LifecyclePolicy as { LifecyclePolicyText?: unknown } | undefined)?.LifecyclePolicyText;
}
