import { contextOf } from './context';
import { Applied, Caller, Decision, Demand, NamedPolicy, Policies, Refused, RequestContext } from './model';
import { applyPolicy, StatementResult } from './statements';

/**
 * Decides one demand: an explicit deny beats every allow, and what nobody allows is denied. Within one account the caller's policies or that of the resource must
 * allow it; between accounts both must. A condition that cannot be evaluated never allows anything.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function decide(caller: Caller, demand: Demand, policies: Policies, given: RequestContext = new Map()): Decision {
  const context = contextOf(caller, demand, given);
  const apply = (kind: Applied['kind'], some: readonly NamedPolicy[]) => some.flatMap((policy) => applyPolicy(kind, policy, demand, caller, context));
  const identity = policies.identity === 'unrestricted' ? [] : apply('identity', policies.identity);
  const boundary = apply('boundary', policies.boundary ?? []);
  const resource = apply('resource', policies.resource === undefined ? [] : [policies.resource]);
  const results = [...identity, ...boundary, ...resource];

  const allowing = (some: readonly StatementResult[]) => some.filter(({ effect, holds }) => effect === 'Allow' && holds === 'yes');
  const allows = allowing(results).map(({ applied }) => applied);
  const refuse = (refused: Refused): Decision => {
    const unread = refused.why === 'no-allow' && refused.missing !== 'resource' && (policies.unread?.length ?? 0) > 0 ? policies.unread : undefined;
    return { allowed: false, refused, allows, ...(unread && { unread }) };
  };
  const denying = results.filter(({ effect }) => effect === 'Deny');
  const denied = denying.find(({ holds }) => holds === 'yes') ?? denying[0];
  if (denied !== undefined) {
    return refuse(denied.holds === 'yes' ? { why: 'explicit-deny', by: denied.applied } : unknown(denied));
  }

  const byIdentity = policies.identity === 'unrestricted' || allowing(identity).length > 0;
  const byBoundary = policies.boundary === undefined || allowing(boundary).length > 0;
  const named = allowing(resource).map((result) => result.named);
  const isOwn = (demand.resourceAccount ?? caller.accountId) === caller.accountId;
  // A boundary does not hold back what a resource policy gives to a session or a user by name.
  const byResource = named.some((one) => one === 'session') || (byBoundary && named.some((one) => one === 'role' || one === 'everybody'));
  const allowed = isOwn ? (byIdentity && byBoundary) || byResource : byIdentity && byBoundary && named.length > 0;
  if (allowed) {
    return { allowed, allows };
  }
  const undecided = results.find(({ holds }) => holds === 'unknown');
  if (undecided !== undefined) {
    return refuse(unknown(undecided));
  }
  return refuse({ why: 'no-allow', missing: !byIdentity ? 'identity' : !byBoundary ? 'boundary' : 'resource' });
}

function unknown({ applied, unknown: what }: StatementResult): Refused {
  return { why: 'unknown', what: `${what ?? 'what it says'} (statement ${applied.statement + 1} of ${applied.policy})` };
}
