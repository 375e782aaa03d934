import { join } from 'node:path';
import { ArnFormat, aws_iam as iam, aws_lambda as lambda, aws_logs as logs, CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { Permission, PermissionSet } from './permission-set';
import { outermostStack } from '../construct-support';
import { FUNCTION_TIMEOUT_SECONDS, SERVICE_TIMEOUT_SECONDS } from '../resources';

export interface HandlerFunctionOptions {
  /** Of the function. */
  readonly description: string;
  readonly roleDescription: string;
  /** Directory below `assets`; its `index.js` exports `handler`. */
  readonly assetDirectory: string;
  readonly memorySize: number;
}

export interface HandledResource {
  readonly resourceType: string;
  readonly properties: Record<string, unknown>;
  readonly removalPolicy?: RemovalPolicy;
  /** How long CloudFormation waits for the answer; as long as one invocation takes when absent. */
  readonly serviceTimeoutSeconds?: number;
}

/** One function of a stack: with its role and its log group. What it may do, its resources say one by one. */
export abstract class HandlerFunction extends Construct {
  protected readonly role: iam.Role;
  protected readonly function: lambda.Function;

  protected constructor(scope: Construct, id: string, options: HandlerFunctionOptions) {
    super(scope, id);
    const logGroup = new logs.LogGroup(this, 'Logs', { retention: logs.RetentionDays.THREE_MONTHS, removalPolicy: RemovalPolicy.DESTROY });
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: options.roleDescription,
      inlinePolicies: {
        Logs: new iam.PolicyDocument({
          statements: [new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] })],
        }),
      },
    });
    this.function = new lambda.Function(this, 'Handler', {
      description: options.description,
      code: lambda.Code.fromAsset(join(__dirname, '..', '..', 'assets', options.assetDirectory), { exclude: ['*.map'] }),
      handler: 'index.handler',
      // Named, because the newest runtime that aws-cdk-lib knows changes from release to release. 24 is in every Region and the one supported longest.
      // https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
      runtime: lambda.Runtime.NODEJS_24_X,
      memorySize: options.memorySize,
      timeout: Duration.seconds(FUNCTION_TIMEOUT_SECONDS),
      role: this.role,
      logGroup,
    });
  }

  /** The stack that an action on the stack itself is allowed on. */
  protected stackArn(which: 'own-stack' | 'root-stack'): string {
    const stack = Stack.of(this);
    return (which === 'own-stack' ? stack : outermostStack(stack)).stackId;
  }

  /** Everything of a kind that runs images in the account and Region. */
  protected runningArn(kind: 'functions' | 'ecs-services' | 'ecs-tasks'): string {
    const stack = Stack.of(this);
    return kind === 'functions'
      ? stack.formatArn({ service: 'lambda', resource: 'function', resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME })
      : stack.formatArn({ service: 'ecs', resource: kind === 'ecs-services' ? 'service' : 'task', resourceName: '*' });
  }

  /** A custom resource of this function that waits for what it needs. */
  protected handled(scope: Construct, id: string, resource: HandledResource, set: PermissionSet, permissions: readonly Permission[]): CustomResource {
    set.allow(permissions);
    const custom = new CustomResource(scope, id, {
      serviceToken: this.function.functionArn,
      serviceTimeout: Duration.seconds(resource.serviceTimeoutSeconds ?? SERVICE_TIMEOUT_SECONDS),
      resourceType: resource.resourceType,
      properties: resource.properties,
      removalPolicy: resource.removalPolicy,
    });
    custom.node.addDependency(set);
    return custom;
  }
}
