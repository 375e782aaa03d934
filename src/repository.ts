import {
  aws_ecr as ecr, aws_iam as iam, aws_kms as kms, CfnDeletionPolicy, CfnResource, ITaggable, Lazy, RemovalPolicy, Stack, TagManager, TagType, Token,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { claim, messagesOf, throwProblems } from './construct-support';
import { Problem } from './errors';
import { ImportedRepository } from './imported-repository';
import { LifecyclePolicy } from './lifecycle-policy';
import { LifecycleRule } from './lifecycle-rule';
import { PreviewGate } from './preview-gate';
import { DrydockProvider } from './provider/provider';
import { RepositoryAttributes } from './repository-attributes';
import { checkProps, checkRemovalPolicy, checkTags } from './repository-checks';
import { generateRepositoryName } from './repository-name';
import { RepositoryPolicy } from './repository-policy';
import { REPOSITORY_TYPE } from './resources';
import { identityOf, OwnRepository } from './target';

/** What to do when a repository of the name exists already. */
export enum ExistingRepository {
  /** The deployment fails and says whose the repository is. */
  FAIL = 'fail',
  /**
   * The stack takes the repository over: tag mutability, scanning and tags become what the construct says, tags that it does not name stay. Refused when
   * the encryption differs, which ECR cannot change. When the deployment rolls back, the settings are put back.
   */
  ADOPT = 'adopt',
}

/** Properties of `Repository`. */
export interface RepositoryProps {
  /**
   * Name of the repository: 2 to 256 characters, lower-case letters, digits, `.`, `_`, `-` and `/`. A change of the name makes a new, empty repository.
   *
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-create.html
   * @default - generated: the same in every deployment, until the encryption changes
   */
  readonly repositoryName?: string;

  /**
   * What to do when a repository of that name exists already.
   *
   * @default ExistingRepository.FAIL
   */
  readonly existing?: ExistingRepository;

  /**
   * Whether tags can be moved to other images.
   *
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
   * @default TagMutability.MUTABLE
   */
  readonly imageTagMutability?: ecr.TagMutability;

  /**
   * The tags that are the exception: 1 to 5 filters, with `IMMUTABLE_WITH_EXCLUSION` and `MUTABLE_WITH_EXCLUSION` only, and required there.
   *
   * @default - no exceptions
   */
  readonly imageTagMutabilityExclusionFilters?: ecr.ImageTagMutabilityExclusionFilter[];

  /**
   * Encryption at rest. Cannot be changed afterwards: with a generated name a change makes a new, empty repository, with a name of your own it fails.
   *
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
   * @default - KMS when `encryptionKey` is given, otherwise AES_256
   */
  readonly encryption?: ecr.RepositoryEncryption;

  /**
   * The key, with KMS or KMS_DSSE encryption.
   *
   * @default - the AWS managed key alias/aws/ecr, with KMS encryption
   */
  readonly encryptionKey?: kms.IKeyRef;

  /**
   * Whether images are scanned for vulnerabilities when they are pushed (basic scanning).
   *
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-basic.html
   * @default false
   */
  readonly imageScanOnPush?: boolean;

  /**
   * Rules that expire or archive images.
   *
   * @default - images stay
   */
  readonly lifecycleRules?: LifecycleRule[];

  /**
   * What stops a deployment that changes the rules.
   *
   * @default PreviewGate.standard()
   */
  readonly previewGate?: PreviewGate;

  /**
   * What happens to the repository when the construct or the stack goes. With RETAIN it stays with all its images; only when the deployment that
   * created it rolls back, and it is still empty, it goes. With DESTROY it is deleted, also if it was adopted; while it holds images only with `emptyOnDelete`.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Whether DESTROY deletes the repository with the images that it holds.
   *
   * @default false
   */
  readonly emptyOnDelete?: boolean;
}

/**
 * An ECR repository that is created or adopted, with an `ecr.IRepository`'s grants, events and uses.
 *
 * A repository that was there before is never deleted unless it was adopted and the removal policy says so.
 *
 * Errors at synth: DD-REPOSITORY-001 to -005, -010, -013, -014. Errors at deployment: DD-REPOSITORY-1xx.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/Repositories.html
 *
 * @example
 * const repository = new Repository(this, 'Api', {
 *   repositoryName: 'shop/api',
 *   existing: ExistingRepository.ADOPT,
 *   imageScanOnPush: true,
 *   lifecycleRules: [
 *     { description: 'what runs', tagPatternList: ['production'], protect: true },
 *     { description: 'leftovers of builds', tagPatternList: ['build-*'], maxImageAge: Duration.days(180) },
 *   ],
 *   previewGate: PreviewGate.of({ maxExpiringImages: 300 }),
 * });
 * repository.addToResourcePolicy(new iam.PolicyStatement({
 *   sid: 'StagingPulls',
 *   principals: [new iam.AccountPrincipal('210987654321')],
 *   actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
 * }));
 */
export class Repository extends ecr.RepositoryBase implements ITaggable {
  /**
   * A repository that exists, by its name, in the account and region of the stack.
   *
   * @param scope the parent
   * @param id the construct's id
   * @param repositoryName the name
   */
  public static fromRepositoryName(scope: Construct, id: string, repositoryName: string): ecr.IRepository {
    return new ImportedRepository(scope, id, { repositoryName });
  }

  /**
   * A repository that exists, by its ARN; it may be in another account. The ARN must be known at synth: use `fromRepositoryAttributes` otherwise.
   *
   * @param scope the parent
   * @param id the construct's id
   * @param repositoryArn the ARN
   */
  public static fromRepositoryArn(scope: Construct, id: string, repositoryArn: string): ecr.IRepository {
    return new ImportedRepository(scope, id, { repositoryArn });
  }

  /**
   * A repository that exists, by name and ARN.
   *
   * @param scope the parent
   * @param id the construct's id
   * @param attributes name, ARN or both
   */
  public static fromRepositoryAttributes(scope: Construct, id: string, attributes: RepositoryAttributes): ecr.IRepository {
    return new ImportedRepository(scope, id, attributes);
  }

  /** Name of the repository, known once it exists. */
  public readonly repositoryName: string;
  /** ARN of the repository, known once it exists. */
  public readonly repositoryArn: string;
  /** Whether the stack `created` or `adopted` the repository. */
  public readonly origin: string;
  /** Tags of the repository; `Tags.of` adds to them. */
  public readonly tags: TagManager;

  /** @internal */
  public readonly _literal: OwnRepository['_literal'];
  private readonly gate?: PreviewGate;
  private readonly resource: CfnResource;
  private lifecycle?: LifecyclePolicy;
  private policy?: RepositoryPolicy;

  constructor(scope: Construct, id: string, props: RepositoryProps = {}) {
    const encryption = encryptionOf(props);
    const name = props.repositoryName ?? generateRepositoryName(scope, id, [encryption.encryptionType, Stack.of(scope).resolve(encryption.kmsKey)]);
    // A name that is known at synth makes the repository usable from stacks of other accounts and regions, as the L2's own names do.
    super(scope, id, { physicalName: Token.isUnresolved(name) ? undefined : name });
    throwProblems(this, 'the repository cannot be made', [...checkProps(props), ...this.checkUnique(name)]);
    const arnParts = { service: 'ecr', resource: 'repository', resourceName: name };
    this._literal = { repositoryName: name, repositoryArn: Stack.of(this).formatArn(arnParts) };
    this.tags = new TagManager(TagType.STANDARD, REPOSITORY_TYPE);
    this.gate = props.previewGate;

    const resource = DrydockProvider.getOrCreate(this).resource(this, 'Resource', {
      resourceType: REPOSITORY_TYPE,
      repositoryArn: this._literal.repositoryArn,
      keyArn: encryption.kmsKey,
      properties: {
        RepositoryName: name,
        ImageTagMutability: props.imageTagMutability ?? ecr.TagMutability.MUTABLE,
        ImageTagMutabilityExclusionFilters: props.imageTagMutabilityExclusionFilters?.map((filter) => {
          const { imageTagMutabilityExclusionFilterType, imageTagMutabilityExclusionFilterValue } = filter._render();
          return { filterType: imageTagMutabilityExclusionFilterType, filter: imageTagMutabilityExclusionFilterValue };
        }),
        EncryptionConfiguration: encryption,
        ImageScanningConfiguration: { scanOnPush: props.imageScanOnPush ?? false },
        Tags: Lazy.uncachedAny({ produce: () => this.renderTags() }),
        ExistingRepository: props.existing ?? ExistingRepository.FAIL,
        // `RemovalPolicies.of(scope)` changes CloudFormation's part alone; the handler must not think otherwise.
        RemovalPolicy: Lazy.uncachedString({ produce: () => this.resource.cfnOptions.deletionPolicy === CfnDeletionPolicy.DELETE ? 'destroy' : 'retain' }),
        EmptyOnDelete: props.emptyOnDelete ?? false,
      },
    });
    this.resource = resource.node.defaultChild as CfnResource;
    this.applyRemovalPolicy(props.removalPolicy ?? RemovalPolicy.RETAIN);
    this.repositoryName = this.getResourceNameAttribute(resource.ref);
    this.repositoryArn = this.getResourceArnAttribute(resource.getAttString('Arn'), arnParts);
    this.origin = resource.getAttString('Origin');
    if (props.lifecycleRules?.length) {
      this.putLifecyclePolicy(props.lifecycleRules);
    }
    this.node.addValidation({ validate: () => messagesOf(checkTags(this.node.path, this.tags.tagValues())) });
  }

  /**
   * What happens to the repository when the construct or the stack goes, see `RepositoryProps.removalPolicy`. Throws DD-REPOSITORY-005.
   *
   * @param policy RETAIN or DESTROY
   */
  public applyRemovalPolicy(policy: RemovalPolicy): void {
    throwProblems(this, 'the removal policy cannot be applied', checkRemovalPolicy(policy));
    // A creation that is rolled back must not leave an empty repository behind, which would stop the next attempt.
    this.resource.applyRemovalPolicy(policy === RemovalPolicy.RETAIN ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : policy);
  }

  /**
   * Adds a rule after the others, the first one with a `LifecyclePolicy` below the repository. Throws what ECR would refuse (DD-LIFECYCLE-001 to -019).
   *
   * @param rule the rule; it takes the next free priority unless it has one
   */
  public addLifecycleRule(rule: LifecycleRule): void {
    if (this.lifecycle) {
      this.lifecycle.addRule(rule);
    } else {
      this.putLifecyclePolicy([rule]);
    }
  }

  /**
   * Adds a statement to the repository's policy, by a `RepositoryPolicy` below the repository: statements of others stay. Throws DD-ACCESS-0xx for what ECR
   * would refuse or never honour.
   *
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
   * @param statement the statement, without resources: the policy is the repository's own
   */
  public addToResourcePolicy(statement: iam.PolicyStatement): iam.AddToResourcePolicyResult {
    this.policy = this.policy ?? new RepositoryPolicy(this, 'Policy', { repository: this });
    this.policy.addStatements(statement);
    return { statementAdded: true, policyDependable: this.policy };
  }

  /**
   * The rules of an aspect; the repository has none.
   * @internal
   */
  public _addRetention(rules: LifecycleRule[], gate?: PreviewGate): void {
    this.putLifecyclePolicy(rules, gate);
  }

  private putLifecyclePolicy(rules: LifecycleRule[], gate?: PreviewGate): void {
    this.lifecycle = new LifecyclePolicy(this, 'LifecyclePolicy', { repository: this, rules, previewGate: this.gate ?? gate });
  }

  private renderTags(): { Key: string; Value: string }[] | undefined {
    const entries = Object.entries(this.tags.tagValues());
    return entries.length === 0 ? undefined : entries.map(([Key, Value]) => ({ Key, Value }));
  }

  private checkUnique(name: string): Problem[] {
    const other = claim(this, `repository ${identityOf(this, name)}`);
    return other === undefined ? [] : [{
      code: 'DD-REPOSITORY-013', pointer: 'repositoryName', value: name,
      message: `${other} makes or adopts the repository ${JSON.stringify(name)} of the same account and region.`,
      fix: 'Choose another name, or refer to that construct.',
    }];
  }
}

function encryptionOf(props: RepositoryProps): { encryptionType: string; kmsKey?: string } {
  const encryptionType = (props.encryption ?? (props.encryptionKey ? ecr.RepositoryEncryption.KMS : ecr.RepositoryEncryption.AES_256)).value;
  return props.encryptionKey ? { encryptionType, kmsKey: props.encryptionKey.keyRef.keyArn } : { encryptionType };
}
