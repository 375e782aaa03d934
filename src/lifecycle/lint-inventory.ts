import { Problem } from '../errors';
import { Evaluation } from './evaluate';
import { selectionText } from './explain';
import { PlacedRule, warning } from './lint-support';
import { Inventory, RuleSummary } from './model';

/** A count this large is how one writes "keep all of them": more than a repository holds by default. */
const KEEP_ALL = 100_000;

/** What the images show about the rules; `rules` are those about which nothing worse is known already. */
export function lintAgainstImages(rules: readonly PlacedRule[], evaluation: Evaluation, inventory: Inventory): Problem[] {
  const summaries = new Map(evaluation.summary.rules.map((summary) => [summary.rulePriority, summary]));
  return rules.flatMap((placed) => {
    const summary = summaries.get(placed.rule.rulePriority)!;
    return selectsNothing(placed, summary, evaluation.count)
      ?? ownsNothing(placed, summary)
      ?? [...keepsMore(placed, summary), ...onlyChildren(placed, summary, inventory)];
  });
}

function selectsNothing({ rule, pointer }: PlacedRule, { selected }: RuleSummary, images: number): Problem[] | undefined {
  // An archive rule waits for images that a rule of this very policy is yet to archive.
  if (selected > 0 || rule.selection.storageClass === 'archive') {
    return selected > 0 ? undefined : [];
  }
  return [warning(
    'DD-LIFECYCLE-108', `${pointer}/selection`, `Rule ${rule.rulePriority} (${selectionText(rule)}) selects none of the ${images} images.`, undefined,
    'Compare the entries with the tags that the repository has, or remove the rule.',
  )];
}

function ownsNothing({ rule, pointer }: PlacedRule, { selected, owned }: RuleSummary): Problem[] | undefined {
  return owned > 0 ? undefined : [warning(
    'DD-LIFECYCLE-103', pointer,
    `Rule ${rule.rulePriority} selects ${selected} image${selected === 1 ? '' : 's'}, and rules of higher priority select every one of them: it cannot act.`,
    rule.rulePriority,
    'Move it before them, make them narrower, or remove it.',
  )];
}

function keepsMore({ rule, pointer }: PlacedRule, { selected }: RuleSummary): Problem[] {
  const { countType, countNumber } = rule.selection;
  return countType !== 'imageCountMoreThan' || countNumber <= selected || countNumber >= KEEP_ALL ? [] : [warning(
    'DD-LIFECYCLE-104', `${pointer}/selection/countNumber`,
    `Rule ${rule.rulePriority} keeps ${countNumber} ${selectionText(rule)}, and there ${selected === 1 ? 'is' : 'are'} ${selected}: today it removes nothing.`,
    countNumber,
    `Write less than ${selected} if something should go.`,
  )];
}

function onlyChildren({ rule, pointer }: PlacedRule, { selected }: RuleSummary, { imageDetails, manifestChildren }: Inventory): Problem[] {
  if (rule.selection.tagStatus !== 'untagged' || rule.selection.storageClass === 'archive' || !manifestChildren) {
    return [];
  }
  const present = new Set(imageDetails.map((image) => image.imageDigest));
  const children = new Set(Object.entries(manifestChildren).flatMap(([index, list]) => present.has(index) ? list : []));
  const standard = imageDetails.filter((image) => !image.imageTags?.length && (image.imageStatus ?? 'ACTIVE') === 'ACTIVE');
  return standard.some((image) => !children.has(image.imageDigest)) ? [] : [warning(
    'DD-LIFECYCLE-105', `${pointer}/selection`,
    `All ${selected} untagged images belong to indexes in the repository; ECR refuses to remove them before their index, so rule ${rule.rulePriority} does nothing.`,
    'untagged',
    'Write a rule that removes the indexes; this one then takes their children in a later run.',
  )];
}
