import { aws_ecr as ecr, CustomResource, Lazy, Resource, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { annotate, throwProblems } from './construct-support';
import { canonicalPolicyText } from './lifecycle/canonical';
import { renderPolicy } from './lifecycle-document';
import { LifecycleRule } from './lifecycle-rule';
import { NativeGate } from './native-gate';
import { PreviewGate } from './preview-gate';
import { DrydockProvider } from './provider/provider';
import { LIFECYCLE_POLICY_TYPE } from './resources';
import { nativeRepository, repositoryTarget } from './target';

/** Properties of `LifecyclePolicy`. */
export interface LifecyclePolicyProps {
  /**
   * The repository: one of this library, one that CloudFormation manages in this app (`ecr.Repository`, `CfnRepository`), or any other, imported by name,
   * ARN or attributes.
   */
  readonly repository: ecr.IRepositoryRef;

  /** The rules, in reading order: at least one, at most 50. */
  readonly rules: LifecycleRule[];

  /**
   * Whether a lifecycle policy that somebody else put there is replaced. If not, the deployment fails and shows it. When it is replaced and the
   * deployment rolls back, the old policy is put back.
   *
   * @default false
   */
  readonly replaceExisting?: boolean;

  /**
   * What stops the deployment before the policy is put.
   *
   * @default PreviewGate.standard()
   */
  readonly previewGate?: PreviewGate;
}

/**
 * The lifecycle policy of a repository, whoever owns the repository. ECR acts on a new policy within 24 hours; before it is put, its effect is previewed
 * on the images that are there, and the gate decides.
 *
 * When the construct goes, the policy is removed if it is still the one that was put.
 *
 * Errors at synth: DD-LIFECYCLE-001 to -019 (what ECR would refuse), DD-LIFECYCLE-201 to -203, DD-REPOSITORY-006, DD-REPOSITORY-008.
 * Warnings: DD-LIFECYCLE-1xx (rules that do not do what they seem to).
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
 */
export class LifecyclePolicy extends Resource {
  private readonly rules: LifecycleRule[] = [];
  private readonly source: CustomResource | NativeGate;

  constructor(scope: Construct, id: string, props: LifecyclePolicyProps) {
    super(scope, id);
    props.rules.forEach((rule) => this.rules.push(rule));
    if (props.rules.length > 0) {
      this.check();
    }
    const gate = (props.previewGate ?? PreviewGate.standard())._render();
    const native = nativeRepository(props.repository);
    this.source = native
      ? this.writeThrough(native, props)
      : this.putBeside(props, gate);
    this.node.addValidation({ validate: () => this.atSynth() });
  }

  /** Adds a rule after the others. Throws what ECR would refuse. */
  public addRule(rule: LifecycleRule): void {
    this.rules.push(rule);
    this.check();
  }

  /** Hash of the policy that was previewed: what `PreviewGateOptions.acknowledgedPolicies` takes. */
  public get policyHash(): string {
    return this.attribute('PolicyHash');
  }

  /** Number of images in the repository when the policy was put, as text. */
  public get imageCount(): string {
    return this.attribute('ImageCount');
  }

  /** Number of images that the preview expires, as text. */
  public get expiringImageCount(): string {
    return this.attribute('ExpiringImageCount');
  }

  /** Number of images that the preview archives, as text. */
  public get transitioningImageCount(): string {
    return this.attribute('TransitioningImageCount');
  }

  /** What the gate said: `passed`, `acknowledged`, `not-needed` or `off`. */
  public get verdict(): string {
    return this.attribute('Verdict');
  }

  /** The preview in one line. */
  public get previewSummary(): string {
    return this.attribute('Summary');
  }

  private attribute(name: string): string {
    return this.source instanceof NativeGate ? this.source.attribute(name) : this.source.getAttString(name);
  }

  /** Beside what CloudFormation knows: the handler puts the policy. */
  private putBeside(props: LifecyclePolicyProps, gate: ReturnType<PreviewGate['_render']>): CustomResource {
    const target = repositoryTarget(this, props.repository);
    return DrydockProvider.getOrCreate(this).resource(this, 'Resource', {
      resourceType: LIFECYCLE_POLICY_TYPE,
      repositoryArn: target.permissionArn,
      gated: gate !== 'off',
      properties: {
        RepositoryName: target.repositoryName,
        RegistryId: target.registryId,
        LifecyclePolicy: Lazy.any({ produce: () => this.document() }),
        ReplaceExisting: props.replaceExisting ?? false,
        PreviewGate: gate,
      },
    });
  }

  /** CloudFormation would delete a policy that its own template does not hold, so there it goes into the native property. */
  private writeThrough(native: ecr.CfnRepository, props: LifecyclePolicyProps): NativeGate {
    const stack = Stack.of(native);
    const present = stack.resolve(native.lifecyclePolicy) as { lifecyclePolicyText?: unknown } | undefined;
    if (present?.lifecyclePolicyText !== undefined && !props.replaceExisting) {
      throwProblems(this, 'the repository already has lifecycle rules', [{
        code: 'DD-REPOSITORY-008',
        pointer: native.node.path,
        message: 'The native repository has lifecycle rules of its own; a repository has one lifecycle policy.',
        value: present.lifecyclePolicyText,
        fix: 'Remove the rules there, or set replaceExisting: true to use these instead.',
      }]);
    }
    native.lifecyclePolicy = { lifecyclePolicyText: Lazy.string({ produce: () => this.text(stack) }) };
    return NativeGate.ensure(native, (props.previewGate ?? PreviewGate.standard())._render());
  }

  private document() {
    return renderPolicy(this.rules).document;
  }

  private text(stack: Stack): string {
    const document = this.document();
    const plain = JSON.stringify(document);
    return JSON.stringify(stack.resolve(document)) === plain ? canonicalPolicyText(document) : stack.toJsonString(document);
  }

  private check(): void {
    throwProblems(this, 'the lifecycle policy is not valid', renderPolicy(this.rules).problems);
  }

  private atSynth(): string[] {
    if (this.rules.length === 0) {
      return ['DD-LIFECYCLE-203: the lifecycle policy has no rules. Fix: give it one with `rules` or `addRule`, or leave the construct out.'];
    }
    annotate(this, renderPolicy(this.rules).warnings);
    return [];
  }
}
