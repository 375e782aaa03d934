import { ConnectionOptions } from './client';

/** As a command line is told, and nothing else. */
export interface ShellOptions {
  readonly region?: string;
  readonly profile?: string;
  /** Where ECR is; AWS_ENDPOINT_URL_ECR or AWS_ENDPOINT_URL when absent. */
  readonly endpoint?: string;
}

/** A stand-in for ECR on this very machine takes any credentials, so none need to be set up for it. */
const ANY_CREDENTIALS = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const ANY_REGION = 'us-east-1';

/** The credentials, Region and endpoints that the SDK finds by itself, with what was asked for in their place. */
export function shellConnection(options: ShellOptions, environment: Readonly<Record<string, string | undefined>> = process.env): ConnectionOptions {
  const endpoint = options.endpoint ?? configuredEndpoint(environment);
  const local = endpoint !== undefined && isLoopback(endpoint);
  const hasCredentials = options.profile !== undefined || [
    'AWS_ACCESS_KEY_ID', 'AWS_PROFILE', 'AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  ].some((name) => environment[name]);
  const hasRegion = options.region !== undefined || options.profile !== undefined || ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE'].some((name) => environment[name]);
  const region = options.region ?? (environment.AWS_REGION || environment.AWS_DEFAULT_REGION) ?? (local && !hasRegion ? ANY_REGION : undefined);
  return {
    ...(region === undefined || region === '' ? {} : { region }),
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    ...(local && !hasCredentials ? { credentials: ANY_CREDENTIALS } : {}),
    endpoints: { ...(options.endpoint === undefined ? {} : { ecr: options.endpoint }) },
  };
}

/** Where the calls go, in words. */
export function registryText(options: ShellOptions, region: string | undefined, environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return options.endpoint ?? configuredEndpoint(environment) ?? `ECR in ${region ?? 'the Region of the configuration'}`;
}

/** @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
export function configuredEndpoint(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  return environment.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS?.toLowerCase() === 'true' ? undefined : environment.AWS_ENDPOINT_URL_ECR || environment.AWS_ENDPOINT_URL || undefined;
}

export function isLoopback(endpoint: string): boolean {
  try {
    return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(new URL(endpoint).hostname);
  } catch {
    return false;
  }
}
