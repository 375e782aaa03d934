import { aws_ecr as ecr, CustomResource, Lazy, Resource, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { annotate, claim, messagesOf, throwProblems } from './construct-support';
import { Problem } from './errors';
import { canonicalPolicyText } from './lifecycle/canonical';
import { renderPolicy } from './lifecycle-document';
import { LifecycleRule } from './lifecycle-rule';
import { NativeGate } from './native-gate';
import { lifecyclePolicyText, nativeRepository } from './native-repository';
import { PreviewGate } from './preview-gate';
import { DrydockProvider } from './provider/provider';
import { LIFECYCLE_POLICY_TYPE } from './resources';
import { repositoryTarget } from './target';

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
   * deployment rolls back, the old policy is put back. With a repository that CloudFormation manages: whether these rules take the place of its own.
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
 * Errors at synth: DD-LIFECYCLE-001 to -019 (what ECR would refuse), DD-LIFECYCLE-201 to -204, DD-REPOSITORY-006, DD-REPOSITORY-008.
 * Warnings: DD-LIFECYCLE-1xx (rules that do not do what they seem to).
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
 *
 * @example
 * new LifecyclePolicy(this, 'Retention', {
 *   repository: Repository.fromRepositoryName(this, 'Api', 'shop/api'),
 *   rules: [
 *     { description: 'what runs', tagPatternList: ['production'], protect: true },
 *     { description: 'leftovers of builds', tagPatternList: ['build-*'], maxImageAge: Duration.days(30) },
 *     { description: 'everything else', maxImageCount: 500 },
 *   ],
 * });
 */
export class LifecyclePolicy extends Resource {
  private readonly rules: LifecycleRule[] = [];
  private readonly source: CustomResource | NativeGate;
  private readonly native?: ecr.CfnRepository;

  constructor(scope: Construct, id: string, props: LifecyclePolicyProps) {
    super(scope, id);
    props.rules.forEach((rule) => this.rules.push(rule));
    if (props.rules.length > 0) {
      this.check();
    }
    const gate = (props.previewGate ?? PreviewGate.standard())._render();
    this.native = nativeRepository(props.repository);
    this.source = this.native
      ? this.writeThrough(this.native, props.replaceExisting ?? false, gate)
      : this.putBeside(props, gate);
    this.node.addValidation({ validate: () => messagesOf(this.atSynth()) });
  }

  /**
   * Adds a rule after the others. Throws what ECR would refuse (DD-LIFECYCLE-001 to -019).
   *
   * @param rule the rule; it takes the next free priority unless it has one
   */
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
    this.claim(target.identity);
    return DrydockProvider.getOrCreate(this).resource(this, 'Resource', {
      resourceType: LIFECYCLE_POLICY_TYPE,
      repositoryArn: target.permissionArn,
      gated: gate !== 'off',
      inUse: gate === 'off' ? undefined : gate.InUse,
      properties: {
        RepositoryName: target.repositoryName,
        RegistryId: target.registryId,
        LifecyclePolicy: Lazy.uncachedAny({ produce: () => this.document() }),
        ReplaceExisting: props.replaceExisting ?? false,
        PreviewGate: gate,
      },
    });
  }

  /** CloudFormation would delete a policy that its own template does not hold, so there it goes into the native property. */
  private writeThrough(native: ecr.CfnRepository, replaceExisting: boolean, gate: ReturnType<PreviewGate['_render']>): NativeGate {
    const stack = Stack.of(native);
    const before = native.lifecyclePolicy;
    // Asked again at synth: the L2 takes rules until then.
    const ownRules = (): Problem[] => {
      const { lifecyclePolicyText: text } = stack.resolve(before) as { lifecyclePolicyText?: unknown } | undefined ?? {};
      return text === undefined || replaceExisting ? [] : [{
        code: 'DD-REPOSITORY-008',
        pointer: native.node.path,
        message: 'The native repository has lifecycle rules of its own; a repository has one lifecycle policy.',
        value: text,
        fix: 'Remove the rules there, or set replaceExisting: true to use these instead.',
      }];
    };
    throwProblems(this, 'the repository already has lifecycle rules', ownRules());
    this.claim(native.node.path);
    this.node.addValidation({ validate: () => messagesOf(ownRules()) });
    native.lifecyclePolicy = { lifecyclePolicyText: Lazy.uncachedString({ produce: () => this.text(stack) }) };
    return NativeGate.ensure(native, gate);
  }

  /** A second policy in the app would be put over this one, or be stopped by it, at every deployment. */
  private claim(identity: string): void {
    const other = claim(this, `lifecycle policy of ${identity}`);
    throwProblems(this, 'the repository already has a lifecycle policy', other === undefined ? [] : [{
      code: 'DD-REPOSITORY-008',
      pointer: other,
      message: `${other} is the lifecycle policy of the same repository; a repository has one.`,
      fix: 'Put all rules into one place (addRule, addLifecycleRule).',
    }]);
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
    const { problems, warnings } = renderPolicy(this.rules);
    throwProblems(this, 'the lifecycle policy is not valid', problems);
    annotate(this, warnings);
  }

  private atSynth(): readonly Problem[] {
    if (this.rules.length === 0) {
      return [{
        code: 'DD-LIFECYCLE-203', pointer: 'rules', message: 'The lifecycle policy has no rules.', fix: 'Give it one with `rules` or `addRule`, or leave the construct out.',
      }];
    }
    this.check();
    return this.native ? this.checkNative(this.native) : [];
  }

  private checkNative(native: ecr.CfnRepository): readonly Problem[] {
    const stack = Stack.of(native);
    const text = lifecyclePolicyText(native);
    return JSON.stringify(text) === JSON.stringify(stack.resolve(this.text(stack))) ? [] : [{
      code: 'DD-REPOSITORY-008', pointer: native.node.path, value: text,
      message: 'The lifecycle policy of the native repository was set or overridden after this construct wrote it, so these rules are lost.',
      fix: 'Remove the override, or this construct.',
    }];
  }
}
