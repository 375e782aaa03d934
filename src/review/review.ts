import { AccessOutcome, accessChangesOf } from './access-changes';
import { Environment } from './deployed';
import { DesiredApp, DesiredResource, UnresolvedValue } from './desired';
import { offlineChecks } from './offline-checks';
import { Before, departedStacks, pairResources } from './pairs';
import { registryChanges } from './registry-changes';
import { repositoryChanges, RepositoryOutcome, ReviewContext } from './repository-changes';
import { ReviewChangeCode } from './review-codes';
import { constructPath } from '../assembly/template';
import { PlanFinding, PlanPlace, RepositoryPlan } from '../report/plan';

/** What a deployment changes, without what its lifecycle policies do. */
export interface ReviewedChanges {
  readonly repositories: readonly RepositoryPlan[];
  readonly findings: readonly PlanFinding[];
  /** Repositories (`keyOf`) that are no more. */
  readonly gone: ReadonlySet<string>;
}

/** Everything that changes between what is deployed and the app, and what the templates alone tell; lifecycle policies are the preview's matter. */
export async function reviewChanges(before: Before, after: DesiredApp, context: ReviewContext): Promise<ReviewedChanges> {
  const pairs = pairResources(before, after);
  const outcomes = await repositoryChanges(pairs, context);
  const fresh = new Set(outcomes.filter(({ isFresh }) => isFresh).map(keyOf));
  const words = makersIn(after);
  const access = await accessChangesOf(pairs, { ...context, isFresh: (repository) => fresh.has(keyOf(repository)), wordsOf: words });
  const gone = new Set(outcomes.filter(({ isGone }) => isGone).map(keyOf));
  const repositories = joined(outcomes, access.filter((one) => !gone.has(keyOf(one))));
  const checks = offlineChecks(after, (resource) => context.nameOf(resource, 'after'));
  return {
    gone, ...placed(repositories, [
      ...(before.app?.findings ?? []), ...after.findings, ...registryChanges(pairs), ...departed(before, after),
      ...checks.access, ...checks.conflicts,
    ]),
  };
}

/** One plan for each repository: what becomes of it, and of who may use it. The policy of what goes goes with it. */
function joined(outcomes: readonly RepositoryOutcome[], access: readonly AccessOutcome[]): RepositoryPlan[] {
  const byKey = new Map<string, RepositoryPlan>();
  for (const { known, isFresh: _, isGone: __, ...outcome } of outcomes) {
    const key = keyOf(outcome);
    const there = byKey.get(key);
    byKey.set(key, both({ ...outcome, ...counts(known) }, there));
  }
  for (const { known, access: plan, findings, places, ...repository } of access) {
    const key = keyOf(repository);
    const there = byKey.get(key);
    byKey.set(key, {
      ...(there ?? { ...repository, change: 'update', settings: [], places: [], findings: [], ...counts(known) }),
      places: unique([...there?.places ?? [], ...places]),
      findings: [...there?.findings ?? [], ...findings],
      ...(plan && { access: plan }),
    });
  }
  return [...byKey.values()];
}

/** Two resources have to do with one repository: say, one leaves the name that another one takes. */
function both(one: RepositoryPlan, other: RepositoryPlan | undefined): RepositoryPlan {
  const [loud, quiet] = other !== undefined && LOUDNESS.indexOf(other.change) < LOUDNESS.indexOf(one.change) ? [other, one] : [one, other];
  return quiet === undefined ? loud : {
    ...loud, places: unique([...loud.places, ...quiet.places]), settings: [...loud.settings, ...quiet.settings], findings: [...loud.findings, ...quiet.findings],
  };
}

const LOUDNESS: readonly RepositoryPlan['change'][] = ['delete', 'replace', 'unknown', 'adopt', 'create', 'update', 'leave', 'none'];

function counts({ state, imageCount, imageSizeInBytes }: RepositoryOutcome['known']): Pick<RepositoryPlan, 'imageCount' | 'imageSizeInBytes'> {
  return state === undefined || imageCount === undefined ? {} : { imageCount, ...(imageSizeInBytes !== undefined && { imageSizeInBytes }) };
}

/** Findings go to the repository whose resource they are about, the others to the app. */
export function placed(repositories: readonly RepositoryPlan[], findings: readonly PlanFinding[]): Omit<ReviewedChanges, 'gone'> {
  const rest: PlanFinding[] = [];
  const lists = repositories.map(({ findings: own }) => [...own]);
  for (const finding of findings) {
    const index = finding.at === undefined ? -1 : repositories.findIndex(({ places }) => places.some((place) => samePlace(place, finding.at!)));
    (lists[index] ?? rest).push(finding);
  }
  return { repositories: repositories.map((repository, index) => ({ ...repository, findings: withoutRepeated(lists[index]) })), findings: withoutRepeated(rest) };
}

export function withoutRepeated(findings: readonly PlanFinding[]): PlanFinding[] {
  const seen = new Set<string>();
  return findings.filter(({ code, message, place, at }) => {
    // Two views of one conflict, in different words.
    const words = ['DD-REVIEW-230', 'DD-REVIEW-232'].includes(code) ? undefined : [message, place];
    const key = JSON.stringify([code, words, at?.templateFile, at?.logicalId]);
    return !seen.has(key) && seen.add(key);
  });
}

export function samePlace(a: PlanPlace, b: PlanPlace): boolean {
  return a.templateFile === b.templateFile && a.logicalId === b.logicalId && a.stackName === b.stackName;
}

export function keyOf({ account, region, repositoryName, title }: Environment & { readonly repositoryName?: string; readonly title: string }): string {
  return `${account ?? '*'}/${region ?? '*'}/${repositoryName ?? `#${title}`}`;
}

function unique(places: readonly PlanPlace[]): PlanPlace[] {
  return places.filter((place, index) => places.findIndex((other) => samePlace(place, other)) === index);
}

function departed(before: Before, after: DesiredApp): PlanFinding[] {
  const code: ReviewChangeCode = 'DD-REVIEW-252';
  return departedStacks(before, after).filter(({ resources }) => resources.length > 0).map(({ displayName, stackName, resources }) => ({
    severity: 'note', code, place: displayName,
    message: `The stack ${stackName} is not in the app any more. \`cdk deploy\` leaves it as it is, with ${resources.length === 1 ? 'what it says of ECR' : `${resources.length} resources that say something of ECR`}.`,
    fix: 'Destroy it where that is meant; review that with the removal of its constructs first.',
  }));
}

/** In words, what a stack makes itself: `AWS::IAM::Role Shop/Ci/Role (made by this stack)`. */
function makersIn(app: DesiredApp): (resource: DesiredResource, value: UnresolvedValue) => string | undefined {
  const stacks = new Map(app.stacks.map((stack) => [stack.id, stack]));
  return ({ stackId }, { hangsOn: { kind, name } }) => {
    const logicalId = kind === 'attribute' ? name.split('.')[0] : kind === 'resource' ? name : undefined;
    const maker = logicalId === undefined ? undefined : stacks.get(stackId)?.template.Resources[logicalId];
    return maker === undefined ? undefined : `${maker.Type} ${(constructPath(maker) ?? logicalId!).replace(/\/Resource$/, '')} (made by this stack)`;
  };
}
