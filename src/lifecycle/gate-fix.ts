import type { GateInput, PreviewedImage } from './gate';
import { Rule } from './model';

/** Words for the change of the policy after which none of the images would go: the numbers where they are known, otherwise the rules. */
export function changeToKeep(hit: readonly PreviewedImage[], { policy }: GateInput): string {
  const byRule = [...groupByRule(hit)].sort(([a], [b]) => a - b);
  return byRule.map(([priority, images]) => {
    const rule = policy?.rules.find(({ rulePriority }) => rulePriority === priority);
    return raise(rule, images) ?? `make rule ${priority} keep ${images.length === 1 ? 'the image' : `${images.length} images more`}`;
  }).join(' and ');
}

/** The same for a surplus: as few of the images kept as needed, the youngest first, by one rule if one has enough. */
export function changeToKeepSome(hit: readonly PreviewedImage[], surplus: number, input: GateInput): string {
  const groups = [...groupByRule(hit)].sort(([a, left], [b, right]) => right.length - left.length || a - b);
  const [, largest] = groups[0];
  if (largest.length < surplus) {
    return `keep ${surplus} of them more (${groups.map(([priority, images]) => `rule ${priority} takes ${images.length}`).join(', ')})`;
  }
  const youngest = [...largest].sort((a, b) => measureOf(a) - measureOf(b)).slice(0, surplus);
  return changeToKeep(youngest, input);
}

function raise(rule: Rule | undefined, images: readonly PreviewedImage[]): string | undefined {
  if (rule === undefined || images.some((image) => Number.isNaN(measureOf(image)))) {
    return undefined;
  }
  const { countType, countNumber } = rule.selection;
  // An age rule takes what is older than its days: as many days as the oldest one has begun keep it for today, not for good.
  const wanted = Math.max(...images.map((image) => Math.ceil(measureOf(image))));
  if (wanted <= countNumber) {
    return undefined;
  }
  const unit = countType === 'imageCountMoreThan' ? '' : ' days';
  return `raise countNumber of rule ${rule.rulePriority} from ${countNumber} to ${wanted}${unit}`;
}

function measureOf({ rank, ageDays }: PreviewedImage): number {
  return rank ?? ageDays ?? NaN;
}

function groupByRule(images: readonly PreviewedImage[]): Map<number, PreviewedImage[]> {
  const groups = new Map<number, PreviewedImage[]>();
  for (const image of images) {
    const group = groups.get(image.appliedRulePriority);
    if (group) {
      group.push(image);
    } else {
      groups.set(image.appliedRulePriority, [image]);
    }
  }
  return groups;
}
