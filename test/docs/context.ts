/**
 * What the snippets of the documents take as given. A block of code that is no whole app gets from here the names that it uses and does not
 * declare or import itself; it is type-checked against these, and never run.
 */
import { App, aws_ecr as ecr, aws_ecs, aws_iam as iam, aws_s3_assets as s3assets, aws_secretsmanager as secretsmanager, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { LifecyclePolicyProps, Repository } from 'cdk-drydock';

export { App, Duration, RemovalPolicy, Stack, aws_cloudwatch as cloudwatch, aws_ecr as ecr, aws_ecs as ecs, aws_iam as iam, aws_lambda as lambda } from 'aws-cdk-lib';
export { TagStatus } from 'aws-cdk-lib/aws-ecr';
export {
  CleanupMode, ImageCleanup, ImageCopy, ImageDigest, ImageSelection, ImageSource, ImageTag, InUse, LifecyclePolicy, PreviewGate, Refresh, RegistryCredentials, RegistryLogin,
  Repository, RepositoryPolicy, Retention,
} from 'cdk-drydock';
export { startEmulator } from '../../src/emulator';

export declare const app: App;
export declare const stack: Stack;
/** Repositories of the app. */
export declare const repository: ecr.IRepository;
export declare const web: Repository;
export declare const worker: Repository;
/** A scope of repositories that are kept as they are. */
export declare const archive: Construct;
export declare const taskDefinition: aws_ecs.FargateTaskDefinition;
/** A login to Docker Hub. */
export declare const hubLogin: secretsmanager.ISecret;
/** A docker archive or an OCI layout, as one file. */
export declare const asset: s3assets.Asset;
/** Who copies secrets into a cluster. */
export declare const externalSecretsUser: iam.IGrantable;
export declare const rules: LifecyclePolicyProps['rules'];
/** An inventory. */
export declare const seed: import('../../src/lifecycle/model').Inventory;
export declare const expect: jest.Expect;
/** A deployment of the reader's own. */
export declare function deploy(): Promise<void>;
