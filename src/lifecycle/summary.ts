/* eslint-disable no-bitwise -- one bit a mark */
import { RuleColumns } from './apply-rules';
import { Columns, isArchived } from './columns';
import { ByteRange, RuleSummary, Summary, Uncertainty } from './model';
import { EXPIRE, KEEP, Outcomes, TRANSITION } from './outcomes';
import { epochMillis, isoText } from './time';
import { UNCERTAINTIES } from './uncertain';

export function summarise(columns: Columns, applied: RuleColumns, outcomes: Outcomes, marks: Uint16Array): Summary {
  const { count } = columns;
  const { outcome } = outcomes;
  const totals = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    totals[outcome[i]]++;
  }
  const bytes = byteRanges(columns, outcome);
  const survivor = oldestSurvivor(columns, outcome);
  return {
    images: count,
    expires: totals[EXPIRE],
    transitions: totals[TRANSITION],
    keeps: totals[KEEP],
    blocked: outcomes.held.length,
    cascades: outcomes.followers.length,
    expiringBytes: bytes[EXPIRE],
    transitioningBytes: bytes[TRANSITION],
    ...(survivor >= 0 && {
      oldestSurvivor: {
        imageDigest: columns.digests[survivor],
        imageTags: columns.images[survivor].imageTags ?? [],
        imagePushedAt: isoText(epochMillis(columns.images[survivor].imagePushedAt)),
      },
    }),
    rules: ruleSummaries(applied, outcomes),
    uncertain: countMarks(marks),
  };
}

function ruleSummaries(applied: RuleColumns, { outcome, subject, held }: Outcomes): RuleSummary[] {
  const { rules, owner, selected, owned, marked } = applied;
  const acts = [KEEP, EXPIRE, TRANSITION].map(() => new Int32Array(rules.length));
  for (let i = 0; i < owner.length; i++) {
    if (marked[i] === 1 && subject[i] < 0) {
      acts[outcome[i]][owner[i]]++;
    }
  }
  const blocked = new Int32Array(rules.length);
  for (const i of held) {
    blocked[owner[i]]++;
  }
  return rules.map(({ rulePriority }, rule) => ({
    rulePriority,
    selected: selected[rule],
    owned: owned[rule],
    expires: acts[EXPIRE][rule],
    transitions: acts[TRANSITION][rule],
    blocked: blocked[rule],
  }));
}

function byteRanges({ count, sizes }: Columns, outcome: Uint8Array): ByteRange[] {
  const sums = [0, 0, 0];
  const largest = [0, 0, 0];
  const unknown = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    const size = sizes[i];
    const what = outcome[i];
    if (size !== size) {
      unknown[what]++;
    } else {
      sums[what] += size;
      largest[what] = size > largest[what] ? size : largest[what];
    }
  }
  return [KEEP, EXPIRE, TRANSITION].map((what) => {
    // Layers of the largest one that stay somewhere else are at most all that stays. Of unknown size that may be everything.
    const others = [KEEP, EXPIRE, TRANSITION].filter((other) => other !== what);
    const stays = others.reduce((sum, other) => sum + (unknown[other] > 0 ? Infinity : sums[other]), 0);
    return { min: Math.max(0, largest[what] - stays), max: sums[what], unknown: unknown[what] };
  });
}

function oldestSurvivor({ count, pushed, profiles }: Columns, outcome: Uint8Array): number {
  let oldest = -1;
  for (let i = 0; i < count; i++) {
    if (outcome[i] === KEEP && !isArchived(profiles[i]) && (oldest < 0 || pushed[i] < pushed[oldest])) {
      oldest = i;
    }
  }
  return oldest;
}

function countMarks(marks: Uint16Array): Summary['uncertain'] {
  const combinations = new Int32Array(1 << UNCERTAINTIES.length);
  for (let i = 0; i < marks.length; i++) {
    combinations[marks[i]]++;
  }
  const counts: Partial<Record<Uncertainty, number>> = {};
  UNCERTAINTIES.forEach((name, bit) => {
    const count = combinations.reduce((sum, images, combination) => sum + ((combination & (1 << bit)) !== 0 ? images : 0), 0);
    if (count > 0) {
      counts[name] = count;
    }
  });
  return counts;
}
