import { CustomResource, NestedStack, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CopyWorkflow } from './copy-workflow';
import { HandlerFunction, HandledResource } from './handler-function';
import { PermissionSet } from './permission-set';
import { IMAGE_PERMISSIONS, ImagePlace, ImageSituation, isNeeded } from '../image-permissions';
import { IMAGE_FUNCTION_MEMORY_MEBIBYTES } from '../image-resources';

const PROVIDER_ID = 'DrydockImageProvider';

export interface ImageResourceOptions extends HandledResource {
  /** ARNs by place; none may depend on a resource of ours. */
  readonly places: Readonly<Partial<Record<Exclude<ImagePlace, 'own-stack' | 'root-stack' | 'anything' | 'functions' | 'ecs-services' | 'ecs-tasks'>, string>>>;
  /** What else holds of the resource; whether its stack is nested is known here. */
  readonly situations?: readonly Exclude<ImageSituation, 'nested'>[];
}

/** One stack's handler of images, made with the first construct that needs it: it moves bytes, so it is a function of its own, with other limits. */
export class ImageProvider extends HandlerFunction {
  public static getOrCreate(scope: Construct): ImageProvider {
    const stack = Stack.of(scope);
    return (stack.node.tryFindChild(PROVIDER_ID) as ImageProvider | undefined) ?? new ImageProvider(stack, PROVIDER_ID);
  }

  private readonly permissions: PermissionSet;
  private workflow?: CopyWorkflow;

  private constructor(scope: Construct, id: string) {
    super(scope, id, {
      description: 'cdk-drydock: images of Amazon ECR repositories',
      roleDescription: 'Copies, tags, finds and deletes ECR images for the stack',
      assetDirectory: 'images',
      memorySize: IMAGE_FUNCTION_MEMORY_MEBIBYTES,
    });
    this.permissions = new PermissionSet(this, 'Permissions', this.role);
  }

  /** ARN of the function, for what else invokes it. */
  public get functionArn(): string {
    return this.function.functionArn;
  }

  /** ARN of the state machine that continues copies, made with the first that asks for it. */
  public copyWorkflow(): string {
    this.workflow ??= new CopyWorkflow(this, 'CopyWorkflow', this.function);
    return this.workflow.stateMachineArn;
  }

  /** The custom resource of a construct, allowed what its type needs on the places that it names. */
  public resource(scope: Construct, id: string, options: ImageResourceOptions): CustomResource {
    const situations: ImageSituation[] = [...options.situations ?? [], ...(NestedStack.isNestedStack(Stack.of(this)) ? ['nested' as const] : [])];
    const permissions = IMAGE_PERMISSIONS[options.resourceType].filter((permission) => isNeeded(permission, situations)).flatMap((permission) => {
      const resource = this.placeOf(permission.on, options);
      return resource === undefined ? [] : [{ action: permission.action, resource, late: false, ownTagsOnly: permission.ownTagsOnly ?? false }];
    });
    return this.handled(scope, id, options, this.permissions, permissions);
  }

  private placeOf(on: ImagePlace, options: ImageResourceOptions): string | undefined {
    switch (on) {
      case 'own-stack': case 'root-stack': return this.stackArn(on);
      case 'anything': return '*';
      case 'functions': case 'ecs-services': case 'ecs-tasks': return this.runningArn(on);
      default: return options.places[on];
    }
  }
}
