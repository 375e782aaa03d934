import { Annotations, aws_ecr as ecr, Aspects, AspectPriority, CfnResource, IAspect, Stack, Stage } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { claimantOf, messagesOf } from './construct-support';
import { DrydockError, Problem } from './errors';
import { canonicalPolicyText } from './lifecycle/canonical';
import { renderPolicy } from './lifecycle-document';
import { LifecyclePolicy } from './lifecycle-policy';
import { LifecycleRule } from './lifecycle-rule';
import { protectionOf } from './native-gate';
import { isNativeRepository, lifecyclePolicyText, synthesizedProperties } from './native-repository';
import { PreviewGate } from './preview-gate';
import { Repository } from './repository';
import { identityOf } from './target';

/** Options of `Retention.add`. */
export interface RetentionOptions {
  /**
   * What stops a deployment that adds the rules to a repository with images. A `Repository` of this library that has a gate of its own keeps it.
   *
   * @default - the gate of `PreviewGate.protect` where it covers the repository, otherwise PreviewGate.standard()
   */
  readonly previewGate?: PreviewGate;
}

/**
 * Retention across an app: demands that every repository has a lifecycle policy, or gives those that have none a default one. An aspect; it knows the
 * repositories of this library, those that CloudFormation manages (`ecr.Repository`, `CfnRepository`), and repository creation templates.
 *
 * Errors at synth: DD-RETENTION-001, DD-RETENTION-002; for the rules DD-LIFECYCLE-001 to -019, DD-LIFECYCLE-201 to -204.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
 *
 * @example
 * // Repositories of the app without a lifecycle policy get this one.
 * Retention.add([
 *   { description: 'leftovers of builds', tagPatternList: ['build-*'], maxImageAge: Duration.days(30) },
 * ]).applyTo(app);
 */
export class Retention implements IAspect {
  /** An error for every repository without lifecycle policy: its images stay, and are paid for, until somebody deletes them. */
  public static require(): Retention {
    return new Retention();
  }

  /**
   * A default policy for every repository without lifecycle policy. Throws for rules that ECR would refuse.
   *
   * @param rules the rules, in reading order: at least one, at most 50
   * @param options what stops the deployment
   */
  public static add(rules: LifecycleRule[], options: RetentionOptions = {}): Retention {
    return new Retention(checked(rules), options.previewGate);
  }

  /**
   * Leaves a scope out: nothing is demanded of the repositories in it, and nothing is added.
   *
   * @param scope a repository, or any construct around repositories
   */
  public static exempt(scope: IConstruct): void {
    EXEMPT.add(scope);
  }

  private readonly visited = new WeakSet<IConstruct>();

  private constructor(private readonly rules?: LifecycleRule[], private readonly gate?: PreviewGate) {}

  /**
   * Applies it to everything below a scope, stages included, after other aspects have changed what they change and before the gates of
   * `PreviewGate.protect` are put: the same as `Aspects.of(scope).add` with the right priority for the scope and each stage in it. Where several add rules,
   * the innermost scope's count. Call it after the stages of an app are made (DD-RETENTION-002).
   *
   * @param scope an app, a stage, a stack or any construct
   */
  public applyTo(scope: IConstruct): void {
    const priority = this.rules === undefined ? AspectPriority.READONLY : AspectPriority.READONLY - 100;
    // By design aspects stop at the boundary of a stage: https://github.com/aws/aws-cdk/issues/20468
    for (const place of [scope, ...scope.node.findAll().filter((node) => Stage.isStage(node))]) {
      if (!Aspects.of(place).all.includes(this)) {
        Aspects.of(place).add(this, { priority });
      }
    }
    if (this.rules !== undefined) {
      ADDED.set(scope, this);
    }
    scope.node.addValidation({ validate: () => this.missed(scope) });
  }

