import { Plan, PlanFinding, PlanOutcome, RepositoryPlan } from '../report/plan';

/** What a plan comes to: what blocks it is certain, whatever else could not be checked. */
export function outcomeOf(plan: Pick<Plan, 'repositories' | 'findings'>, allowUnknown = false): PlanOutcome {
  const findings: PlanFinding[] = [...plan.findings, ...plan.repositories.flatMap((repository) => repository.findings)];
  if (findings.some(({ effect }) => effect === 'block') || plan.repositories.some(({ lifecycle }) => lifecycle?.preview?.verdict === 'blocked')) {
    return 'blocked';
  }
  return findings.some(({ effect }) => effect === 'undetermined') && !allowUnknown ? 'undetermined' : 'passed';
}

/** By stack, then construct path. */
export function inOrder(repositories: readonly RepositoryPlan[]): RepositoryPlan[] {
  const key = ({ places: [place] }: RepositoryPlan) => place === undefined ? ['', ''] : [place.stackName, place.constructPath];
  return [...repositories].sort((a, b) => {
    const [[stackA, pathA], [stackB, pathB]] = [key(a), key(b)];
    return stackA < stackB ? -1 : stackA > stackB ? 1 : pathA < pathB ? -1 : pathA > pathB ? 1 : 0;
  });
}

/** As a command ends: what blocks asks for a decision, what could not be determined for another try. */
export const EXIT_CODES: Readonly<Record<PlanOutcome, number>> = { passed: 0, blocked: 2, undetermined: 1 };
