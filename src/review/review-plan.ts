import { ReadBefore } from './before';
import { finding } from './codes';
import { isRepository } from './declared';
import { DesiredApp, DesiredResource, textOf } from './desired';
import { lifecycleRemovals } from './lifecycle-removals';
import { inOrder, outcomeOf } from './outcome';
import { pairResources } from './pairs';
import { Registries } from './registries';
import { ReviewContext } from './repository-changes';
import { keyOf, placed, reviewChanges, samePlace, withoutRepeated } from './review';
import { LifecyclePlan, Plan, PlanFinding, PlanPlace, RepositoryPlan } from '../report/plan';
import { PREVIEW_GATE_TYPE } from '../resources';

export interface ReviewQuestion {
  /** What the lifecycle policies of the app would do. */
  readonly preview: Plan;
  readonly before: ReadBefore;
  readonly after: DesiredApp;
  readonly registries: Registries;
  /** With what the app is compared, in words. */
  readonly beforeText: string;
  readonly rules?: ReviewRules;
  readonly allowUnknown?: boolean;
  readonly inUse?: ReviewContext['inUse'];
}

export interface ReviewRules {
  /** What is meant: `DD-REVIEW-201` everywhere, `DD-REVIEW-201:shop/api` for one repository. */
  readonly accept?: readonly string[];
  /** Warnings stop the deployment, too. */
  readonly failOnWarning?: boolean;
}

/** Everything that a deployment would do to ECR. */
export async function reviewPlan(question: ReviewQuestion): Promise<Plan> {
  const { preview, before, after, registries, rules = {} } = question;
  const context = { registries, nameOf: nameIn(after, before.app), ...(question.inUse && { inUse: question.inUse }) };
  const pairs = pairResources(before, after);
  const changes = await reviewChanges(before, after, context);
  const unchanged = pairs.filter(({ changed, isUnknown }) => !changed && !isUnknown).map(({ after: resource }) => resource!.at);
  const merged = withLifecycles(changes.repositories, preview.repositories.map((repository) => ofThisDeployment(repository, unchanged)));
  const removals = (await lifecycleRemovals(pairs, context)).filter((removal) => !changes.gone.has(keyOf(removal)));
  const all = withRemovals(merged, removals);
  const findings = withoutRepeated([...before.findings, ...changes.findings, ...preview.findings.filter(({ code }) => code !== 'DD-REVIEW-016')]);
  const plan = judged({ ...placed(all, findings) }, rules);
  const rest = { repositories: inOrder(plan.repositories), findings: plan.findings };
  return {
    ...preview, kind: 'review', ...rest, outcome: outcomeOf(rest, question.allowUnknown),
    against: { ...preview.against, text: `${preview.against.text}, compared with ${question.beforeText}` },
  };
}

/** What CloudFormation called a repository, or what it is to call it because it has the same resource already. */
function nameIn(after: DesiredApp, before: DesiredApp | undefined): (resource: DesiredResource) => string | undefined {
  const all = [...after.stacks, ...before?.stacks ?? []].flatMap(({ resources }) => resources);
  const nameOf = (resource: DesiredResource): string | undefined => {
    if (resource.type === PREVIEW_GATE_TYPE) {
      const gated = textOf(resource, 'RepositoryLogicalId');
      const repository = all.find(({ at, stackId, type }) => at.logicalId === gated && stackId === resource.stackId && isRepository({ type }));
      return repository && (textOf(repository, 'RepositoryName') ?? nameOf(repository));
    }
    return isRepository(resource) && resource.properties.RepositoryName === undefined && typeof resource.deployed === 'object' ? resource.deployed.physicalId : undefined;
  };
  return nameOf;
}

