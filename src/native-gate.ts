import { aws_ecr as ecr, Aspects, AspectPriority, CustomResource, IAspect, Lazy, Stack, Stage } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';
import { deployedStackName, messagesOf } from './construct-support';
import { isNativeRepository, lifecyclePolicyText, synthesizedProperties } from './native-repository';
import { DrydockProvider } from './provider/provider';
import { GateProperty, PREVIEW_GATE_TYPE } from './resources';

const GATE_ID = 'DrydockPreviewGate';

/**
 * The gate in front of a repository that CloudFormation manages: a resource on which the repository depends, so that it decides before CloudFormation
 * touches anything. It must not refer to the repository (that would be a cycle): a repository without a name of its own is found by its logical id.
 */
export class NativeGate extends Construct {
  /** The gate of the repository, made when there is none. */
  public static ensure(repository: ecr.CfnRepository, property: GateProperty): NativeGate {
    return GATES.get(repository) ?? new NativeGate(repository, property);
  }

  private readonly resource: CustomResource;

  private constructor(repository: ecr.CfnRepository, property: GateProperty) {
    // Beside the resource: a construct cannot wait for what is inside it.
    super(repository.node.scope!, repository.node.id === 'Resource' ? GATE_ID : `${repository.node.id}${GATE_ID}`);
    GATES.set(repository, this);
    const stack = Stack.of(repository);
    // Everything is read when the template is written: aspects give names, and overrides rules, at any time.
    const nameIn = (properties: Record<string, unknown>) => properties.RepositoryName;
    const byLogicalId = nameIn(synthesizedProperties(repository)) === undefined;
    this.resource = DrydockProvider.getOrCreate(repository).resource(this, 'Resource', {
      resourceType: PREVIEW_GATE_TYPE,
      comesFirst: true,
      repositoryArn: stack.formatArn({
        service: 'ecr',
        resource: 'repository',
        resourceName: Lazy.uncachedString({ produce: (context) => nameIn(synthesizedProperties(repository, context)) as string | undefined ?? generatedNames(repository) }),
      }),
      gated: property !== 'off',
      inUse: property === 'off' ? undefined : property.InUse,
      byLogicalId: byLogicalId && property !== 'off',
      properties: {
        RepositoryName: Lazy.uncachedAny({ produce: (context) => nameIn(synthesizedProperties(repository, context)) }),
        RepositoryLogicalId: Lazy.uncachedAny({
          produce: (context) => nameIn(synthesizedProperties(repository, context)) === undefined ? repository.logicalId : undefined,
        }),
        LifecyclePolicyText: Lazy.uncachedAny({ produce: (context) => lifecyclePolicyText(repository, context) }),
        PreviewGate: property,
      },
    });
    repository.node.addDependency(this);
  }

  /** The value of an attribute, see `PREVIEW_ATTRIBUTES`. */
  public attribute(name: string): string {
    return this.resource.getAttString(name);
  }
}

/** The gates that were made. */
const GATES = new WeakMap<IConstruct, NativeGate>();

/** The gates that `PreviewGate.protect` asked for, by the scope that it was asked for. */
const PROTECTED = new WeakMap<IConstruct, GateProperty>();

export function protectNativeRepositories(scope: IConstruct, property: GateProperty): void {
  // By design aspects stop at the boundary of a stage: https://github.com/aws/aws-cdk/issues/20468
  [scope, ...scope.node.findAll().filter((node) => Stage.isStage(node))].forEach(addAspect);
  if (!PROTECTED.has(scope)) {
    scope.node.addValidation({ validate: () => ungated(scope) });
  }
  PROTECTED.set(scope, property);
}

const GATE_ASPECT: IAspect = {
  visit(node: IConstruct): void {
    if (needsGate(node)) {
      NativeGate.ensure(node, protectionOf(node)!);
    }
  },
};

function addAspect(scope: IConstruct): void {
  if (!Aspects.of(scope).all.includes(GATE_ASPECT)) {
    // Read-only aspects come last; the rules that other aspects and late calls add are then there.
    Aspects.of(scope).add(GATE_ASPECT, { priority: AspectPriority.READONLY + 100 });
  }
}

function needsGate(node: IConstruct): node is ecr.CfnRepository {
  if (!isNativeRepository(node) || GATES.has(node)) {
    return false;
  }
  const protection = protectionOf(node);
  return protection !== undefined && protection !== 'off' && lifecyclePolicyText(node) !== undefined;
}

/** What the innermost protected scope says. */
export function protectionOf(node: IConstruct): GateProperty | undefined {
  const scope = [...node.node.scopes].reverse().find((ancestor) => PROTECTED.has(ancestor));
  return scope && PROTECTED.get(scope);
}

/** Repositories that the aspect missed: in a stage that was made later, or whose rules came from an aspect that ran even later. */
function ungated(scope: IConstruct): string[] {
  return messagesOf(scope.node.findAll().filter(needsGate).map((repository) => ({
    code: 'DD-REPOSITORY-011',
    pointer: repository.node.path,
    message: 'PreviewGate.protect was to gate this repository and could not: its stage was made afterwards or synthesized before, or its rules came later still.',
    fix: 'Call PreviewGate.protect after the stages are made and before any is added to a pipeline, or call it with the stage.',
  })));
}

/** CloudFormation generates `<stack>-<logical id>-<suffix>`, in lower case; the name of a nested stack begins with its parent's. */
function generatedNames(repository: ecr.CfnRepository): string {
  const stackName = deployedStackName(repository);
  return stackName === undefined ? '*' : `${stackName.toLowerCase()}-*`;
}
