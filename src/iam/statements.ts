import { evaluateCondition } from './conditions';
import { Applied, Caller, Demand, Holds, NamedPolicy, RequestContext } from './model';
import { all, any, matches, not, resolveVariables } from './patterns';
import { matchPrincipal, Named } from './principals';
import { actionMatches } from '../access/actions';
import { listOf, Statement } from '../access/model';

/** What one statement says to a demand. */
export interface StatementResult {
  readonly effect: 'Allow' | 'Deny';
  readonly holds: Holds;
  readonly applied: Applied;
  readonly named?: Named;
  readonly unknown?: string;
}

/** Everything that the statements of a policy say to a demand; what does not apply is left out. */
export function applyPolicy(kind: Applied['kind'], policy: NamedPolicy, demand: Demand, caller: Caller, context: RequestContext): StatementResult[] {
  const { Version: version, Statement: statements } = policy.document;
  return statements.flatMap((statement, index) => {
    const action = matchAction(statement, demand.action);
    if (action.holds === 'no') {
      return [];
    }
    const resource = matchResource(kind, statement, demand.resource, version, context);
    const principal = kind === 'resource' ? matchPrincipal(statement, caller) : { holds: 'yes' as const };
    if (resource.holds === 'no' || principal.holds === 'no') {
      return [];
    }
    const condition = evaluateCondition(statement.Condition, version, context);
    const outcome = all([action.holds, resource.holds, principal.holds, condition.holds]);
    const applied: Applied = { kind, policy: policy.name, statement: index, actions: action.entries, resources: resource.entries };
    const unknown = resource.unknown ?? condition.unknown ?? (principal.holds === 'unknown' ? 'NotPrincipal, which names the role and not its session' : undefined);
    return outcome === 'no' ? [] : [{
      effect: statement.Effect, holds: outcome, applied, ...('named' in principal && { named: principal.named }), ...(outcome === 'unknown' && { unknown }),
    }];
  });
}

interface ElementResult {
  readonly holds: Holds;
  readonly entries: readonly string[];
  readonly unknown?: string;
}

const NOTHING: ElementResult = { holds: 'no', entries: [] };

function matchAction({ Action, NotAction }: Statement, action: string): ElementResult {
  const entries = texts(NotAction ?? Action).filter((pattern) => actionMatches(pattern, action));
  if (NotAction !== undefined) {
    return entries.length === 0 ? { holds: 'yes', entries: ['NotAction'] } : NOTHING;
  }
  return entries.length > 0 ? { holds: 'yes', entries } : NOTHING;
}

/** Of a repository policy the repository is the resource, whatever it writes. */
function matchResource(kind: Applied['kind'], { Resource, NotResource }: Statement, resource: string, version: string | undefined, context: RequestContext): ElementResult {
  if (kind === 'resource' && NotResource === undefined) {
    return { holds: 'yes', entries: ['*'] };
  }
  const results = texts(NotResource ?? Resource).map((entry) => {
    const resolved = resolveVariables(entry, version, context);
    const fits: Holds = 'unknown' in resolved ? 'unknown' : 'absent' in resolved ? 'no' : matches(resolved.pattern, resource) ? 'yes' : 'no';
    return { entry, fits, unknown: 'unknown' in resolved ? resolved.unknown : undefined };
  });
  const fits = any(results.map((result) => result.fits));
  const unknown = results.find((result) => result.unknown !== undefined)?.unknown;
  if (NotResource !== undefined) {
    return { holds: not(fits), entries: ['NotResource'], unknown };
  }
  return { holds: fits, entries: results.filter((result) => result.fits !== 'no').map(({ entry }) => entry), unknown };
}

function texts(value: unknown): string[] {
  return listOf(value as string | readonly string[] | undefined).filter((entry): entry is string => typeof entry === 'string');
}
