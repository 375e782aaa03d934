import { join } from 'node:path';
import {
  aws_iam as iam, aws_lambda as lambda, aws_logs as logs, CustomResource, Duration, NestedStack, RemovalPolicy, Stack,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { PermissionSet } from './permission-set';
import { outermostStack } from '../construct-support';
import { HANDLER_PERMISSIONS, HandlerPermission } from '../permissions';
import { FUNCTION_TIMEOUT_SECONDS, SERVICE_TIMEOUT_SECONDS } from '../resources';

const PROVIDER_ID = 'DrydockProvider';

export interface ResourceOptions {
  readonly resourceType: string;
  readonly properties: Record<string, unknown>;
  /** ARN of the repository; must not depend on a resource of ours. */
  readonly repositoryArn: string;
  readonly keyArn?: string;
  readonly gated?: boolean;
  readonly byLogicalId?: boolean;
  /**
   * A resource that other resources of the stack wait for: it waits for the permissions of its like only, which refer to nothing. Its repository may
   * get its name until the template is written.
   */
  readonly comesFirst?: boolean;
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * One stack's handler: a function, its role and its log group, made with the first construct that needs it.
 */
export class DrydockProvider extends Construct {
  public static getOrCreate(scope: Construct): DrydockProvider {
    const stack = Stack.of(scope);
    return (stack.node.tryFindChild(PROVIDER_ID) as DrydockProvider | undefined) ?? new DrydockProvider(stack, PROVIDER_ID);
  }

  private readonly serviceToken: string;
  private readonly permissions: PermissionSet;
  private readonly firstPermissions: PermissionSet;

  private constructor(scope: Construct, id: string) {
    super(scope, id);
    const logGroup = new logs.LogGroup(this, 'Logs', { retention: logs.RetentionDays.THREE_MONTHS, removalPolicy: RemovalPolicy.DESTROY });
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: 'Changes ECR repositories, repository policies and lifecycle policies for the stack',
      inlinePolicies: {
        Logs: new iam.PolicyDocument({
          statements: [new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] })],
        }),
      },
    });
    const handler = new lambda.Function(this, 'Handler', {
      description: 'cdk-drydock: previews and changes of Amazon ECR repositories',
      code: lambda.Code.fromAsset(join(__dirname, '..', '..', 'assets', 'handler'), { exclude: ['*.map'] }),
      handler: 'index.handler',
      // Named, because the newest runtime that aws-cdk-lib knows changes from release to release. 24 is in every Region and the one supported longest.
      // https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
      runtime: lambda.Runtime.NODEJS_24_X,
      memorySize: 512,
      timeout: Duration.seconds(FUNCTION_TIMEOUT_SECONDS),
      role,
      logGroup,
    });
    this.serviceToken = handler.functionArn;
    this.permissions = new PermissionSet(this, 'Permissions', role);
    this.firstPermissions = new PermissionSet(this, 'GatePermissions', role);
  }

  /** The custom resource of a construct, allowed what its type needs on its repository. */
  public resource(scope: Construct, id: string, options: ResourceOptions): CustomResource {
    const permissions = options.comesFirst ? this.firstPermissions : this.permissions;
    permissions.allow(HANDLER_PERMISSIONS[options.resourceType].filter((permission) => this.applies(permission, options)).map((permission) => ({
      action: permission.action,
      resource: this.resourceOf(permission, options),
      late: permission.on === 'repository' && options.comesFirst === true,
      ownTagsOnly: permission.ownTagsOnly ?? false,
    })));
    const resource = new CustomResource(scope, id, {
      serviceToken: this.serviceToken,
      serviceTimeout: Duration.seconds(SERVICE_TIMEOUT_SECONDS),
      resourceType: options.resourceType,
      properties: options.properties,
      removalPolicy: options.removalPolicy,
    });
    resource.node.addDependency(permissions);
    return resource;
  }

  private applies({ when }: HandlerPermission, options: ResourceOptions): boolean {
    switch (when) {
      case undefined: return true;
      case 'gate': return options.gated === true;
      case 'logical-id': return options.byLogicalId === true;
      case 'nested': return NestedStack.isNestedStack(Stack.of(this));
      case 'customer-key': return options.keyArn !== undefined;
    }
  }

  private resourceOf({ on }: HandlerPermission, options: ResourceOptions): string {
    switch (on) {
      case 'repository': return options.repositoryArn;
      case 'key': return options.keyArn!;
      case 'own-stack': return Stack.of(this).stackId;
      case 'root-stack': return outermostStack(Stack.of(this)).stackId;
    }
  }
}
