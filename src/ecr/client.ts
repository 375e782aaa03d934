import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { ECRClient } from '@aws-sdk/client-ecr';
import { RegistryClock } from './clock';

/** The services that a handler may call. Only the first two have their client here; the others' are made where they are used, of `clientOptions`. */
export type Service = 'ecr' | 'cloudFormation' | 'ecs' | 'lambda' | 's3' | 'secretsManager' | 'stepFunctions' | 'sts';

export interface ConnectionOptions {
  /** Where the services are; the SDK's own resolution (AWS_ENDPOINT_URL and its kin) when absent. */
  readonly endpoints?: Readonly<Partial<Record<Service, string>>>;
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
  /** What the clients were made of, for those that few functions need. */
  readonly options: ConnectionOptions;
  /** Whether ECR was last asked without TLS, which AWS never is; false before the first call. */
  readonly isPlainEcr: boolean;
  close(): void;
}

/** An answer that takes longer than this is taken for lost. */
const REQUEST_TIMEOUT_MILLIS = 30_000;
const CONNECTION_TIMEOUT_MILLIS = 5_000;

/**
 * Options of the client of a service. The SDK's own retries are off: retry.ts repeats calls, knows the deadline, and leaves those alone that must not be
 * sent again with what was read before.
 */
export function clientOptions(options: ConnectionOptions, service: Service) {
  const endpoint = options.endpoints?.[service];
  return {
    maxAttempts: 1,
    requestHandler: { requestTimeout: REQUEST_TIMEOUT_MILLIS, connectionTimeout: CONNECTION_TIMEOUT_MILLIS, throwOnRequestTimeout: true },
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}

/**
 * Whether calls leave without TLS, which they do only to an endpoint that somebody configured. Seen on the requests themselves: what the configuration of a client
 * says of an endpoint from the environment depends on the version of the SDK.
 */
function watchTls(client: ECRClient): () => boolean {
  let isPlain = false;
  client.middlewareStack.add((next) => async (args) => {
    isPlain = (args.request as { protocol?: string }).protocol === 'http:';
    return next(args);
  }, { step: 'finalizeRequest', priority: 'low', name: 'drydockTls' });
  return () => isPlain;
}

export function connect(options: ConnectionOptions = {}): Connection {
  const ecr = new ECRClient(clientOptions(options, 'ecr'));
  const clock = new RegistryClock();
  clock.watch(ecr);
  const isPlain = watchTls(ecr);
  let cloudFormation: CloudFormationClient | undefined;
  return {
    ecr,
    clock,
    options,
    get isPlainEcr() {
      return isPlain();
    },
    get cloudFormation() {
      cloudFormation ??= new CloudFormationClient(clientOptions(options, 'cloudFormation'));
      return cloudFormation;
    },
    close() {
      ecr.destroy();
      cloudFormation?.destroy();
    },
  };
}
