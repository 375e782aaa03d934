/* eslint-disable no-bitwise -- one bit a mark */
import { clock, NO_OWNER, RuleColumns } from './apply-rules';
import { Columns } from './columns';
import { ActionType, BlockedAction, CascadeAction, ImageAction, PolicyDocument, Rule, Summary, Verdict } from './model';
import { KEEP, Outcomes } from './outcomes';
import { summarise } from './summary';
import { DAY } from './time';
import { markUncertain, UNCERTAINTIES } from './uncertain';

/** Everything a run of the policy would do. Lists are in the order of the inventory. */
export interface Evaluation {
  readonly policy: PolicyDocument;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Number of images. */
  readonly count: number;
  /** Images that a rule acts on. */
  readonly actions: readonly ImageAction[];
  /** Images that a rule would act on if no index in the repository held them. */
  readonly blocked: readonly BlockedAction[];
  /** Referrers that go because their subject goes. */
  readonly cascade: readonly CascadeAction[];
  readonly summary: Summary;
  /** What becomes of the image at a place of the inventory; the verdict's `outcome` without the rest. */
  outcome(image: number): ActionType | 'KEEP';
  /** The verdict on the image at a place of the inventory. */
  verdict(image: number): Verdict;
  verdicts(): Iterable<Verdict>;
  /** By digest, by tag, or by the beginning of one digest only (at least six digits, with or without `sha256:`). */
  find(digestOrTag: string): Verdict | undefined;
}

/** By KEEP, EXPIRE and TRANSITION. */
const OUTCOMES = ['KEEP', 'EXPIRE', 'TRANSITION'] as const;

/** Columns inside; objects are made when asked for. */
export class ImageEvaluation implements Evaluation {
  private readonly marks: Uint16Array;
  private made: { actions?: ImageAction[]; blocked?: BlockedAction[]; cascade?: CascadeAction[]; summary?: Summary } = {};
  private tags?: Map<string, number>;

  constructor(
    public readonly policy: PolicyDocument,
    public readonly now: number,
    private readonly columns: Columns,
    private readonly applied: RuleColumns,
    private readonly outcomes: Outcomes,
  ) {
    this.marks = markUncertain(columns, applied, outcomes);
  }

  public get count(): number {
    return this.columns.count;
  }

  public get actions(): readonly ImageAction[] {
    return this.made.actions ??= this.makeActions();
  }

  public get blocked(): readonly BlockedAction[] {
    return this.made.blocked ??= this.makeBlocked();
  }

  public get cascade(): readonly CascadeAction[] {
    return this.made.cascade ??= this.outcomes.followers.map((i) => ({
      imageDigest: this.columns.digests[i],
      action: OUTCOMES[this.outcomes.outcome[i]] as ActionType,
      becauseOf: this.columns.digests[this.outcomes.subject[i]],
    }));
  }

  public get summary(): Summary {
    return this.made.summary ??= summarise(this.columns, this.applied, this.outcomes, this.marks);
  }

  public outcome(image: number): ActionType | 'KEEP' {
    if (!(Number.isInteger(image) && image >= 0 && image < this.columns.count)) {
      throw new RangeError(`There is no image ${image}; the inventory has ${this.columns.count}.`);
    }
    return OUTCOMES[this.outcomes.outcome[image]];
  }

  public verdict(image: number): Verdict {
    const { columns, applied, outcomes } = this;
    const outcome = this.outcome(image);
    const owner = this.ownerOf(image);
    const subject = outcomes.subject[image];
    const follows = subject >= 0;
    // Marked and yet not gone: nothing but an index does that.
    const held = applied.marked[image] === 1 && outcome === 'KEEP';
    const decided = follows ? applied.rules[outcomes.ruleOf(image)] : owner;
    return {
      imageDigest: columns.digests[image],
      imageTags: columns.images[image].imageTags ?? [],
      outcome,
      reason: held ? 'HELD_BY_INDEX' : follows ? 'FOLLOWS_SUBJECT' : outcome !== 'KEEP' ? 'MARKED' : keptBy(owner),
      ...(decided && { rulePriority: decided.rulePriority }),
      ...(!follows && owner && this.measure(image, owner)),
      ...(held && { heldAction: actionOf(owner!), heldBy: outcomes.holdersOf(image) }),
      ...(follows && { becauseOf: columns.digests[subject] }),
      shieldedFrom: applied.selecting(image).slice(1).map((rule) => applied.rules[rule].rulePriority),
      uncertain: UNCERTAINTIES.filter((_, bit) => (this.marks[image] & (1 << bit)) !== 0),
    };
  }

  public *verdicts(): Iterable<Verdict> {
    for (let i = 0; i < this.columns.count; i++) {
      yield this.verdict(i);
    }
  }

  public find(digestOrTag: string): Verdict | undefined {
    let place = this.columns.table.find(digestOrTag);
    if (place < 0) {
      this.tags ??= new Map(this.columns.images.flatMap((image, i) => (image.imageTags ?? []).map((tag) => [tag, i] as const)));
      place = this.tags.get(digestOrTag) ?? this.byBeginning(digestOrTag);
    }
    return place < 0 ? undefined : this.verdict(place);
  }

  private byBeginning(text: string): number {
    const hex = /^(?:sha256:)?([0-9a-f]{6,64})$/.exec(text)?.[1];
    if (hex === undefined) {
      return -1;
    }
    const found = this.columns.digests.flatMap((digest, i) => digest.startsWith(`sha256:${hex}`) ? [i] : []);
    return found.length === 1 ? found[0] : -1;
  }

  private ownerOf(image: number): Rule | undefined {
    const owner = this.applied.owner[image];
    return owner === NO_OWNER ? undefined : this.applied.rules[owner];
  }

  private makeBlocked(): BlockedAction[] {
    const { digests } = this.columns;
    const { rules, owner } = this.applied;
    const actions = rules.map(actionOf);
    const made: BlockedAction[] = [];
    for (const i of this.outcomes.held) {
      const rule = owner[i];
      made.push({ imageDigest: digests[i], action: actions[rule], rulePriority: rules[rule].rulePriority, heldBy: this.outcomes.holdersOf(i) });
    }
    return made;
  }

  private makeActions(): ImageAction[] {
    const { outcome, subject } = this.outcomes;
    const { digests } = this.columns;
    const made: ImageAction[] = [];
    for (let i = 0; i < outcome.length; i++) {
      if (outcome[i] !== KEEP && subject[i] < 0) {
        made.push({ imageDigest: digests[i], action: OUTCOMES[outcome[i]] as ActionType, rulePriority: this.ownerOf(i)!.rulePriority });
      }
    }
    return made;
  }

  /** The image's place in the count, or its age, against what the rule keeps. */
  private measure(image: number, rule: Rule): Pick<Verdict, 'rank' | 'keep' | 'selected' | 'ageDays' | 'ageFrom' | 'limitDays'> {
    const { countType, countNumber } = rule.selection;
    if (countType === 'imageCountMoreThan') {
      return { rank: this.applied.rank[image], keep: countNumber, selected: this.applied.selected[this.applied.owner[image]] };
    }
    const { time, from } = clock(rule, this.columns, image);
    return { ageDays: (this.now - time) / DAY, ageFrom: from, limitDays: countNumber };
  }
}

function keptBy(owner: Rule | undefined): Verdict['reason'] {
  return owner === undefined ? 'NO_RULE' : owner.selection.countType === 'imageCountMoreThan' ? 'WITHIN_COUNT' : 'WITHIN_AGE';
}

function actionOf(rule: Rule): ActionType {
  return rule.action.type === 'transition' ? 'TRANSITION' : 'EXPIRE';
}
