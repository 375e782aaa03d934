import { aws_ecr as ecr, Aspects, AspectPriority, CustomResource, IAspect, Lazy, Stack, Token } from 'aws-cdk-lib';
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

/** The very text that the native resource will put; tokens stay. */
export function lifecyclePolicyText(repository: ecr.CfnRepository): string | undefined {
  const policy = Stack.of(repository).resolve(repository.lifecyclePolicy) as { lifecyclePolicyText?: string } | undefined;
  return policy?.lifecyclePolicyText;
}

export function protectNativeRepositories(scope: IConstruct, property: GateProperty): void {
  // Read-only aspects come last; the rules that other aspects and late calls add are then there.
  Aspects.of(scope).add(new ProtectAspect(scope, property), { priority: AspectPriority.READONLY + 100 });
}

class ProtectAspect implements IAspect {
  constructor(private readonly scope: IConstruct, private readonly property: GateProperty) {}

  public visit(node: IConstruct): void {
    const repository = node instanceof Construct ? nativeRepository(node as unknown as ecr.IRepositoryRef) : undefined;
    if (repository === undefined || repository !== (node as unknown) || NativeGate.has(repository) || !this.isInnermost(node)) {
      return;
    }
    if (lifecyclePolicyText(repository) !== undefined) {
      NativeGate.ensure(repository, this.property);
    }
  }

  /** Whether no scope between ours and the repository brings a gate of its own, and ours is the last on its scope. */
  private isInnermost(node: IConstruct): boolean {
    const path = node.node.scopes;
    const inner = path.slice(path.indexOf(this.scope) + 1).some((scope) => Aspects.of(scope).all.some((aspect) => aspect instanceof ProtectAspect));
    const own = Aspects.of(this.scope).all.filter((aspect) => aspect instanceof ProtectAspect);
    return !inner && own[own.length - 1] === this;
  }
}

/** CloudFormation generates `<stack>-<logical id>-<suffix>`, in lower case. */
function generatedNames(stack: Stack): string {
  return Token.isUnresolved(stack.stackName) ? '*' : `${stack.stackName.toLowerCase()}-*`;
}