/** A policy whose resource stays as it is is not put again, whatever the registry has by now. */
function ofThisDeployment(repository: RepositoryPlan, unchanged: readonly PlanPlace[]): RepositoryPlan {
  const { lifecycle, findings } = repository;
  if (lifecycle === undefined || !unchanged.some((place) => samePlace(place, lifecycle.at))) {
    return repository;
  }
  const { at, policy, policyHash, policyInForce, gate } = lifecycle;
  const kept: LifecyclePlan = { change: 'keep', at, ...(policy && { policy, policyHash }), ...(policyInForce && { policyInForce }), ...(gate && { gate }) };
  return { ...repository, lifecycle: kept, findings: findings.filter(({ effect }) => effect === undefined) };
}

function withLifecycles(repositories: readonly RepositoryPlan[], previews: readonly RepositoryPlan[]): RepositoryPlan[] {
  const all = [...repositories];
  for (const preview of previews) {
    const index = all.findIndex((one) => one.lifecycle === undefined && isSame(one, preview));
    if (index < 0) {
      all.push(touched(preview));
    } else {
      const there = all[index];
      all[index] = touched({
        ...preview, ...there, ...(preview.lifecycle && { lifecycle: preview.lifecycle }),
        places: [...there.places, ...preview.places.filter((place) => !there.places.some((other) => samePlace(place, other)))],
        findings: withoutRepeated([...preview.findings, ...there.findings]),
      });
    }
  }
  return all;
}

/** What lives on through the deployment, by its name; where there is none, by its resources. */
function isSame(changed: RepositoryPlan, preview: RepositoryPlan): boolean {
  if (changed.change === 'delete' || changed.change === 'leave' || (changed.change === 'replace' && changed.repositoryName !== preview.repositoryName)) {
    return false;
  }
  return changed.repositoryName !== undefined && preview.repositoryName !== undefined
    ? keyOf(changed) === keyOf(preview)
    : changed.repositoryName === preview.repositoryName && changed.places.some((place) => preview.places.some((other) => samePlace(place, other)));
}

function touched(repository: RepositoryPlan): RepositoryPlan {
  return repository.change === 'none' && repository.lifecycle !== undefined && ['put', 'delete'].includes(repository.lifecycle.change) ? { ...repository, change: 'update' } : repository;
}

function withRemovals(repositories: readonly RepositoryPlan[], removals: readonly RepositoryPlan[]): RepositoryPlan[] {
  const all = [...repositories];
  for (const removal of removals) {
    const index = all.findIndex((one) => keyOf(one) === keyOf(removal));
    if (index < 0) {
      all.push(removal);
    } else if (all[index].lifecycle === undefined) {
      all[index] = touched({ ...all[index], lifecycle: removal.lifecycle, findings: [...all[index].findings, ...removal.findings] });
    }
  }
  return all;
}

/** The findings as whoever asks wants them counted. */
function judged(plan: Pick<Plan, 'repositories' | 'findings'>, { accept = [], failOnWarning = false }: ReviewRules): Pick<Plan, 'repositories' | 'findings'> {
  const used = new Set<string>();
  const one = (repositoryName: string | undefined) => (found: PlanFinding): PlanFinding => {
    const name = found.repositoryName ?? repositoryName;
    const accepted = accept.find((text) => text === found.code || text === `${found.code}:${name}`);
    if (accepted !== undefined) {
      used.add(accepted);
      const { effect: _, ...rest } = found;
      return { ...rest, severity: 'note', message: `${found.message} (Accepted.)` };
    }
    return failOnWarning && found.severity === 'warning' && found.effect === undefined ? { ...found, severity: 'error', effect: 'block' } : found;
  };
  const repositories = plan.repositories.map((repository) => ({ ...repository, findings: repository.findings.map(one(repository.repositoryName)) }));
  const findings = plan.findings.map(one(undefined));
  return {
    repositories,
    findings: [...findings, ...accept.filter((text) => !used.has(text)).map((text) => finding('DD-REVIEW-253', 'note', `${text} was to be accepted, and nothing like it was found.`, {
      fix: 'Take it out, so that it accepts nothing later.',
    }))],
  };
}
