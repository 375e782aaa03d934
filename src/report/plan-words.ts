import { Severity, Tone } from './blocks';
import { count, number } from './format';
import { LifecyclePlan, Plan, PlanFinding, RepositoryChange, RepositoryPlan, SettingChange } from './plan';

/** The outcome as a sentence. */
export function verdictText(plan: Plan): string {
  const all = allFindings(plan);
  const blocking = all.filter(({ effect }) => effect === 'block').length;
  const unknown = all.filter(({ effect }) => effect === 'undetermined').length;
  switch (plan.outcome) {
    case 'passed': return 'Nothing stops this deployment.';
    case 'blocked': return blocking === 0 ? 'This deployment is stopped.' : `${count(blocking, 'finding')} ${blocking === 1 ? 'stops' : 'stop'} this deployment.`;
    case 'undetermined': return unknown === 0 ? 'Not everything could be checked.' : `${count(unknown, 'thing')} could not be checked.`;
  }
}

/** For a plan without repositories: that there is nothing to say is only certain when everything could be read. */
export function noRepositoryText({ findings }: Plan): string {
  return findings.some(({ effect }) => effect === 'undetermined')
    ? 'No repository was found in what could be read of the app.'
    : 'The app says nothing about repositories.';
}

export const OUTCOME_WORDS: Readonly<Record<Plan['outcome'], string>> = { passed: 'passed', blocked: 'blocked', undetermined: 'undetermined' };
export const OUTCOME_TONES: Readonly<Record<Plan['outcome'], Tone>> = { passed: 'good', blocked: 'bad', undetermined: 'warning' };

const CHANGE_WORDS: Readonly<Record<RepositoryChange, string>> = {
  create: 'created', adopt: 'adopted', update: 'changed', replace: 'REPLACED', delete: 'DELETED', leave: 'left behind', none: 'unchanged', unknown: 'unknown',
};

/** What becomes of a repository, in a word or two; where nothing does, of its lifecycle policy. */
export function changeText({ change, lifecycle }: RepositoryPlan): string {
  return change !== 'none' || lifecycle === undefined || lifecycle.change === 'keep' ? CHANGE_WORDS[change] : POLICY_WORDS[lifecycle.change];
}

const POLICY_WORDS = { put: 'new policy', delete: 'policy removed', preview: 'previewed' } as const;

/** Where it was looked, in words. */
export function basisText({ against }: Plan): string {
  switch (against.kind) {
    case 'registry': return `the live registry (${against.text})`;
    case 'inventory': return `the snapshot ${against.text}`;
    case 'nothing': return against.text || 'nothing';
  }
}

/** Calls of the API that were made, the most frequent first. */
export function callsText(plan: Plan): string | undefined {
  const calls = callsOf(plan);
  return calls && `${calls.total}: ${calls.list}`;
}

/** The same, with the total by itself. */
export function callsOf({ against: { calls = {} } }: Plan): { readonly total: string; readonly list: string } | undefined {
  const made = Object.entries(calls).filter(([, times]) => times > 0).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const total = made.reduce((sum, [, times]) => sum + times, 0);
  return total === 0 ? undefined : { total: count(total, 'call'), list: made.map(([operation, times]) => `${number(times)} ${operation}`).join(', ') };
}

/** What was found about one repository; what its preview found is among it, each finding once. */
export function repositoryFindings({ findings, lifecycle, repositoryName }: RepositoryPlan): PlanFinding[] {
  const known = new Set(findings.map(keyOf));
  const stops = lifecycle?.preview?.verdict === 'blocked';
  const others = (lifecycle?.preview?.findings ?? []).filter((finding) => !known.has(keyOf(finding))).map((finding): PlanFinding => ({
    ...finding, at: lifecycle?.at, repositoryName, ...(stops && finding.severity === 'error' && { effect: 'block' }),
  }));
  return bySeverity([...findings, ...others]);
}

export function allFindings(plan: Plan): PlanFinding[] {
  return bySeverity([...plan.findings, ...plan.repositories.flatMap(repositoryFindings)]);
}

const keyOf = ({ code, message }: { readonly code: string; readonly message: string }) => JSON.stringify([code, message]);

const EFFECTS = ['block', 'undetermined', undefined] as const;
const SEVERITIES: readonly Severity[] = ['error', 'warning', 'note'];

/** What decides comes first. The order among equals stays. */
export function bySeverity(findings: readonly PlanFinding[]): PlanFinding[] {
  const rank = ({ effect, severity }: PlanFinding) => EFFECTS.indexOf(effect) * SEVERITIES.length + SEVERITIES.indexOf(severity);
  return findings.map((finding, i) => ({ finding, i })).sort((a, b) => rank(a.finding) - rank(b.finding) || a.i - b.i).map(({ finding }) => finding);
}

/** What decides weighs more than its severity says. */
export function severityOf({ effect, severity }: PlanFinding): Severity {
  return effect === 'block' ? 'error' : severity;
}

/** `Stage/Stack/Construct`, with the JSON pointer or property where there is one. */
export function placeOf({ at, place }: PlanFinding): string | undefined {
  if (at === undefined) {
    return place;
  }
  return place === undefined || place === at.constructPath ? at.constructPath : `${at.constructPath} ${place}`;
}

export function settingText({ name, before, after, replaces }: SettingChange): string {
  const change = before === undefined ? `${name}: ${after ?? ''}` : after === undefined ? `${name}: ${before}, no longer set` : `${name}: ${before} to ${after}`;
  return replaces ? `${change}; cannot be changed in place, so the repository is replaced` : change;
}

/** `2 gained, 1 lost`. */
export function accessSummary({ access }: RepositoryPlan): string {
  const of = (change: string) => access?.changes.filter((sentence) => sentence.change === change).length ?? 0;
  const parts = [[of('gains'), 'gained'], [of('loses'), 'lost'], [of('differs'), 'different']] as const;
  const said = parts.filter(([many]) => many > 0).map(([many, what]) => `${number(many)} ${what}`);
  return [...said, ...(access?.complete === false ? ['partly unknown'] : [])].join(', ');
}

/** `hash`: with a blank before it, or nothing. */
export function lifecycleText(change: LifecyclePlan['change'], hash: string): string {
  switch (change) {
    case 'put': return `Lifecycle policy${hash} is put.`;
    case 'delete': return 'The lifecycle policy is removed: nothing expires any more.';
    case 'keep': return `Lifecycle policy${hash} is in force already.`;
    case 'preview': return `Lifecycle policy${hash} is only previewed, and not put.`;
  }
}

/** Nothing changes, and there is nothing to say. */
export function isQuiet(repository: RepositoryPlan): boolean {
  const { change, settings, access, lifecycle } = repository;
  return (change === 'none' || change === 'adopt') && settings.length === 0 && (access?.changes.length ?? 0) === 0
    && (lifecycle === undefined || lifecycle.change === 'keep') && repositoryFindings(repository).length === 0;
}

export function kindText({ kind }: Plan): string {
  return kind === 'preview' ? 'Preview' : 'Review';
}
