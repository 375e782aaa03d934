import {
  aws_cloudwatch as cloudwatch, aws_ecr as ecr, aws_events as events, aws_events_targets as targets, aws_iam as iam, aws_kms as kms,
  aws_secretsmanager as secretsmanager, Duration, RemovalPolicy, Resource, Stack, Token,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { throwProblems } from './construct-support';
import { Problem } from './errors';
import { CredentialsFunction } from './provider/credentials-function';
import { repositoryTarget } from './target';

/** Properties of `RegistryCredentials`. */
export interface RegistryCredentialsProps {
  /**
   * The repositories that may be pulled from with the login, and no others. They are of the Region of the stack; one of another account must allow the pull
   * to this stack's account, or to `grantPrincipal`, in its own policy.
   *
   * @default - none; then `pushRepositories` must name some
   */
  readonly repositories?: ecr.IRepositoryRef[];

  /**
   * The repositories that may be pushed to and pulled from with the login. Whoever can read the secret can then overwrite their tags, as far as these are mutable.
   *
   * @default - none: the login can only pull
   */
  readonly pushRepositories?: ecr.IRepositoryRef[];

  /**
   * How often a new login is made: 1 to 6 hours. A login is valid for 12 hours, so that one that failed to be made anew, and the time until whoever uses the
   * secret has read it again, leave no gap.
   *
   * @default Duration.hours(6)
   */
  readonly rotateEvery?: Duration;

  /**
   * Name of the secret.
   *
   * @default - made by CloudFormation
   */
  readonly secretName?: string;

  /**
   * Key that encrypts the secret.
   *
   * @default - the key that AWS manages for Secrets Manager
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What becomes of the secret when the construct goes. A retained one is not made anew any more: its login ends within 12 hours.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * A login to ECR, kept fresh in a secret: for clusters, CI systems and machines outside AWS that pull with user name and password. The secret holds a docker
 * configuration (`{"auths": {"HOST": {"auth": "..."}}}`), which is what Kubernetes calls `kubernetes.io/dockerconfigjson`.
 *
 * The login is made with the deployment and from then on by a schedule. It is never in the template, in a log or in an attribute. A login can do what
 * the role can do that asked for it, so there is one function and one role for each `RegistryCredentials`, and the role can pull from the given repositories
 * only.
 *
 * Made in the stack: a secret, a function with role and log group, a managed policy, an EventBridge rule.
 *
 * Errors at synth: DD-IMAGE-570, DD-IMAGE-571, DD-REPOSITORY-006.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html
 *
 * @example
 * declare const clusterRole: iam.IRole;
 * const credentials = new RegistryCredentials(this, 'OnPremises', {
 *   repositories: [Repository.fromRepositoryName(this, 'Api', 'shop/api')],
 *   rotateEvery: Duration.hours(4),
 * });
 * credentials.grantRead(clusterRole);
 */
export class RegistryCredentials extends Resource implements iam.IGrantable {
  /** The secret that holds the login. */
  public readonly secret: secretsmanager.ISecret;

  /** The role behind the login: whom repositories of other accounts must allow to pull. */
  public readonly grantPrincipal: iam.IPrincipal;

  private readonly function: CredentialsFunction;

  constructor(scope: Construct, id: string, props: RegistryCredentialsProps) {
    super(scope, id);
    const interval = props.rotateEvery ?? Duration.hours(6);
    throwProblems(this, 'the login cannot be made', problemsOf(props, interval));
    const pull = (props.repositories ?? []).map((repository) => repositoryTarget(this, repository));
    const push = (props.pushRepositories ?? []).map((repository) => repositoryTarget(this, repository));
    const registries = [...new Set([...(props.repositories ?? []), ...(props.pushRepositories ?? [])].map((repository) => this.registryOf(repository)))];

    const resource = new secretsmanager.CfnSecret(this, 'Secret', {
      name: props.secretName,
      description: `Login to ${Token.isUnresolved(registries) ? 'Amazon ECR' : registries.join(', ')}, made anew every ${interval.toHumanString()}`,
      kmsKeyId: props.encryptionKey?.keyArn,
    });
    resource.applyRemovalPolicy(props.removalPolicy ?? RemovalPolicy.DESTROY);
    this.secret = secretsmanager.Secret.fromSecretAttributes(this, 'Login', { secretCompleteArn: resource.ref, encryptionKey: props.encryptionKey });
    this.function = new CredentialsFunction(this, 'Function', {
      pull: pull.map(({ permissionArn }) => permissionArn), push: push.map(({ permissionArn }) => permissionArn), secretArn: resource.ref, encryptionKey: props.encryptionKey,
    });
    this.grantPrincipal = this.function.lambda.grantPrincipal;
    const login = { SecretArn: resource.ref, Registries: registries };
    const first = this.function.firstLogin(this, 'Resource', login);
    const rule = new events.Rule(this, 'Schedule', {
      description: 'Makes a login to Amazon ECR anew',
      schedule: events.Schedule.rate(interval),
      targets: [new targets.LambdaFunction(this.function.lambda, { event: events.RuleTargetInput.fromObject({ DrydockLogin: login }) })],
    });
    rule.node.addDependency(first);
  }

  /**
   * Allows somebody to read the login; with it, they can do what the login can do, for up to 12 hours after they have read it.
   *
   * @param grantee who may read it
   */
  public grantRead(grantee: iam.IGrantable): iam.Grant {
    return this.secret.grantRead(grantee);
  }

  /**
   * How often the login could not be made anew (`AWS/Lambda`, `Errors`): each failure is tried three times. An alarm at one or more within six hours leaves
   * six hours to react.
   *
   * @param props options of the metric
   */
  public metricErrors(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.function.lambda.metricErrors(props);
  }

  private registryOf({ env }: ecr.IRepositoryRef): string {
    const stack = Stack.of(this);
    return `${env.account}.dkr.ecr.${stack.region}.${stack.urlSuffix}`;
  }
}

function problemsOf({ repositories = [], pushRepositories = [] }: RegistryCredentialsProps, interval: Duration): Problem[] {
  const problems: Problem[] = [];
  if (repositories.length + pushRepositories.length === 0) {
    problems.push({ code: 'DD-IMAGE-570', pointer: 'repositories', message: 'The login is for no repository.', fix: 'Name those that may be pulled from.' });
  }
  if (!interval.isUnresolved() && (interval.toMilliseconds() < 3_600_000 || interval.toMilliseconds() > 6 * 3_600_000 || interval.toMilliseconds() % 60_000 !== 0)) {
    problems.push({
      code: 'DD-IMAGE-571', pointer: 'rotateEvery', value: interval.toHumanString(),
      message: `A login is valid for 12 hours, and ${interval.toHumanString()} is not from 1 to 6 hours.`,
      fix: 'Take 1 to 6 hours: then one failure in between is no gap.',
    });
  }
  return problems;
}
