import { Caller, Demand, RequestContext } from './model';

/** What is known of every request; what is given says more, or better. */
export function contextOf(caller: Caller, { resource, resourceAccount, context = {} }: Demand, given: RequestContext): RequestContext {
  const isUser = /:user\//.test(caller.arn);
  const region = resource.split(':')[3];
  const own: Record<string, readonly string[]> = {
    'aws:PrincipalArn': [caller.arn],
    'aws:PrincipalAccount': [caller.accountId],
    'aws:PrincipalType': [caller.sessionArn !== undefined ? 'AssumedRole' : isUser ? 'User' : 'Account'],
    'aws:PrincipalIsAWSService': ['false'],
    'aws:ViaAWSService': ['false'],
    // Everything that reaches AWS has come by TLS; on loopback there is none.
    'aws:SecureTransport': ['true'],
    'aws:ResourceAccount': [resourceAccount ?? caller.accountId],
    ...(isUser && { 'aws:username': [caller.arn.split('/').pop()!] }),
    ...(region !== undefined && region !== '' && { 'aws:RequestedRegion': [region] }),
  };
  const entries = [...Object.entries(own), ...Object.entries(context)].map(([key, values]) => [key.toLowerCase(), values] as const);
  return new Map([...entries, ...given]);
}
