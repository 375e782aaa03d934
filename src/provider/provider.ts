import { CustomResource, NestedStack, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { HandlerFunction } from './handler-function';
import { PermissionSet } from './permission-set';
import { InUseSource } from '../lifecycle/gate';
import { HANDLER_PERMISSIONS, HandlerPermission } from '../permissions';

const PROVIDER_ID = 'DrydockProvider';

export interface ResourceOptions {
  readonly resourceType: string;
  readonly properties: Record<string, unknown>;
  /** ARN of the repository; must not depend on a resource of ours. */
  readonly repositoryArn: string;
  readonly keyArn?: string;
  readonly gated?: boolean;
  /** Services that the gate asks for images in use. */
  readonly inUse?: readonly InUseSource[];
  readonly byLogicalId?: boolean;
  /**
   * A resource that other resources of the stack wait for: it waits for the permissions of its like only, which refer to nothing. Its repository may
   * get its name until the template is written.
   */
  readonly comesFirst?: boolean;
  readonly removalPolicy?: RemovalPolicy;
}

/** One stack's handler of repositories and their policies, made with the first construct that needs it. */
export class DrydockProvider extends HandlerFunction {
  public static getOrCreate(scope: Construct): DrydockProvider {
    const stack = Stack.of(scope);
    return (stack.node.tryFindChild(PROVIDER_ID) as DrydockProvider | undefined) ?? new DrydockProvider(stack, PROVIDER_ID);
  }

  private readonly permissions: PermissionSet;
  private readonly firstPermissions: PermissionSet;

  private constructor(scope: Construct, id: string) {
    super(scope, id, {
      description: 'cdk-drydock: previews and changes of Amazon ECR repositories',
      roleDescription: 'Changes ECR repositories, repository policies and lifecycle policies for the stack',
      assetDirectory: 'handler',
      memorySize: 512,
    });
    this.permissions = new PermissionSet(this, 'Permissions', this.role);
    this.firstPermissions = new PermissionSet(this, 'GatePermissions', this.role);
  }

  /** The custom resource of a construct, allowed what its type needs on its repository. */
  public resource(scope: Construct, id: string, options: ResourceOptions): CustomResource {
    const set = options.comesFirst ? this.firstPermissions : this.permissions;
    return this.handled(scope, id, options, set, HANDLER_PERMISSIONS[options.resourceType].filter((permission) => this.applies(permission, options)).map((permission) => ({
      action: permission.action,
      resource: this.resourceOf(permission, options),
      late: permission.on === 'repository' && options.comesFirst === true,
      ownTagsOnly: permission.ownTagsOnly ?? false,
    })));
  }

  private applies({ when }: HandlerPermission, options: ResourceOptions): boolean {
    switch (when) {
      case undefined: return true;
      case 'gate': return options.gated === true;
      case 'logical-id': return options.byLogicalId === true;
      case 'nested': return NestedStack.isNestedStack(Stack.of(this));
      case 'customer-key': return options.keyArn !== undefined;
      case 'ecs-in-use': return options.inUse?.includes('ecs') ?? false;
      case 'lambda-in-use': return options.inUse?.includes('lambda') ?? false;
    }
  }

  private resourceOf({ on }: HandlerPermission, options: ResourceOptions): string {
    switch (on) {
      case 'repository': return options.repositoryArn;
      case 'key': return options.keyArn!;
      case 'functions': case 'ecs-services': case 'ecs-tasks': return this.runningArn(on);
      case 'any': return '*';
      case 'own-stack': case 'root-stack': return this.stackArn(on);
    }
  }
}
