import { Problem } from '../errors';
import { evaluate } from './evaluate';
import { lintAgainstImages } from './lint-inventory';
import { PlacedRule, warning } from './lint-support';
import { matchesPattern, patternCovers, patternsOverlap } from './match';
import { Inventory, PolicyDocument, Rule, Timestamp } from './model';
import { show } from './validate-support';

/**
 * What is legal and hardly meant. With an inventory also what the images of that repository show. Expects a valid policy, and the images
 * of one repository.
 */
export function lint(policy: PolicyDocument, inventory?: Inventory, now?: Timestamp): Problem[] {
  const rules = policy.rules.map((rule, index) => ({ rule, pointer: `/rules/${index}`, patterns: patternsOf(rule) }));
  rules.sort((a, b) => a.rule.rulePriority - b.rule.rulePriority);
  const shielded = rules.flatMap((placed, place) => shieldedBy(placed, rules.slice(0, place)));
  const found = [
    ...rules.flatMap((placed) => [
      ...literalWildcards(placed), ...emptyPrefixes(placed), ...impossibleEntries(placed), ...andTrap(placed, inventory),
    ]),
    ...shielded,
  ];
  if (inventory && inventory.imageDetails.length > 0) {
    const provable = new Set(shielded.map((problem) => problem.pointer));
    // Which images a rule selects does not depend on the time.
    const evaluation = evaluate(policy, inventory, now ?? 0);
    found.push(...lintAgainstImages(rules.filter(({ pointer }) => !provable.has(pointer)), evaluation, inventory));
  }
  return found.sort((a, b) => placeOf(a.pointer) - placeOf(b.pointer) || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0));
}

/** Lists longer than this are compared in part: one policy may hold thousands of entries, and no sensible one does. */
const COMPARED_MAX = 100;

/** Stands for a `*` that is meant literally, so that prefixes and patterns can be compared as patterns. */
const LITERAL_STAR = '\u0001';

function patternsOf({ selection }: Rule): string[] {
  const prefixes = (selection.tagPrefixList ?? []).map((prefix) => `${prefix.replace(/\*/g, LITERAL_STAR)}*`);
  return [...new Set([...selection.tagPatternList ?? [], ...prefixes])];
}

function entriesOf({ selection }: Rule): { readonly name: string; readonly entries: readonly string[] } {
  return selection.tagPatternList?.length
    ? { name: 'tagPatternList', entries: selection.tagPatternList }
    : { name: 'tagPrefixList', entries: selection.tagPrefixList ?? [] };
}

function literalWildcards({ rule, pointer }: PlacedRule): Problem[] {
  return (rule.selection.tagPrefixList ?? []).flatMap((entry, index) => entry.includes('*') ? [warning(
    'DD-LIFECYCLE-106', `${pointer}/selection/tagPrefixList/${index}`,
    `A prefix has no wildcards: ${show(entry)} selects tags that begin with these very characters, and no tag has a \`*\`.`,
    entry,
    /^[^*]+\*$/.test(entry) ? `Write ${show(entry.slice(0, -1))}; a prefix needs no \`*\`.` : 'Use tagPatternList for this rule.',
  )] : []);
}

function emptyPrefixes({ rule, pointer }: PlacedRule): Problem[] {
  return (rule.selection.tagPrefixList ?? []).flatMap((entry, index) => entry === '' ? [warning(
    'DD-LIFECYCLE-111', `${pointer}/selection/tagPrefixList/${index}`, 'An empty prefix selects every tagged image.', entry,
    'Say so with `"tagPatternList": ["*"]`.',
  )] : []);
}

const TAG_START = /^[A-Za-z0-9_]/;
const TAG_CHARACTERS = /^[A-Za-z0-9_.-]*$/;
const TAG_MAX = 128;

/** @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pull for what a tag may look like */
function impossibleEntries({ rule, pointer }: PlacedRule): Problem[] {
  const { name, entries } = entriesOf(rule);
  return entries.flatMap((entry, index) => {
    const pattern = name === 'tagPatternList';
    const characters = entry.replace(/\*/g, '');
    const begins = pattern && entry.startsWith('*') ? '' : characters;
    const why = entry === '' && pattern ? 'it is empty'
      : !TAG_CHARACTERS.test(characters) ? 'tags have letters, digits, `_`, `.` and `-` only'
        : begins !== '' && !TAG_START.test(begins) ? 'clients push only tags that begin with a letter, a digit or `_`'
          : characters.length > TAG_MAX ? `tags have at most ${TAG_MAX} characters` : undefined;
    return why === undefined ? [] : [warning(
      'DD-LIFECYCLE-107', `${pointer}/selection/${name}/${index}`, `No tag can match ${show(entry)}: ${why}.`, entry,
      'Write the entry as the tags are written, or remove the rule.',
    )];
  });
}

