import { Problem } from '../errors';
import { Block, heading, line, Report } from './blocks';
import { byteRange, count, day, number, shortDigest, tagList } from './format';
import { sanitise } from './sanitise';
import { Comparison } from '../lifecycle/compare';
import { Evaluation } from '../lifecycle/evaluate';
import { explain, selectionText } from '../lifecycle/explain';
import { ActionType, ImageDetail, Inventory, Rule, Verdict } from '../lifecycle/model';
import { isoText } from '../lifecycle/time';

export interface EvaluationReportOptions {
  readonly evaluation: Evaluation;
  readonly inventory: Inventory;
  readonly repositoryName?: string;
  readonly warnings?: readonly Problem[];
  readonly comparison?: Comparison;
  /** Rows of each list of images. */
  readonly limit: number;
}

/** What a policy would do to the images, for a person: the totals, the rules, then the images. */
export function evaluationReport(options: EvaluationReportOptions): Report {
  const { evaluation, inventory, warnings = [], comparison } = options;
  return [
    ...totals(options),
    ...(comparison ? comparisonBlocks(comparison) : []),
    ...warnings.map((warning) => line(`${warning.code} at ${warning.pointer || '/'}: ${sanitise(warning.message)}`, 'warning')),
    ...ruleTable(evaluation),
    ...imageTables(evaluation, inventory, options.limit),
    ...uncertainties(evaluation),
  ];
}

function totals({ evaluation: { summary, now }, repositoryName }: EvaluationReportOptions): Block[] {
  const where = repositoryName ? ` of ${sanitise(repositoryName)}` : '';
  const blocks = [heading(`${count(summary.images, 'image')}${where}, at ${isoText(now)}`)];
  blocks.push(summary.expires === 0
    ? line('Nothing expires.', 'good')
    : line(`${count(summary.expires, 'image')} expire${summary.expires === 1 ? 's' : ''}: ${byteRange(summary.expiringBytes)}.`, 'bad'));
  if (summary.transitions > 0) {
    blocks.push(line(`${count(summary.transitions, 'image')} ${summary.transitions === 1 ? 'is' : 'are'} archived: ${byteRange(summary.transitioningBytes)}.`, 'warning'));
  }
  if (summary.blocked > 0) {
    blocks.push(line(`${count(summary.blocked, 'image')} would go but ${summary.blocked === 1 ? 'is' : 'are'} held by an index in the repository.`, 'warning'));
  }
  const oldest = summary.oldestSurvivor;
  if (oldest) {
    blocks.push(line(`${count(summary.keeps, 'image')} stay; the oldest was pushed ${day(oldest.imagePushedAt, now)}: ${tagList(oldest.imageTags)} ${shortDigest(oldest.imageDigest)}.`));
  }
  return blocks;
}

function comparisonBlocks({ newlyExpires, newlyArchives, newlySpares, stillActs }: Comparison): Block[] {
  return [line(`Against the policy in force: ${number(newlyExpires.length)} newly expire, ${number(newlyArchives.length)} are newly archived, `
    + `${number(newlySpares.length)} are spared, ${number(stillActs.length)} go as before.`)];
}

function ruleTable({ policy, summary }: Evaluation): Block[] {
  const rules = new Map(policy.rules.map((rule) => [rule.rulePriority, rule]));
  return [{
    kind: 'table',
    columns: [
      { title: 'rule' }, { title: 'what it says', wide: true }, { title: 'selects', right: true }, { title: 'decides', right: true },
      { title: 'expires', right: true }, { title: 'archives', right: true }, { title: 'held', right: true },
    ],
    rows: summary.rules.map((rule) => [
      String(rule.rulePriority), ruleText(rules.get(rule.rulePriority)!), number(rule.selected), number(rule.owned),
      number(rule.expires), number(rule.transitions), number(rule.blocked),
    ]),
  }];
}

