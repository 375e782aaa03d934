import { DrydockError } from '../errors';
import { GateCode } from './codes';
import { GateCounts, GateFinding, GateInput, GateSettings, GateVerdict, PreviewedImage } from './gate';
import { matchesPattern } from './match';
import { ActionType } from './model';
import { DAY, epochMillis } from './time';

/** Whether a deployment may go on. The same input always gives the same answer, word for word. */
export function judge(settings: GateSettings, input: GateInput): GateVerdict {
  const now = millis(input.now, 'now');
  const judged = oldestFirst(settings.countAgainst === 'everything' ? input.images : input.images.filter((image) => image.newly));
  const findings = [
    ...tooMany(settings, input, judged),
    ...tooLargeAShare(settings, input, judged),
    ...protectedTags(settings, input, judged),
    ...recent(settings.protectPushedWithinDays, 'DD-GATE-104', 'pushed', 'protectPushedWithinDays', input, judged, now, (image) => image.imagePushedAt),
    ...recent(settings.protectPulledWithinDays, 'DD-GATE-105', 'pulled', 'protectPulledWithinDays', input, judged, now, (image) => image.lastRecordedPullTime),
    ...protectedDigests(settings, input, judged),
  ];
  const acknowledged = settings.acknowledged?.includes(input.policyHash) ?? false;
  return {
    verdict: findings.length === 0 ? 'passed' : acknowledged ? 'acknowledged' : 'blocked',
    findings,
    counts: countsOf(input),
  };
}

function countsOf({ imageCount, images }: GateInput): GateCounts {
  const count = (action: ActionType, newly: boolean) => images.filter((image) => image.action === action && (image.newly || !newly)).length;
  return {
    images: imageCount,
    expiring: count('EXPIRE', false),
    transitioning: count('TRANSITION', false),
    newlyExpiring: count('EXPIRE', true),
    newlyTransitioning: count('TRANSITION', true),
  };
}

function tooMany({ maxExpiringImages, countAgainst }: GateSettings, input: GateInput, judged: readonly PreviewedImage[]): GateFinding[] {
  const expiring = judged.filter((image) => image.action === 'EXPIRE');
  if (maxExpiringImages === undefined || expiring.length <= maxExpiringImages) {
    return [];
  }
  return [finding('DD-GATE-101', input, expiring,
    `${images(expiring.length)} of ${input.repositoryName} would${newly(countAgainst)} expire; ${maxExpiringImages} may.`,
    `keep more (${byRule(expiring)}), or raise maxExpiringImages to ${expiring.length}`)];
}

function tooLargeAShare({ maxExpiringPercent, countAgainst }: GateSettings, input: GateInput, judged: readonly PreviewedImage[]): GateFinding[] {
  const expiring = judged.filter((image) => image.action === 'EXPIRE');
  // Counted as a product: 29 of 100 is not more than 29 percent, whatever the division makes of it.
  if (maxExpiringPercent === undefined || expiring.length * 100 <= maxExpiringPercent * input.imageCount) {
    return [];
  }
  const percent = input.imageCount > 0 ? expiring.length * 100 / input.imageCount : 100;
  return [finding('DD-GATE-102', input, expiring,
    `${images(expiring.length)} of the ${input.imageCount} in ${input.repositoryName} (${round(percent)} %) would${newly(countAgainst)} expire; ${maxExpiringPercent} % may.`,
    `keep more (${byRule(expiring)}), or raise maxExpiringPercent to ${Math.ceil(percent)}`)];
}

function protectedTags({ protectedTagPatterns, countAgainst }: GateSettings, input: GateInput, judged: readonly PreviewedImage[]): GateFinding[] {
  return (protectedTagPatterns ?? []).flatMap((pattern) => {
    const hit = judged.filter((image) => image.imageTags.some((tag) => matchesPattern(pattern, tag)));
    return hit.length === 0 ? [] : [finding('DD-GATE-103', input, hit,
      `${images(hit.length)} of ${input.repositoryName} with a tag matching \`${pattern}\` would${newly(countAgainst)} ${verbs(hit)}.`,
      `put a rule that keeps \`${pattern}\` before rule ${Math.min(...hit.map((image) => image.appliedRulePriority))}, `
      + `or remove \`${pattern}\` from protectedTagPatterns`)];
  });
}