/** Every entry must be matched: a list of alternatives selects next to nothing. */
function andTrap({ rule, pointer, patterns }: PlacedRule, inventory: Inventory | undefined): Problem[] {
  const apart = twoApart(patterns.slice(0, COMPARED_MAX));
  if (rule.selection.tagStatus !== 'tagged' || apart === undefined) {
    return [];
  }
  const { name, entries } = entriesOf(rule);
  let seen = '';
  if (inventory && inventory.imageDetails.length > 0) {
    const tags = inventory.imageDetails.map((image) => image.imageTags ?? []);
    const matches = (list: readonly string[], pattern: string) => list.some((tag) => matchesPattern(pattern, literal(tag)));
    if (tags.some((list) => patterns.every((pattern) => matches(list, pattern)))) {
      return [];
    }
    const some = tags.filter((list) => patterns.some((pattern) => matches(list, pattern))).length;
    seen = ` Of the ${inventory.imageDetails.length} images ${some} match one entry or more, none matches all.`;
  }
  return [warning(
    'DD-LIFECYCLE-101', `${pointer}/selection/${name}`,
    `An image must match all ${entries.length} entries, and no tag matches both ${show(shown(apart[0]))} and ${show(shown(apart[1]))}: `
    + `only an image with several such tags is selected.${seen}`,
    entries,
    'If any of them should do, write a rule for each entry.',
  )];
}

/** Two patterns that no tag matches both of. */
function twoApart(patterns: readonly string[]): readonly [string, string] | undefined {
  for (const [i, a] of patterns.entries()) {
    const b = patterns.slice(i + 1).find((other) => !patternsOverlap(a, other));
    if (b !== undefined) {
      return [a, b];
    }
  }
  return undefined;
}

function literal(tag: string): string {
  return tag.replace(/\*/g, LITERAL_STAR);
}

function shown(pattern: string): string {
  return pattern.replaceAll(LITERAL_STAR, '*');
}

/** Whether what `rule` selects is a part of what one rule before it, or two together, select: then it can never act. */
function shieldedBy(placed: PlacedRule, before: readonly PlacedRule[]): Problem[] {
  const storageClass = (rule: Rule) => rule.selection.storageClass ?? 'standard';
  const candidates = before.filter(({ rule }) => storageClass(rule) === storageClass(placed.rule));
  const shields = candidates.find((other) => covers(other, placed)) ?? undefined;
  const all = shields ? [shields] : coveringPair(candidates, placed);
  if (all.length === 0) {
    return [];
  }
  const numbers = all.map(({ rule }) => rule.rulePriority).join(' and ');
  return [warning(
    'DD-LIFECYCLE-102', placed.pointer,
    `Rule ${placed.rule.rulePriority} can never act: whatever it selects, rule${all.length > 1 ? 's' : ''} ${numbers} `
    + `select${all.length > 1 ? '' : 's'} too, and a lower number shields.`,
    placed.rule.rulePriority,
    all.length > 1 ? 'Remove the rule.' : `Give it a number below ${numbers}, make rule ${numbers} narrower, or remove it.`,
  )];
}

function covers(wide: PlacedRule, narrow: PlacedRule): boolean {
  const status = wide.rule.selection.tagStatus;
  if (status !== 'tagged') {
    return status === 'any' || narrow.rule.selection.tagStatus === 'untagged';
  }
  return narrow.rule.selection.tagStatus === 'tagged'
    && wide.patterns.length > 0
    && wide.patterns.length <= COMPARED_MAX
    && wide.patterns.every((w) => narrow.patterns.some((n) => patternCovers(w, n)));
}

/** All tagged and all untagged images together are all there are. */
function coveringPair(candidates: readonly PlacedRule[], { rule }: PlacedRule): PlacedRule[] {
  if (rule.selection.tagStatus !== 'any') {
    return [];
  }
  const untagged = candidates.find((other) => other.rule.selection.tagStatus === 'untagged');
  const tagged = candidates.find(({ rule: { selection }, patterns }) => selection.tagStatus === 'tagged' && patterns.every((p) => patternCovers(p, '*')));
  return untagged && tagged ? [tagged, untagged] : [];
}

function placeOf(pointer: string): number {
  return Number(pointer.split('/')[2]);
}