/** A rule in words: `keep 10 images tagged prod*`. */
export function ruleText(rule: Rule): string {
  const { countType, countNumber } = rule.selection;
  const what = selectionText(rule);
  const does = rule.action.type === 'expire' ? 'expire' : 'archive';
  const limit: Record<string, string> = {
    imageCountMoreThan: `${does} all but the ${count(countNumber, 'newest').replace(/s$/, '')} ${what}`,
    sinceImagePushed: `${does} ${what} ${count(countNumber, 'day')} after the push`,
    sinceImagePulled: `${does} ${what} ${count(countNumber, 'day')} after the last pull`,
    sinceImageTransitioned: `${does} ${what} ${count(countNumber, 'day')} after archiving`,
  };
  const text = limit[countType];
  return sanitise(rule.description ? `${rule.description}: ${text}` : text);
}

const LISTS: readonly { title: string; goes: (verdict: Verdict) => ActionType | 'HELD' | undefined; is: ActionType | 'HELD' }[] = [
  { title: 'Expires', goes: (verdict) => verdict.outcome === 'KEEP' ? undefined : verdict.outcome, is: 'EXPIRE' },
  { title: 'Is archived', goes: (verdict) => verdict.outcome === 'KEEP' ? undefined : verdict.outcome, is: 'TRANSITION' },
  { title: 'Held by an index', goes: (verdict) => verdict.reason === 'HELD_BY_INDEX' ? 'HELD' : undefined, is: 'HELD' },
];

/** By rule, newest first: what was pushed last is what somebody misses first. Untagged parts come after tagged images. */
function imageTables(evaluation: Evaluation, inventory: Inventory, limit: number): Block[] {
  const details = new Map<string, ImageDetail>(inventory.imageDetails.map((image) => [image.imageDigest, image]));
  const verdicts = [...evaluation.verdicts()];
  return LISTS.flatMap(({ title, goes, is }) => {
    const all = verdicts.filter((verdict) => goes(verdict) === is)
      .map((verdict) => ({ verdict, image: details.get(verdict.imageDigest)!, pushed: new Date(pushedAt(details.get(verdict.imageDigest)!)).getTime() }))
      .sort((a, b) => Number(a.verdict.imageTags.length === 0) - Number(b.verdict.imageTags.length === 0)
        || (a.verdict.rulePriority ?? 0) - (b.verdict.rulePriority ?? 0) || b.pushed - a.pushed || (a.verdict.imageDigest < b.verdict.imageDigest ? -1 : 1));
    if (all.length === 0) {
      return [];
    }
    return [heading(`${title}: ${count(all.length, 'image')}`), {
      kind: 'table' as const,
      columns: [{ title: 'rule' }, { title: 'tags' }, { title: 'digest' }, { title: 'pushed' }, { title: 'why', wide: true }],
      rows: all.slice(0, limit).map(({ verdict, image }) => [
        String(verdict.rulePriority ?? ''), tagList(verdict.imageTags, 3), shortDigest(verdict.imageDigest), day(image.imagePushedAt, evaluation.now),
        sanitise(explain({ ...verdict, uncertain: [] }, evaluation.policy)),
      ]),
      more: all.length > limit ? `and ${count(all.length - limit, 'more image')}; --all lists them` : undefined,
    }];
  });
}

function pushedAt({ imagePushedAt }: ImageDetail): number | string | Date {
  return typeof imagePushedAt === 'number' ? imagePushedAt * 1000 : imagePushedAt;
}

const MARKS: Record<string, string> = {
  TIE_AT_CUT: 'pushed in the same moment as an image on the other side of a cut',
  DAY_BOUNDARY: 'within a day of an age limit',
  PULL_TIME_SLACK: 'judged by a pull time that may be a day old',
  REFERRER_SELECTED: 'referrers: whether rules select and count them is not documented',
  REFERRER_CASCADE: 'follow their subject within 24 hours',
  HELD_BY_INDEX: 'marked, but held by an index',
  INDEX_GOES_FIRST: 'follow in a later run, after their index',
  RESTORED_AGE: 'aged from their restoration',
  ACTIVATING: 'being restored; read as archived',
};

function uncertainties({ summary: { uncertain } }: Evaluation): Block[] {
  const marks = Object.entries(uncertain).filter(([, images]) => images! > 0);
  return marks.length === 0 ? [] : [
    heading('To be read with care'),
    ...marks.map(([mark, images]) => line(`${count(images!, 'image')}: ${MARKS[mark] ?? mark}.`, 'quiet')),
  ];
}