function recent(
  days: number | undefined, code: GateCode, verb: string, setting: string, input: GateInput, judged: readonly PreviewedImage[], now: number,
  timeOf: (image: PreviewedImage) => PreviewedImage['imagePushedAt'] | undefined,
): GateFinding[] {
  if (days === undefined) {
    return [];
  }
  const ages = judged.flatMap((image) => {
    const time = timeOf(image);
    const age = time === undefined ? Infinity : now - millis(time, image.imageDigest);
    return age <= days * DAY ? [{ image, age }] : [];
  });
  if (ages.length === 0) {
    return [];
  }
  const hit = ages.map(({ image }) => image);
  const youngest = Math.max(0, Math.min(...ages.map(({ age }) => age))) / DAY;
  return [finding(code, input, hit,
    `${images(hit.length)} of ${input.repositoryName} ${verb} within ${days} days would ${verbs(hit)}; the latest was ${verb} ${round(youngest)} days ago.`,
    `keep more (${byRule(hit)}), or lower ${setting} to ${Math.max(0, Math.ceil(youngest) - 1)}`)];
}

function protectedDigests({ protectedDigests: digests }: GateSettings, input: GateInput, judged: readonly PreviewedImage[]): GateFinding[] {
  const hit = judged.filter((image) => digests?.includes(image.imageDigest));
  return hit.length === 0 ? [] : [finding('DD-GATE-106', input, hit,
    `${images(hit.length)} of ${input.repositoryName} that protectedDigests names would ${verbs(hit)}.`,
    `keep more (${byRule(hit)}), or remove ${hit.length === 1 ? 'it' : 'them'} from protectedDigests`)];
}

function finding(code: GateCode, { policyHash }: GateInput, hit: readonly PreviewedImage[], sentence: string, change: string): GateFinding {
  const fix = `To let it pass: ${change}; or accept the effect of exactly this policy by adding ${policyHash} to acknowledged.`;
  return { code, message: `${sentence} ${examples(hit)}`, fix, images: hit };
}

const EXAMPLES = 3;

function examples(hit: readonly PreviewedImage[]): string {
  const some = hit.slice(0, EXAMPLES).map((image) => `${nameOf(image)} (rule ${image.appliedRulePriority})`);
  return `${hit.length > EXAMPLES ? 'Among them' : 'Namely'}: ${some.join(', ')}${hit.length > EXAMPLES ? ` and ${hit.length - EXAMPLES} more` : ''}.`;
}

/** A tag where there is one, otherwise the beginning of the digest. */
function nameOf(image: PreviewedImage): string {
  return image.imageTags[0] ?? image.imageDigest.slice(0, 19);
}

function byRule(hit: readonly PreviewedImage[]): string {
  const counts = new Map<number, number>();
  hit.forEach((image) => counts.set(image.appliedRulePriority, (counts.get(image.appliedRulePriority) ?? 0) + 1));
  return [...counts].sort(([a], [b]) => a - b).map(([rule, count]) => `rule ${rule} takes ${count}`).join(', ');
}

function verbs(hit: readonly PreviewedImage[]): string {
  const actions = new Set(hit.map((image) => image.action));
  return actions.size === 2 ? 'expire or be archived' : actions.has('EXPIRE') ? 'expire' : 'be archived';
}

function newly(countAgainst: GateSettings['countAgainst']): string {
  return countAgainst === 'policy-in-force' ? ' newly' : '';
}

function images(count: number): string {
  return `${count} image${count === 1 ? '' : 's'}`;
}

function round(x: number): string {
  return String(Math.round(x * 10) / 10);
}

function oldestFirst(list: readonly PreviewedImage[]): PreviewedImage[] {
  const timed = list.map((image) => ({ image, time: millis(image.imagePushedAt, image.imageDigest) }));
  timed.sort((a, b) => a.time - b.time || (a.image.imageDigest < b.image.imageDigest ? -1 : 1));
  return timed.map(({ image }) => image);
}

function millis(time: GateInput['now'], what: string): number {
  const value = epochMillis(time);
  if (Number.isNaN(value)) {
    throw new DrydockError({ code: 'DD-INVENTORY-003', pointer: what, message: 'A time given to the gate is no point in time.', value: time });
  }
  return value;
}
