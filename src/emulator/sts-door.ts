import { randomUUID } from 'node:crypto';
import { callerOf } from './caller';
import { Core } from './core';
import { principalOf } from './operations/pull-time';
import { Reply, Request } from './server';

/** Whether a request is one of STS's query protocol: AWS_ENDPOINT_URL sends those here too. */
export function isStsRequest({ headers }: Request): boolean {
  return headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
}

/** GetCallerIdentity and nothing else. @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
export async function answerSts(request: Request, { registry, permissions }: Core): Promise<Reply> {
  const action = new URLSearchParams((await request.bytes())?.toString('utf8')).get('Action');
  if (action !== 'GetCallerIdentity') {
    return xml(400, `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>InvalidAction</Code>`
      + `<Message>The emulator is an Amazon ECR; of STS it has GetCallerIdentity only.</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`);
  }
  const caller = callerOf(request.headers.authorization, registry.accountId);
  const principal = permissions.principal(caller);
  const arn = principal === undefined ? principalOf(caller) : principal.sessionArn ?? principal.arn;
  return xml(200, `<GetCallerIdentityResponse xmlns="${NAMESPACE}"><GetCallerIdentityResult><Arn>${arn}</Arn><UserId>${caller.accessKeyId ?? 'anonymous'}</UserId>`
    + `<Account>${principal?.accountId ?? caller.accountId}</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`);
}

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

function xml(statusCode: number, body: string): Reply {
  return { statusCode, headers: { 'content-type': 'text/xml' }, body };
}
