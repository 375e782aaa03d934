import { DrydockError } from '../errors';
import { GateCode } from './codes';
import type { GateCounts, GateFinding, GateInput, GateSettings, GateVerdict, PreviewedImage } from './gate';
import { changeToKeep, changeToKeepSome } from './gate-fix';
import { matchesPattern } from './match';
import { ActionType, Timestamp } from './model';
import { DAY, epochMillis } from './time';

/** Whether a deployment may go on. The same input always gives the same answer, word for word. */
export function judge(settings: GateSettings, input: GateInput): GateVerdict {
  const gate = new Gate(settings, input);
  const findings = gate.findings();
  const acknowledged = settings.acknowledged?.includes(input.policyHash) ?? false;
  return {
    verdict: findings.length === 0 ? 'passed' : acknowledged ? 'acknowledged' : 'blocked',
    findings,
    counts: countsOf(input),
  };
}

function countsOf({ imageCount, images }: GateInput): GateCounts {
  const count = (action: ActionType, onlyNew: boolean) => images.filter((image) => image.action === action && (image.newly || !onlyNew)).length;
  return {
    images: imageCount,
    expiring: count('EXPIRE', false),
    transitioning: count('TRANSITION', false),
    newlyExpiring: count('EXPIRE', true),
    newlyTransitioning: count('TRANSITION', true),
  };
}

class Gate {
  private readonly now: number;
  /** Images that count, oldest first. */
  private readonly judged: readonly PreviewedImage[];
  private readonly expiring: readonly PreviewedImage[];

  constructor(private readonly settings: GateSettings, private readonly input: GateInput) {
    this.now = millis(input.now, 'now');
    this.judged = oldestFirst(settings.countAgainst === 'everything' ? input.images : input.images.filter((image) => image.newly));
    this.expiring = this.judged.filter((image) => image.action === 'EXPIRE');
  }

  public findings(): GateFinding[] {
    const { protectPushedWithinDays: pushed, protectPulledWithinDays: pulled } = this.settings;
    return [
      ...this.inUse(),
      ...this.tooMany(),
      ...this.tooLargeAShare(),
      ...(this.settings.protectedTagPatterns ?? []).flatMap((pattern) => this.protectedTag(pattern)),
      ...this.recent('DD-GATE-104', 'pushed', 'protectPushedWithin', pushed, (image) => image.imagePushedAt),
      ...this.recent('DD-GATE-105', 'pulled', 'protectPulledWithin', pulled, (image) => image.lastRecordedPullTime),
      ...this.protectedDigests(),
    ];
  }

  /** The policy in force may act on it too: what runs should not go either way. */
  private inUse(): GateFinding[] {
    const { inUse, images } = this.input;
    const hit = inUse === undefined ? [] : oldestFirst(images.filter(({ imageDigest }) => (inUse.get(imageDigest)?.length ?? 0) > 0));
    if (hit.length === 0) {
      return [];
    }
    const users = ({ imageDigest }: PreviewedImage) => inUse!.get(imageDigest)!;
    return [this.finding('DD-GATE-107', hit,
      `${countOfImages(hit.length)} of ${this.input.repositoryName} in use would ${verb(hit)}.`,
      changeToKeep(hit, this.input), 'run other images first, or leave out inUse',
      (image) => `${nameOf(image)}, by ${users(image)[0]}${users(image).length > 1 ? ` and ${users(image).length - 1} more` : ''}`)];
  }

  private tooMany(): GateFinding[] {
    const { maxExpiringImages: max } = this.settings;
    const count = this.expiring.length;
    if (max === undefined || count <= max) {
      return [];
    }
    return [this.finding('DD-GATE-101', this.expiring, `${countOfImages(count)} of ${this.input.repositoryName} would${this.newly()} expire; ${max} may.`,
      changeToKeepSome(this.expiring, count - max, this.input), `raise maxExpiringImages to ${count}`)];
  }

  /**
   * Of all images, and of the tagged ones where their number is known: the untagged children of indexes, which stay until their index has gone,
   * would otherwise hide that most of what people know by name goes.
   */
  private tooLargeAShare(): GateFinding[] {
    const { imageCount, taggedImageCount } = this.input;
    const tagged = this.expiring.filter((image) => image.imageTags.length > 0);
    const shares = [
      { expiring: this.expiring, total: imageCount, what: '' },
      ...(taggedImageCount === undefined ? [] : [{ expiring: tagged, total: taggedImageCount, what: 'tagged ones ' }]),
    ];
    const percents = shares.map(({ expiring, total }) => total > 0 ? expiring.length * 100 / total : expiring.length > 0 ? 100 : 0);
    // What lets one share pass must not leave the other in the way.
    const enough = Math.min(100, Math.ceil(Math.max(...percents)));
    return shares.flatMap((share, i) => this.share(share, percents[i], enough));
  }

  private share(
    { expiring, total, what }: { readonly expiring: readonly PreviewedImage[]; readonly total: number; readonly what: string }, percent: number, enough: number,
  ): GateFinding[] {
    const { maxExpiringPercent: max } = this.settings;
    const count = expiring.length;
    // Compared as products: 29 of 100 is not more than 29 percent, whatever a division would make of it.
    const within = (images: number) => max === undefined || images * 100 <= max * total;
    if (max === undefined || within(count)) {
      return [];
    }
    const floor = Math.floor(max * total / 100);
    const allowed = within(floor + 1) ? floor + 1 : floor;
    return [this.finding('DD-GATE-102', expiring,
      `${countOfImages(count)} of the ${total} ${what}in ${this.input.repositoryName} (${oneDigit(percent)} %) would${this.newly()} expire; ${max} % (${allowed}) may.`,
      changeToKeepSome(expiring, count - allowed, this.input), `raise maxExpiringPercent to ${enough}`)];
  }

