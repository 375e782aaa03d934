import { aws_iam as iam, aws_kms as kms, aws_lambda as lambda, CustomResource, Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { HandlerFunction } from './handler-function';
import { PULL_ACTIONS, PUSH_ACTIONS } from '../image-permissions';
import { REGISTRY_CREDENTIALS_TYPE } from '../image-resources';
import { SERVICE_TIMEOUT_SECONDS } from '../resources';

export interface CredentialsFunctionOptions {
  /** ARNs; a login may pull from these. */
  readonly pull: readonly string[];
  /** ARNs; a login may push to these, and pull. */
  readonly push: readonly string[];
  readonly secretArn: string;
  readonly encryptionKey?: kms.IKey;
}

/**
 * The function behind one login. A login may do what the role that asks for it may do, so the role is the login's alone: pulling from certain repositories, and
 * writing one secret.
 */
export class CredentialsFunction extends HandlerFunction {
  private readonly policy: iam.ManagedPolicy;

  constructor(scope: Construct, id: string, options: CredentialsFunctionOptions) {
    super(scope, id, {
      description: 'cdk-drydock: keeps a login to Amazon ECR fresh',
      roleDescription: 'What a login to ECR may do: whoever holds the login acts as this role',
      assetDirectory: 'credentials',
      memorySize: 256,
    });
    const { pull, push, secretArn, encryptionKey } = options;
    const statement = (actions: readonly string[], resources: readonly string[]) => new iam.PolicyStatement({ actions: [...actions], resources: [...resources] });
    this.policy = new iam.ManagedPolicy(this, 'Policy', {
      description: 'What a login to ECR may do, and where it is kept',
      roles: [this.role],
      statements: [
        // The action knows no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
        statement(['ecr:GetAuthorizationToken'], ['*']),
        statement(['secretsmanager:PutSecretValue'], [secretArn]),
        ...(pull.length + push.length === 0 ? [] : [statement(PULL_ACTIONS, [...pull, ...push])]),
        ...(push.length === 0 ? [] : [statement(PUSH_ACTIONS, push)]),
        ...(encryptionKey === undefined ? [] : [statement(['kms:Decrypt', 'kms:GenerateDataKey'], [encryptionKey.keyArn])]),
      ],
    });
  }

  public get lambda(): lambda.IFunction {
    return this.function;
  }

  /** Writes the first login with the deployment. */
  public firstLogin(scope: Construct, id: string, properties: Record<string, unknown>): CustomResource {
    const resource = new CustomResource(scope, id, {
      serviceToken: this.function.functionArn,
      serviceTimeout: Duration.seconds(SERVICE_TIMEOUT_SECONDS),
      resourceType: REGISTRY_CREDENTIALS_TYPE,
      properties,
    });
    resource.node.addDependency(this.policy);
    return resource;
  }
}
