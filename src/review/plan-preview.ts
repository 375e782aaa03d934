import { finding, undetermined } from './codes';
import { parallel } from '../lists';
import { Environment, environmentText } from './deployed';
import { DesiredApp } from './desired';
import { inOrder, outcomeOf } from './outcome';
import { basisOf, lintFindings, planLifecycle } from './plan-lifecycle';
import { DesiredPolicy, desiredPolicies } from './policies';
import { environmentOf, RegistrySource } from './registry-source';
import { DrydockError, isDrydockError } from '../errors';
import { samePolicy } from '../lifecycle/canonical';
import { InUseSource } from '../lifecycle/gate';
import { lint } from '../lifecycle/lint';
import { PolicyDocument } from '../lifecycle/model';
import { bytesOf } from '../lifecycle/own-bytes';
import { RepositoryState } from '../lifecycle/registry-state';
import { isoText } from '../lifecycle/time';
import { Plan, PlanBasis, PlanFinding, RepositoryPlan } from '../report/plan';

export interface PreviewQuestion {
  readonly app: DesiredApp;
  /** Milliseconds since 1970. @default - the registry's time */
  readonly now?: number;
  /** Services that were asked what runs; `list`: somebody has said it. */
  readonly inUseAsked?: readonly InUseSource[] | 'list';
  /** About the app as a whole, from whoever resolved names. */
  readonly findings?: readonly PlanFinding[];
  /** What could not be checked does not count. */
  readonly allowUnknown?: boolean;
  /** Repositories that are read at the same time. @default 64 */
  readonly concurrency?: number;
  /** The registry of an account and Region. */
  source(environment: Environment): RegistrySource;
  /** What the plan says that it was compared with, once all is read. */
  basis(): PlanBasis;
  /** Who runs which image of a repository, by digest. */
  inUse?(state: RepositoryState): ReadonlyMap<string, readonly string[]>;
  /** After each repository. */
  onProgress?(done: number, total: number): void;
}

/** More than calls at a time: most of the while a repository waits for its preview. */
const CONCURRENCY = 64;

/** Every lifecycle policy that an app would put, with what it would do. Errors that concern every repository are thrown. */
export async function previewPlan(question: PreviewQuestion): Promise<Plan> {
  const { app, findings = [] } = question;
  const policies = desiredPolicies(app);
  let done = 0;
  const repositories = await parallel(policies, question.concurrency ?? CONCURRENCY, async (desired) => {
    const plan = await planOf(desired, question);
    done += 1;
    question.onProgress?.(done, policies.length);
    return plan;
  });
  const conflicts = conflictsOf(app, policies);
  const plan = {
    repositories: inOrder(repositories.map((repository, i): RepositoryPlan => ({ ...repository, findings: [...repository.findings, ...conflicts.get(policies[i]) ?? []] }))),
    findings: [...app.findings, ...findings, ...nothing(app, policies)],
  };
  return {
    formatVersion: 1,
    kind: 'preview',
    now: isoText(question.now ?? question.source({}).now()),
    app: app.directory,
    against: question.basis(),
    outcome: outcomeOf(plan, question.allowUnknown),
    ...plan,
  };
}

