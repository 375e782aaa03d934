import { GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { Connection } from './client';
import { Budget } from './retry';

/** What a docker-compatible client logs in with, for twelve hours: base64 of `AWS:` and a password. */
export interface Authorization {
  readonly token: string;
  readonly expiresAt?: Date;
}

/** A login that may do what the caller may do. Undefined when ECR answers without one. */
export async function authorization({ ecr }: Connection, budget: Budget): Promise<Authorization | undefined> {
  const { authorizationData } = await budget.call('ecr:GetAuthorizationToken', (abortSignal) => ecr.send(new GetAuthorizationTokenCommand({}), { abortSignal }));
  const [data] = authorizationData ?? [];
  return data?.authorizationToken ? { token: data.authorizationToken, ...(data.expiresAt === undefined ? {} : { expiresAt: data.expiresAt }) } : undefined;
}
