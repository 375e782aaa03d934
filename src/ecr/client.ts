import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { ECRClient } from '@aws-sdk/client-ecr';
import { RegistryClock } from './clock';

export interface ConnectionOptions {
  /** Where the services are; the SDK's own resolution (AWS_ENDPOINT_URL and its kin) when absent. */
  readonly endpoints?: { readonly ecr?: string; readonly cloudFormation?: string };
  readonly region?: string;
  /** A profile of the AWS configuration files; AWS_PROFILE or the default one when absent. */
  readonly profile?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
}

/** The clients of one process. */
export interface Connection {
  readonly ecr: ECRClient;
  readonly cloudFormation: CloudFormationClient;
  readonly clock: RegistryClock;
  close(): void;
}

/** An answer that takes longer than this is taken for lost. */
const REQUEST_TIMEOUT_MILLIS = 30_000;
const CONNECTION_TIMEOUT_MILLIS = 5_000;

/**
 * The SDK's own retries are off: retry.ts repeats calls, knows the deadline, and leaves those alone that must not be sent
 * again with what was read before.
 */
export function connect(options: ConnectionOptions = {}): Connection {
  const common = {
    maxAttempts: 1,
    requestHandler: { requestTimeout: REQUEST_TIMEOUT_MILLIS, connectionTimeout: CONNECTION_TIMEOUT_MILLIS, throwOnRequestTimeout: true },
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
  };
  const ecr = new ECRClient({ ...common, ...endpoint(options.endpoints?.ecr) });
  const clock = new RegistryClock();
  clock.watch(ecr);
  let cloudFormation: CloudFormationClient | undefined;
  return {
    ecr,
    clock,
    get cloudFormation() {
      cloudFormation ??= new CloudFormationClient({ ...common, ...endpoint(options.endpoints?.cloudFormation) });
      return cloudFormation;
    },
    close() {
      ecr.destroy();
      cloudFormation?.destroy();
    },
  };
}

function endpoint(url: string | undefined): { endpoint?: string } {
  return url === undefined ? {} : { endpoint: url };
}
