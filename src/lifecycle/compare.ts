import { evaluate, Evaluation } from './evaluate';
import { BlockedAction, ImageAction, Inventory, PolicyDocument, Timestamp, Verdict } from './model';

/** What putting a policy in the place of another changes. Every list is in the order of the inventory; referrers that follow are included. */
export interface Comparison {
  /** Images that expire, and under the policy in force would stay or only be archived. */
  readonly newlyExpires: readonly ImageAction[];
  /** Images that are archived, and under the policy in force would stay where they are. */
  readonly newlyArchives: readonly ImageAction[];
  /** Images that stay; with what the policy in force would do to them. */
  readonly newlySpares: readonly ImageAction[];
  /** Images that the new policy acts on and the old one did already, as much or more. */
  readonly stillActs: readonly ImageAction[];
  /** Images that an index holds now and that go once it has gone, as they would not under the policy in force. */
  readonly newlyFollows: readonly BlockedAction[];
  readonly before?: Evaluation;
  readonly after: Evaluation;
}

/** `before` is the policy in force, `undefined` when there is none. */
export function compare(before: PolicyDocument | undefined, after: PolicyDocument, inventory: Inventory, now: Timestamp): Comparison {
  const was = before && evaluate(before, inventory, now);
  const is = evaluate(after, inventory, now);
  const lists = { newlyExpires: [], newlyArchives: [], newlySpares: [], stillActs: [] } as Record<'newlyExpires' | 'newlyArchives' | 'newlySpares' | 'stillActs', ImageAction[]>;
  const newlyFollows: BlockedAction[] = [];
  for (let i = 0; i < is.count; i++) {
    const then = was?.outcome(i) ?? 'KEEP';
    const becomes = is.outcome(i);
    if (becomes === 'EXPIRE') {
      (then === 'EXPIRE' ? lists.stillActs : lists.newlyExpires).push(actionOf(is.verdict(i)));
    } else if (becomes === 'TRANSITION') {
      (then === 'KEEP' ? lists.newlyArchives : lists.stillActs).push(actionOf(is.verdict(i)));
    } else if (then !== 'KEEP') {
      lists.newlySpares.push(actionOf(was!.verdict(i)));
    }
  }
  const followed = new Set(was?.blocked.filter((image) => follows(was, image)).map((image) => image.imageDigest));
  for (const image of is.blocked) {
    if (follows(is, image) && !followed.has(image.imageDigest) && (was?.find(image.imageDigest)?.outcome ?? 'KEEP') === 'KEEP') {
      newlyFollows.push(image);
    }
  }
  return { ...lists, newlyFollows, ...(was && { before: was }), after: is };
}

function follows(evaluation: Evaluation, image: BlockedAction): boolean {
  return evaluation.find(image.imageDigest)!.uncertain.includes('INDEX_GOES_FIRST');
}

function actionOf({ imageDigest, outcome, rulePriority }: Verdict): ImageAction {
  return { imageDigest, action: outcome as ImageAction['action'], rulePriority: rulePriority! };
}