async function planOf(desired: DesiredPolicy, question: PreviewQuestion): Promise<RepositoryPlan> {
  const { name, account, region } = desired;
  const places = [desired.at, ...desired.makers.map(({ at }) => at).filter((at) => at !== desired.at)];
  const place = { title: desired.title, places, settings: [], ...(account && { account }), ...(region && { region }) };
  if (desired.kind === 'template') {
    return { ...place, change: 'none', lifecycle: basisOf(desired, undefined), findings: [...desired.findings, ...await ofTemplate(desired, question)] };
  }
  const lintOnly = desired.policy === undefined ? [] : lintFindings(lint(desired.policy));
  if (name === undefined) {
    return desired.isNew && desired.policy !== undefined
      ? ofNew({ ...desired, policy: desired.policy }, question, place)
      : { ...place, change: desired.isNew ? 'create' : 'unknown', lifecycle: basisOf(desired, undefined), findings: [...desired.findings, ...lintOnly] };
  }
  const named = { ...place, repositoryName: name };
  const source = question.source({ account, region });
  let state: RepositoryState | undefined;
  const unread: PlanFinding[] = [];
  try {
    state = await source.state.repository(name);
    unread.push(...state !== undefined ? notItself(desired, state) : desired.registryId === undefined ? absent(desired, source) : elsewhere(desired));
  } catch (error) {
    if (!isDrydockError(error) || concernsAll(error)) {
      throw error;
    }
    unread.push(...error.problems.map(({ code, message, fix }) => finding(code, 'error', message, { effect: 'undetermined', ...(fix !== undefined && { fix }) })));
  }
  const problems = [...desired.findings, ...unread.map((one) => ({ at: desired.at, repositoryName: name, ...one }))];
  const judgeable = desired.policy !== undefined && !unread.some(({ effect }) => effect !== undefined);
  if (!judgeable) {
    return { ...named, change: state === undefined ? 'unknown' : 'none', lifecycle: basisOf(desired, undefined), findings: [...problems, ...lintOnly] };
  }
  const { inventory } = state ?? {};
  const planned = await planLifecycle({
    desired: desired as DesiredPolicy & { policy: PolicyDocument }, repositoryName: name, state, source, now: question.now ?? source.now(),
    ...(state && question.inUse && { inUse: question.inUse(state) }),
    ...(question.inUseAsked && { inUseAsked: question.inUseAsked }),
  });
  return {
    ...named,
    change: state === undefined ? 'create' : 'none',
    ...(inventory && { imageCount: inventory.imageDetails.length, imageSizeInBytes: bytesOf(inventory.imageDetails) }),
    lifecycle: planned.lifecycle,
    findings: [...problems, ...planned.findings.map((one) => ({ repositoryName: name, ...one }))],
  };
}

/** CloudFormation will make the repository and its name. */
async function ofNew(
  desired: DesiredPolicy & { readonly policy: PolicyDocument }, question: PreviewQuestion, place: Pick<RepositoryPlan, 'title' | 'places' | 'settings' | 'account' | 'region'>,
): Promise<RepositoryPlan> {
  const source = question.source(desired);
  const planned = await planLifecycle({ desired, repositoryName: desired.title, state: undefined, source, now: question.now ?? source.now() });
  return { ...place, change: 'create', lifecycle: planned.lifecycle, findings: [...desired.findings, ...planned.findings] };
}

/** Our handler reaches other accounts; the registry of a preview is that of one. */
function elsewhere({ registryId, name, account }: DesiredPolicy): PlanFinding[] {
  return [undetermined('DD-REVIEW-007', `${name} is in the account ${registryId}, and its stack in ${account ?? 'another one'}: its images were not read.`,
    'Preview it with credentials of that account, from an app or stack that is deployed there.')];
}

function absent({ kind, isNew, makers, name }: DesiredPolicy, source: RegistrySource): PlanFinding[] {
  if (isNew || (source.complete && makers.length > 0)) {
    return [];
  }
  return source.complete
    ? [finding('DD-REVIEW-008', 'error', `There is no repository ${name}, and the app does not make it: the deployment would fail.`, {
      effect: kind === 'put' ? 'block' : 'undetermined', fix: 'Correct the name, or make the repository first.',
    })]
    : [undetermined('DD-REVIEW-005', `The inventory does not have the repository ${name}${makers.length > 0 ? ', which the app makes: whether it is there already cannot be told' : ''}.`,
      makers.length > 0 ? 'If it is new, add {"repositoryName": ...} to `repositories` of the inventory, or say --allow-unknown.' : 'Take a snapshot that has it.')];
}

/** What was found may be a repository of the same name somewhere else, or only half read. */
function notItself(desired: DesiredPolicy, state: RepositoryState): PlanFinding[] {
  const found = environmentOf(state);
  const wanted: Environment = { account: desired.registryId ?? desired.account, region: desired.region };
  const differs = (part: 'account' | 'region') => wanted[part] !== undefined && found[part] !== undefined && wanted[part] !== found[part];
  if (differs('account') || differs('region')) {
    return [undetermined('DD-REVIEW-007', `${desired.name} was found in ${environmentText(found)}; the one that is meant is in ${environmentText(wanted)}.`,
      'Preview with credentials and Region of that one, or with a snapshot of its registry.')];
  }
  const problems = state.problems ?? [];
  const decisive = problems.filter(({ pointer }) => /(imageDetails|lifecyclePolicyText|inventory)$/.test(pointer));
  return [
    ...problems.map(({ code, message, fix }) => finding(code, 'warning', message, { ...(fix !== undefined && { fix }) })),
    ...decisive.length > 0 || state.inventory === undefined ? [undetermined('DD-REVIEW-006', `${desired.name} could not be read: ${decisive[0]?.message ?? 'its images are not known.'}`, decisive[0]?.fix ?? 'Take a snapshot with its images.')] : [],
  ];
}

