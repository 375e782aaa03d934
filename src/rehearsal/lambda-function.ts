import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { FunctionSettings } from './handler-process';
import { ResourceOutcome, ResourceProvider, ResourceRequest } from './provider';
import { SimulatedTypes } from './simulated-types';
import { ResourceRecord, StackRecord } from './state';
import { AssetSource } from '../assembly/assembly';
import { isObject } from '../assembly/intrinsics';

export const FUNCTION_TYPE = 'AWS::Lambda::Function';

/** Lambda functions: ids as for any simulated type, and where on this machine the code is. */
export class LambdaFunctions extends SimulatedTypes implements ResourceProvider {
  private readonly inline = new Map<string, string>();

  /** `assets`: of the app that is being deployed. */
  constructor(suffix: () => string, private readonly assets: AssetSource) {
    super(suffix);
  }

  public async create(request: ResourceRequest): Promise<ResourceOutcome> {
    return { ...await super.create(request), codeDirectory: this.codeDirectory(request.properties) };
  }

  public async update(request: ResourceRequest, before: ResourceRecord): Promise<ResourceOutcome> {
    return { ...await super.update(request, before), codeDirectory: this.codeDirectory(request.properties) };
  }

  /** The same code may lie in another folder today: the app has been synthesized again. */
  public refresh(record: ResourceRecord): ResourceRecord {
    return { ...record, codeDirectory: this.codeDirectory(record.properties) ?? record.codeDirectory };
  }

  public stop(): void {
    for (const directory of this.inline.values()) {
      rmSync(directory, { recursive: true, force: true });
    }
    this.inline.clear();
  }

  private codeDirectory(properties: Record<string, unknown>): string | undefined {
    const code = isObject(properties.Code) ? properties.Code : {};
    if (typeof code.ZipFile === 'string') {
      return this.inlineCode(code.ZipFile);
    }
    const asset = typeof code.S3Key === 'string' ? this.assets.asset(code.S3Key) : undefined;
    return asset?.packaging === 'zip' ? asset.path : undefined;
  }

  private inlineCode(source: string): string {
    const known = this.inline.get(source);
    if (known !== undefined) {
      return known;
    }
    const directory = mkdtempSync(join(tmpdir(), 'drydock-inline-'));
    writeFileSync(join(directory, 'index.js'), source);
    this.inline.set(source, directory);
    return directory;
  }
}

export interface LambdaEnvironment {
  readonly ecrEndpoint: string;
  readonly cloudFormationEndpoint: string;
  /** Where Step Functions, Secrets Manager, S3, ECS and Lambda are. */
  readonly services: string;
  /** Registries of images: where this machine has them. */
  readonly registries: Readonly<Record<string, string>>;
  /** Where every other service would be: it refuses, so that nothing leaves this machine. */
  readonly elsewhere: string;
  readonly extra: Readonly<Record<string, string>>;
}

/** A function as it is run; undefined with the reason why it cannot be. */
export function functionSettings(record: ResourceRecord, stack: StackRecord, environment: LambdaEnvironment): FunctionSettings | string {
  const { Runtime: runtime, Handler: handler, MemorySize, Timeout, Environment, Role, LoggingConfig } = record.properties;
  if (typeof runtime !== 'string' || !runtime.startsWith('nodejs')) {
    return `its function has the runtime ${String(runtime ?? 'of a container image')}, and only Node.js functions can be run here`;
  }
  if (record.codeDirectory === undefined || typeof handler !== 'string') {
    return 'the code of its function is not a folder of the assembly';
  }
  const functionName = record.physicalId;
  const memorySize = Number(MemorySize ?? 128);
  const logGroupName = isObject(LoggingConfig) && typeof LoggingConfig.LogGroup === 'string' ? LoggingConfig.LogGroup : `/aws/lambda/${functionName}`;
  const variables = isObject(Environment) && isObject(Environment.Variables) ? Environment.Variables : {};
  return {
    functionName,
    functionArn: String(record.attributes.Arn),
    roleArn: String(Role ?? ''),
    handler,
    runtime,
    codeDirectory: record.codeDirectory,
    memorySize,
    timeoutSeconds: Number(Timeout ?? 3),
    logGroupName,
    environment: {
      // https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, "Defined runtime environment variables".
      _HANDLER: handler,
      AWS_DEFAULT_REGION: stack.region,
      AWS_REGION: stack.region,
      AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}`,
      AWS_LAMBDA_FUNCTION_NAME: functionName,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memorySize),
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: logGroupName,
      AWS_LAMBDA_LOG_STREAM_NAME: '2026/01/31/[$LATEST]00000000000000000000000000000000',
      ...credentialsOf(String(Role ?? '')),
      LAMBDA_TASK_ROOT: record.codeDirectory,
      TZ: ':UTC',
      LANG: 'en_US.UTF-8',
      PATH: '/usr/local/bin:/usr/bin:/bin',
      ...Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, String(value)])),
      // Windows cannot open a socket without it.
      ...(process.env.SystemRoot === undefined ? {} : { SystemRoot: process.env.SystemRoot }),
      // From here on ours: the loopback, and nothing of the user's own AWS configuration.
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL: environment.elsewhere,
      AWS_ENDPOINT_URL_ECR: environment.ecrEndpoint,
      AWS_ENDPOINT_URL_CLOUDFORMATION: environment.cloudFormationEndpoint,
      AWS_ENDPOINT_URL_S3: environment.services,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: environment.services,
      AWS_ENDPOINT_URL_SFN: environment.services,
      DRYDOCK_REHEARSED_REGISTRIES: JSON.stringify(environment.registries),
      AWS_ENDPOINT_URL_ECS: environment.services,
      AWS_ENDPOINT_URL_LAMBDA: environment.services,
      ...environment.extra,
    },
  };
}

/** Fake credentials that tell which role they stand for: the same role has the same access key id. */
export function credentialsOf(roleArn: string): Record<'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY' | 'AWS_SESSION_TOKEN', string> {
  return {
    AWS_ACCESS_KEY_ID: `ASIA${createHash('sha256').update(roleArn).digest('hex').slice(0, 16).toUpperCase()}`,
    AWS_SECRET_ACCESS_KEY: 'rehearsal',
    AWS_SESSION_TOKEN: 'rehearsal',
  };
}
