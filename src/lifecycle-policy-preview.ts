import { aws_ecr as ecr, CustomResource, Lazy, Resource } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { annotate, throwProblems } from './construct-support';
import { renderPolicy } from './lifecycle-document';
import { LifecycleRule } from './lifecycle-rule';
import { DrydockProvider } from './provider/provider';
import { LIFECYCLE_POLICY_PREVIEW_TYPE } from './resources';
import { repositoryTarget } from './target';

/** Properties of `LifecyclePolicyPreview`. */
export interface LifecyclePolicyPreviewProps {
  /** The repository: any that exists when the construct is deployed. */
  readonly repository: ecr.IRepositoryRef;

  /** The rules to preview, in reading order: at least one, at most 50. */
  readonly rules: LifecycleRule[];
}

/**
 * What a lifecycle policy would do to a repository, without doing it. The preview runs when the construct is created and whenever its rules change;
 * the results are attributes, and every image is in the handler's log.
 *
 * Errors at synth: DD-LIFECYCLE-001 to -019, DD-LIFECYCLE-201 to -204, DD-REPOSITORY-006.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/lpp_creation.html
 *
 * @example
 * declare const repository: ecr.IRepository;
 * const preview = new LifecyclePolicyPreview(this, 'WhatIf', {
 *   repository,
 *   rules: [{ description: 'keep the last 100 images', maxImageCount: 100 }],
 * });
 * new CfnOutput(this, 'WouldExpire', { value: preview.expiringImageCount });
 */
export class LifecyclePolicyPreview extends Resource {
  private readonly resource: CustomResource;

  constructor(scope: Construct, id: string, props: LifecyclePolicyPreviewProps) {
    super(scope, id);
    const { document, problems, warnings } = renderPolicy(props.rules);
    throwProblems(this, 'the lifecycle policy is not valid', props.rules.length > 0 ? problems : [{
      code: 'DD-LIFECYCLE-203', pointer: '/rules', message: 'The policy has no rules: there is nothing to preview.', fix: 'Give at least one rule.',
    }]);
    annotate(this, warnings);
    const target = repositoryTarget(this, props.repository);
    this.resource = DrydockProvider.getOrCreate(this).resource(this, 'Resource', {
      resourceType: LIFECYCLE_POLICY_PREVIEW_TYPE,
      repositoryArn: target.permissionArn,
      properties: {
        RepositoryName: target.repositoryName,
        RegistryId: target.registryId,
        LifecyclePolicy: Lazy.uncachedAny({ produce: () => document }),
      },
    });
  }

  /** Hash of the previewed policy. */
  public get policyHash(): string {
    return this.resource.getAttString('PolicyHash');
  }

  /** Number of images in the repository, as text. */
  public get imageCount(): string {
    return this.resource.getAttString('ImageCount');
  }

  /** Number of images that would expire, as text. */
  public get expiringImageCount(): string {
    return this.resource.getAttString('ExpiringImageCount');
  }

  /** Number of images that would be archived, as text. */
  public get transitioningImageCount(): string {
    return this.resource.getAttString('TransitioningImageCount');
  }

  /** Number of images that would expire and do not under the policy in force, as text. */
  public get newlyExpiringImageCount(): string {
    return this.resource.getAttString('NewlyExpiringImageCount');
  }

  /** The preview in one line. */
  public get summary(): string {
    return this.resource.getAttString('Summary');
  }
}
