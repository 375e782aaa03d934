import { aws_ecr as ecr, Aspects, AspectPriority, CustomResource, IAspect, Lazy, Stack, Stage, Token } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';
import { DrydockProvider } from './provider/provider';
import { GateProperty, PREVIEW_GATE_TYPE } from './resources';
import { nativeRepository } from './target';

const GATE_ID = 'DrydockPreviewGate';

/**
 * The gate in front of a repository that CloudFormation manages: a resource on which the repository depends, so that it decides before CloudFormation
 * touches anything. It must not refer to the repository (that would be a cycle): a repository without a name of its own is found by its logical id.
 */
export class NativeGate extends Construct {
  /** The gate of the repository, made when there is none. */
  public static ensure(repository: ecr.CfnRepository, property: GateProperty): NativeGate {
    const existing = repository.node.tryFindChild(GATE_ID) as NativeGate | undefined;
    return existing ?? new NativeGate(repository, property);
  }

  public static has(repository: ecr.CfnRepository): boolean {
    return repository.node.tryFindChild(GATE_ID) !== undefined;
  }

  private readonly resource: CustomResource;

  private constructor(repository: ecr.CfnRepository, property: GateProperty) {
    super(repository, GATE_ID);
    const stack = Stack.of(repository);
    // The L2 sets a name that resolves to nothing where CloudFormation is to make one.
    const name = stack.resolve(repository.repositoryName) === undefined ? undefined : repository.repositoryName;
    const byLogicalId = name === undefined;
    this.resource = DrydockProvider.getOrCreate(repository).resource(this, 'Resource', {
      resourceType: PREVIEW_GATE_TYPE,
      repositoryArn: stack.formatArn({ service: 'ecr', resource: 'repository', resourceName: name ?? generatedNames(stack) }),
      gated: property !== 'off',
      byLogicalId: byLogicalId && property !== 'off',
      properties: {
        RepositoryName: name,
        RepositoryLogicalId: byLogicalId ? stack.getLogicalId(repository) : undefined,
        LifecyclePolicyText: Lazy.any({ produce: () => lifecyclePolicyText(repository) }),
        PreviewGate: property,
      },
    });
    // Only the repository itself waits, not the gate below it: a dependency on the construct would be a cycle.
    repository.addDependency(this.resource.node.defaultChild as ecr.CfnRepository);
  }

  /** The value of an attribute, see `PREVIEW_ATTRIBUTES`. */
  public attribute(name: string): string {
    return this.resource.getAttString(name);
  }
}

/** The very text that the native resource will put, overrides included: they are how people give the L2 rules that it does not know. Tokens stay. */
export function lifecyclePolicyText(repository: ecr.CfnRepository): unknown {
  interface Rendered {
    readonly Resources: Record<string, { readonly Properties?: { readonly LifecyclePolicy?: { readonly LifecyclePolicyText?: unknown } } }>;
  }
  const { Resources } = Stack.of(repository).resolve(repository._toCloudFormation()) as Rendered;
  return Object.values(Resources)[0].Properties?.LifecyclePolicy?.LifecyclePolicyText;
}

export function protectNativeRepositories(scope: IConstruct, property: GateProperty): void {
  const aspect = new ProtectAspect(scope, property);
  // CDK does not carry aspects over the boundary of a stage (aws-cdk #11041), so every stage below gets the aspect as well.
  for (const node of [scope, ...scope.node.findAll().filter((child) => child !== scope && Stage.isStage(child))]) {
    // Read-only aspects come last; the rules that other aspects and late calls add are then there.
    Aspects.of(node).add(aspect, { priority: AspectPriority.READONLY + 100 });
  }
  scope.node.addValidation({ validate: () => aspect.missed() });
}

class ProtectAspect implements IAspect {
  constructor(public readonly scope: IConstruct, private readonly property: GateProperty) {}

  public visit(node: IConstruct): void {
    if (this.isUngated(node)) {
      NativeGate.ensure(node, this.property);
    }
  }

  /** A stage that was added after the call has no gates; that must not go unnoticed. */
  public missed(): string[] {
    return this.scope.node.findAll().filter((node) => this.isUngated(node)).map((node) =>
      `DD-REPOSITORY-011 at ${node.node.path}: PreviewGate.protect was called before this repository's stage was made, so no gate stands before it. Fix: Call it after the stages.`);
  }

  private isUngated(node: IConstruct): node is ecr.CfnRepository {
    const repository = node instanceof Construct ? nativeRepository(node as unknown as ecr.IRepositoryRef) : undefined;
    return repository !== undefined && repository === (node as unknown) && !NativeGate.has(repository) && this.isInnermost(node)
      && lifecyclePolicyText(repository) !== undefined;
  }

  /** Whether no scope between ours and the repository brings a gate of its own, and ours is the last on its scope. */
  private isInnermost(node: IConstruct): boolean {
    const path = node.node.scopes;
    const inner = path.slice(path.indexOf(this.scope) + 1).some((scope) => Aspects.of(scope).all.some((aspect) => aspect instanceof ProtectAspect && aspect.scope === scope));
    const own = Aspects.of(this.scope).all.filter((aspect) => aspect instanceof ProtectAspect && aspect.scope === this.scope);
    return !inner && own[own.length - 1] === this;
  }
}

/** CloudFormation generates `<stack>-<logical id>-<suffix>`, in lower case. */
function generatedNames(stack: Stack): string {
  return Token.isUnresolved(stack.stackName) ? '*' : `${stack.stackName.toLowerCase()}-*`;
}
