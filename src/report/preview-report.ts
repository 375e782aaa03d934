import { Block, heading, line, Report, Severity, Tone } from './blocks';
import { byteRange, count, day, number, shortDigest, tagList } from './format';
import { imageTables, ListOptions } from './image-tables';
import { Finding, Preview } from './preview';
import { ruleTable } from './rule-table';
import { sanitise } from './sanitise';
import { Problem } from '../errors';
import { Uncertainty } from '../lifecycle/model';

export interface PreviewReportOptions extends ListOptions {
  /** The findings stand above already. */
  readonly findingsShown?: boolean;
}

/** What a policy does to the images, for a person: the totals, what speaks against it, the rules, then the images rule by rule. */
export function previewReport(preview: Preview, options: PreviewReportOptions): Report {
  return [
    heading(title(preview)),
    ...(preview.verdict === undefined ? effects(preview) : gateEffects(preview)),
    ...(options.findingsShown ? [] : preview.findings.map(findingBlock)),
    ...ruleTable(preview),
    ...imageTables(preview, options),
    ...uncertainties(preview),
  ];
}

export function findingBlock({ severity, code, place, message, fix }: Finding): Block {
  return { kind: 'finding', severity, code: sanitise(code), place: place && sanitise(place), text: sanitise(message), fix: fix && sanitise(fix) };
}

/** A problem that validation or lint has found. */
export function problemBlock(severity: Severity): (problem: Problem) => Block {
  return ({ code, pointer, message, fix }) => findingBlock({ severity, code, place: pointer || '/', message, fix });
}

const VERDICTS: Readonly<Record<string, string>> = {
  'passed': 'passes the gate',
  'acknowledged': 'passes the gate, because its effect is acknowledged',
  'blocked': 'stopped by the gate',
  'preview-only': 'nothing is applied',
  'not-needed': 'no preview was needed',
  'off': 'the gate is off',
};

function title({ verdict, policyHash, repositoryName, counts, now }: Preview): string {
  const where = repositoryName === undefined ? '' : sanitise(repositoryName);
  if (verdict !== undefined) {
    return `Preview of lifecycle policy ${sanitise(policyHash ?? '')} on ${where}: ${VERDICTS[verdict] ?? sanitise(verdict)}`;
  }
  return `${count(counts.images, 'image')}${where && ` of ${where}`}, at ${now}`;
}

function effects({ counts, bytes, oldestSurvivor, now }: Preview): Block[] {
  const { images, expiring, transitioning, held = 0, spared = 0 } = counts;
  const kept = images - expiring - transitioning;
  const size = (range: NonNullable<Preview['bytes']>['expiring'] | undefined) => range === undefined ? '' : `: ${byteRange(range)}`;
  const blocks = [expiring === 0
    ? line('Nothing expires.', 'good')
    : line(`${count(expiring, 'image')} ${verb(expiring, 'expires', 'expire')}${newly(counts.newlyExpiring)}${size(bytes?.expiring)}.`, 'bad')];
  if (transitioning > 0) {
    blocks.push(line(`${count(transitioning, 'image')} ${verb(transitioning, 'is', 'are')} archived${newly(counts.newlyTransitioning)}${size(bytes?.transitioning)}.`, 'warning'));
  }
  if (spared > 0) {
    blocks.push(line(`${count(spared, 'image')} ${verb(spared, 'is', 'are')} spared that the policy in force would take.`, 'good'));
  }
  const oldest = oldestSurvivor && `; the oldest outside the archive is ${tagList(oldestSurvivor.imageTags)} ${shortDigest(oldestSurvivor.imageDigest)}`
    + `, pushed ${day(oldestSurvivor.imagePushedAt, Date.parse(now))}`;
  blocks.push(line(`${count(kept, 'image')} ${verb(kept, 'stays', 'stay')} as ${verb(kept, 'it is', 'they are')}${oldest ?? ''}.`));
  if (held > 0) {
    blocks.push(line(`${held === kept ? 'All' : number(held)} of ${verb(kept, 'it', 'them')} would go, but an index in the repository holds ${verb(held, 'it', 'them')}.`, 'warning'));
  }
  return blocks;
}

function gateEffects({ counts, verdict }: Preview): Block[] {
  const { images, expiring, transitioning, newlyExpiring = 0, newlyTransitioning = 0 } = counts;
  const tone: Tone = verdict === 'blocked' ? 'bad' : 'good';
  const part = (all: number, fresh: number, what: string) => all === 0 ? `none would ${what}` : `${number(all)} would ${what}${newly(fresh, all)}`;
  return [line(`Of ${count(images, 'image')}, ${part(expiring, newlyExpiring, 'expire')}, ${part(transitioning, newlyTransitioning, 'be archived')}.`, tone)];
}

function newly(fresh: number | undefined, all?: number): string {
  return fresh === undefined ? '' : fresh === all ? ' (newly)' : ` (${number(fresh)} newly)`;
}

function verb(many: number, one: string, several: string): string {
  return many === 1 ? one : several;
}

/** In the order in which they matter. */
const MARKS: Readonly<Record<Uncertainty, string>> = {
  TIE_AT_CUT: 'pushed in the same moment as images on the other side of a cut; ECR does not say which of them it keeps',
  DAY_BOUNDARY: 'within a day of an age limit; ECR does not say how it measures a day',
  PULL_TIME_SLACK: 'judged by a pull time that may be a day behind the last pull',
  REFERRER_SELECTED: 'decided where ECR does not say whether its rules count and select referrers such as signatures',
  ACTIVATING: 'being restored from the archive; read as archived until that is done',
  RESTORED_AGE: 'aged from the restoration from the archive',
  REFERRER_CASCADE: 'referrers, which follow their subject within 24 hours',
  INDEX_GOES_FIRST: 'held by indexes that go by this policy too; they go in a later run, or even in the same one',
  HELD_BY_INDEX: 'marked by a rule, and held by an index in the repository',
};

function uncertainties({ uncertain }: Preview): Block[] {
  const marks = (Object.keys(MARKS) as Uncertainty[]).flatMap((mark) => uncertain[mark] ? [line(`${count(uncertain[mark], 'image')}: ${MARKS[mark]}.`, 'quiet')] : []);
  return marks.length === 0 ? [] : [heading('To be read with care'), ...marks];
}