/** Nothing answers, or nobody is let in: no repository fares better. */
export function concernsAll(error: DrydockError): boolean {
  return /^DD-SURVEY-00[1-46]$/.test(error.code);
}

async function ofTemplate(desired: DesiredPolicy, question: PreviewQuestion): Promise<PlanFinding[]> {
  const { name: prefix, policy, at } = desired;
  const findings = policy === undefined ? [] : lintFindings(lint(policy));
  if (prefix === undefined) {
    return findings;
  }
  const names = await question.source(desired).state.names();
  const matching = (names ?? []).filter((name) => prefix === 'ROOT' || name.startsWith(`${prefix}/`));
  const known = names === undefined ? 'Which repositories are there could not be read.'
    : matching.length === 0 ? 'No repository of that prefix is there.'
      : `${matching.length} ${matching.length === 1 ? 'repository' : 'repositories'} of that prefix ${matching.length === 1 ? 'is' : 'are'} there and ${matching.length === 1 ? 'keeps its policy' : 'keep theirs'}: ${matching.slice(0, 5).join(', ')}${matching.length > 5 ? ', ...' : ''}.`;
  return [...findings, finding('DD-REVIEW-015', 'note', `The policy of a repository creation template goes to repositories that are created later. ${known}`, { at })];
}

/** A repository has one lifecycle policy; of several resources that put one, the last that is deployed wins. */
function conflictsOf(app: DesiredApp, policies: readonly DesiredPolicy[]): Map<DesiredPolicy, PlanFinding[]> {
  const byName = new Map<string, DesiredPolicy[]>();
  for (const policy of policies.filter(({ kind, name }) => kind === 'put' && name !== undefined)) {
    const key = `${policy.registryId ?? policy.account ?? ''}/${policy.region ?? ''}/${policy.name}`;
    byName.set(key, [...byName.get(key) ?? [], policy]);
  }
  const found = new Map<DesiredPolicy, PlanFinding[]>();
  for (const group of [...byName.values()].filter((list) => list.length > 1)) {
    for (const one of group) {
      const others = group.filter((other) => other !== one);
      const differs = others.some((other) => isOther(one, other));
      // Stacks that are for any account may well be deployed to different ones; resources of one stack cannot.
      const isPlaced = (one.registryId ?? one.account) !== undefined && one.region !== undefined;
      const together = others.filter(({ resource }) => isPlaced || outermost(resource.stackId, app) === outermost(one.resource.stackId, app));
      const certain = differs ? together.some((other) => isOther(one, other)) : together.length === others.length;
      found.set(one, [finding('DD-REVIEW-230', differs && certain ? 'error' : 'warning',
        `${others.map(({ at }) => at.constructPath).join(' and ')} ${others.length === 1 ? 'puts' : 'put'} ${differs ? 'another' : 'the same'} lifecycle policy on ${one.name}${certain ? '' : ', if both are deployed to one account and Region'}; the last that is deployed wins.`, {
          at: one.at, repositoryName: one.name, fix: 'Put all rules into one place.', ...(differs && certain && { effect: 'block' as const }),
        })]);
    }
  }
  return found;
}

function isOther(one: DesiredPolicy, other: DesiredPolicy): boolean {
  return one.policy === undefined || other.policy === undefined || !samePolicy(one.policy, other.policy);
}

/** The stack that is deployed with a nested one. */
function outermost(id: string, app: DesiredApp): string {
  const parent = app.stacks.find((stack) => stack.id === id)?.nestedIn?.stackId;
  return parent === undefined ? id : outermost(parent, app);
}

/** Silence would look like a check that was passed. */
function nothing(app: DesiredApp, policies: readonly DesiredPolicy[]): PlanFinding[] {
  return policies.length > 0 || app.findings.length > 0 ? [] : [finding('DD-REVIEW-016', 'note', `No stack of ${app.directory} that was looked at puts a lifecycle policy.`, {
    fix: 'If that is a surprise, see whether the folder is the right one, and which stacks --stack names.',
  })];
}