  /**
   * Called by the CDK for every construct.
   *
   * @param node the construct
   */
  public visit(node: IConstruct): void {
    this.visited.add(node);
    if (!lacksRetention(node)) {
      return;
    }
    if (this.rules === undefined) {
      Annotations.of(namedBy(node)).addError(messagesOf([without(node)])[0]);
    } else if ((innermost(node) ?? this) === this) {
      this.addTo(node, this.rules);
    }
  }

  private addTo(node: Unretained, rules: LifecycleRule[]): void {
    if (node instanceof Repository) {
      node._addRetention(rules, this.gate);
    } else if (isTemplate(node)) {
      const stack = Stack.of(node);
      const { document } = renderPolicy(rules);
      const isPlain = JSON.stringify(stack.resolve(document)) === JSON.stringify(document);
      node.lifecyclePolicy = isPlain ? canonicalPolicyText(document) : stack.toJsonString(document);
    } else {
      const protection = protectionOf(node);
      new LifecyclePolicy(node.node.scope!, node.node.id === 'Resource' ? ID : `${node.node.id}${ID}`, {
        repository: node, rules, previewGate: this.gate ?? (protection && PreviewGate._from(protection)),
      });
    }
  }

  private missed(scope: IConstruct): string[] {
    return messagesOf(scope.node.findAll().filter((node) => !this.visited.has(node) && lacksRetention(node)).map((node) => ({
      code: 'DD-RETENTION-002',
      pointer: namedBy(node).node.path,
      message: 'Retention.applyTo was to see this repository and could not: its stage was made afterwards or synthesized before.',
      fix: 'Call applyTo after the stages are made and before any is added to a pipeline, or call it with the stage.',
    })));
  }
}

type Unretained = Repository | ecr.CfnRepository | ecr.CfnRepositoryCreationTemplate;

const ID = 'DrydockRetention';

const EXEMPT = new WeakSet<IConstruct>();

/** Who adds rules, by the scope that it was asked for. */
const ADDED = new WeakMap<IConstruct, Retention>();

function innermost(node: IConstruct): Retention | undefined {
  const scope = [...node.node.scopes].reverse().find((ancestor) => ADDED.has(ancestor));
  return scope && ADDED.get(scope);
}

function lacksRetention(node: IConstruct): node is Unretained {
  if (node.node.scopes.some((scope) => EXEMPT.has(scope))) {
    return false;
  }
  if (node instanceof Repository) {
    return claimantOf(node, `lifecycle policy of ${identityOf(node, node._literal.repositoryName)}`) === undefined;
  }
  return isNativeRepository(node) ? lifecyclePolicyText(node) === undefined : isTemplate(node) && synthesizedProperties(node).LifecyclePolicy === undefined;
}

function isTemplate(node: IConstruct): node is ecr.CfnRepositoryCreationTemplate {
  return CfnResource.isCfnResource(node) && node.cfnResourceType === ecr.CfnRepositoryCreationTemplate.CFN_RESOURCE_TYPE_NAME;
}

/** The construct that the app's author knows. */
function namedBy(node: IConstruct): IConstruct {
  return node.node.id === 'Resource' && node.node.scope !== undefined ? node.node.scope : node;
}

function without(node: IConstruct): Problem {
  const what = isTemplate(node) ? 'The repository creation template makes repositories without lifecycle policy' : 'The repository has no lifecycle policy';
  return {
    code: 'DD-RETENTION-001',
    pointer: namedBy(node).node.path,
    message: `${what}: images stay until somebody deletes them.`,
    fix: 'Give it lifecycle rules, use Retention.add for default ones, or leave it out with Retention.exempt.',
  };
}

function checked(rules: LifecycleRule[]): LifecycleRule[] {
  const problems = rules.length > 0 ? renderPolicy(rules).problems : [{
    code: 'DD-LIFECYCLE-203', pointer: 'rules', message: 'The retention has no rules.', fix: 'Give at least one rule, or use Retention.require().',
  }];
  if (problems.length > 0) {
    throw new DrydockError(problems, { heading: 'The retention cannot be used:' });
  }
  return [...rules];
}