  private protectedTag(pattern: string): GateFinding[] {
    const hit = this.judged.filter((image) => image.imageTags.some((tag) => matchesPattern(pattern, tag)));
    if (hit.length === 0) {
      return [];
    }
    const first = Math.min(...hit.map((image) => image.appliedRulePriority));
    return [this.finding('DD-GATE-103', hit,
      `${countOfImages(hit.length)} of ${this.input.repositoryName} with a tag that matches ${pattern} would${this.newly()} ${verb(hit)}.`,
      `${changeToKeep(hit, this.input)}, or put a rule that keeps ${pattern} before rule ${first}`, `remove ${pattern} from protectedTagPatterns`,
      (image) => image.imageTags.find((tag) => matchesPattern(pattern, tag)) ?? nameOf(image))];
  }

  private recent(
    code: GateCode, verbed: string, setting: string, limit: number | undefined, timeOf: (image: PreviewedImage) => Timestamp | undefined,
  ): GateFinding[] {
    if (limit === undefined || limit === 0) {
      return [];
    }
    const ages = this.judged.flatMap((image) => {
      const time = timeOf(image);
      const age = time === undefined ? Infinity : (this.now - millis(time, image.imageDigest)) / DAY;
      return age <= limit ? [{ image, age }] : [];
    });
    if (ages.length === 0) {
      return [];
    }
    const hit = ages.map(({ image }) => image);
    const latest = Math.max(0, Math.min(...ages.map(({ age }) => age)));
    return [this.finding(code, hit,
      `${countOfImages(hit.length)} of ${this.input.repositoryName} ${verbed} within ${days(limit)} would${this.newly()} ${verb(hit)}, the latest ${verbed} ${oneDigit(latest)} days ago.`,
      changeToKeep(hit, this.input), `lower ${setting} to ${days(Math.max(0, Math.ceil(latest) - 1))}`)];
  }

  private protectedDigests(): GateFinding[] {
    const digests = new Set(this.settings.protectedDigests);
    const hit = this.judged.filter((image) => digests.has(image.imageDigest));
    return hit.length === 0 ? [] : [this.finding('DD-GATE-106', hit,
      `${countOfImages(hit.length)} of ${this.input.repositoryName} that protectedDigests names would${this.newly()} ${verb(hit)}.`,
      changeToKeep(hit, this.input), `remove ${hit.length === 1 ? 'it' : 'them'} from protectedDigests`)];
  }

  private finding(
    code: GateCode, hit: readonly PreviewedImage[], sentence: string, policyChange: string, gateChange: string, name: (image: PreviewedImage) => string = nameOf,
  ): GateFinding {
    return {
      code,
      message: `${sentence} ${examples(hit, name)}`,
      fix: `In the policy: ${policyChange}. In the gate: ${gateChange}, or accept the effect of this very policy: add '${this.input.policyHash}' to acknowledgedPolicies.`,
      images: hit,
    };
  }

  private newly(): string {
    return this.settings.countAgainst === 'policy-in-force' ? ' newly' : '';
  }
}

const EXAMPLES = 3;

function examples(hit: readonly PreviewedImage[], name: (image: PreviewedImage) => string): string {
  const some = hit.slice(0, EXAMPLES).map((image) => `${name(image)} (rule ${image.appliedRulePriority})`);
  const more = hit.length - some.length;
  return `${more > 0 ? 'Oldest first' : 'Namely'}: ${some.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
}

/** A tag where there is one, otherwise the beginning of the digest. */
function nameOf(image: PreviewedImage): string {
  return image.imageTags[0] ?? image.imageDigest.slice(0, 19);
}

function verb(hit: readonly PreviewedImage[]): string {
  const actions = new Set(hit.map((image) => image.action));
  return actions.size === 2 ? 'expire or be archived' : actions.has('EXPIRE') ? 'expire' : 'be archived';
}

function countOfImages(count: number): string {
  return `${count} image${count === 1 ? '' : 's'}`;
}

function days(count: number): string {
  return `${count} day${count === 1 ? '' : 's'}`;
}

/** Rounded down: an age is never told older, a share never larger than it is. */
function oneDigit(x: number): string {
  return String(Math.floor(x * 10) / 10);
}

function oldestFirst(list: readonly PreviewedImage[]): PreviewedImage[] {
  const timed = list.map((image) => ({ image, time: millis(image.imagePushedAt, image.imageDigest) }));
  timed.sort((a, b) => a.time - b.time || (a.image.imageDigest < b.image.imageDigest ? -1 : 1));
  return timed.map(({ image }) => image);
}

function millis(time: Timestamp, what: string): number {
  const value = epochMillis(time);
  if (Number.isNaN(value)) {
    throw new DrydockError({ code: 'DD-INVENTORY-003', pointer: what, message: 'A time given to the gate is no point in time.', value: time });
  }
  return value;
}
