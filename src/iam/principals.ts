import { Caller, Holds } from './model';
import { principalValues } from '../access/compare';
import { isCaller, reachBeside } from '../access/lockout';
import { Statement } from '../access/model';

/**
 * How a statement of a resource policy names the caller. `account` leaves it to the policies of the caller's account whether it may; the others do not need
 * these within one account.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export type Named = 'account' | 'role' | 'session' | 'everybody';

export interface PrincipalResult {
  readonly holds: Holds;
  readonly named?: Named;
}

export function matchPrincipal({ Principal, NotPrincipal }: Statement, caller: Caller): PrincipalResult {
  if (NotPrincipal !== undefined) {
    const reach = reachBeside(NotPrincipal, { accountId: caller.accountId, principalArn: caller.sessionArn ?? caller.arn });
    return { holds: reach === 'maybe' ? 'unknown' : reach, named: 'everybody' };
  }
  const named = principalValues(Principal).flatMap(({ kind, value }) => kind === 'AWS' ? namedBy(value, caller) ?? [] : []);
  const best = (['session', 'role', 'everybody', 'account'] as const).find((one) => named.includes(one));
  return best === undefined ? { holds: 'no' } : { holds: 'yes', named: best };
}

function namedBy(value: string, caller: Caller): Named | undefined {
  const isUser = caller.sessionArn === undefined;
  if (value === '*') {
    return 'everybody';
  }
  if (value === caller.accountId) {
    return 'account';
  }
  if (value === caller.sessionArn || (isUser && value === caller.arn)) {
    return 'session';
  }
  return value === caller.arn || isCaller(value, { accountId: caller.accountId, principalArn: caller.sessionArn }) ? 'role' : undefined;
}
