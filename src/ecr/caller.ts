import { GetCallerIdentityCommand, GetCallerIdentityCommandOutput, STSClient } from '@aws-sdk/client-sts';
import { Budget } from './retry';
import { configuredEndpoint, isLoopback, ShellOptions, shellConnection } from './shell';

/** Who calls. A stand-in on this machine is asked itself, never AWS about it. */
export async function callerIdentity(options: ShellOptions, budget: Budget): Promise<GetCallerIdentityCommandOutput> {
  const { region, profile, credentials } = shellConnection(options);
  const endpoint = options.endpoint ?? configuredEndpoint(process.env);
  const sts = new STSClient({
    maxAttempts: 2,
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(endpoint !== undefined && isLoopback(endpoint) && !process.env.AWS_ENDPOINT_URL_STS ? { endpoint } : {}),
  });
  try {
    return await budget.call('sts:GetCallerIdentity', (abortSignal) => sts.send(new GetCallerIdentityCommand({}), { abortSignal }));
  } finally {
    sts.destroy();
  }
}
