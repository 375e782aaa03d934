import { RepositoryState } from './registry-state';

/**
 * Which images a policy of one rule, "the youngest so many stay", lets go that the policy in force would have kept. All images of the model were pushed
 * one after another, so their count says it.
 */
export function newlyExpiring({ images, lifecycle }: RepositoryState, keep: number): number {
  const count = Object.keys(images).length;
  const going = Math.max(0, count - keep);
  const before = lifecycle === undefined ? 0 : Math.max(0, count - keptBy(lifecycle));
  return Math.max(0, going - before);
}

function keptBy(lifecycle: string): number {
  return (JSON.parse(lifecycle) as { rules: { selection: { countNumber: number } }[] }).rules[0].selection.countNumber;
}
