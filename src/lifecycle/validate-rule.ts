import { CountType, StorageClass, TagStatus } from './model';
import { child, isObject, NO_ALTERNATIVE, ProblemList, show } from './validate-support';

/** What of a rule could be read; members that are missing or wrong are `undefined`. */
export interface CheckedRule {
  readonly pointer: string;
  readonly rulePriority?: number;
  readonly tagStatus?: TagStatus;
  readonly storageClass?: StorageClass;
  /** The non-empty list and its name. */
  readonly list?: { readonly name: ListName; readonly entries: readonly string[] };
}

export type ListName = 'tagPatternList' | 'tagPrefixList';

const LIST_NAMES: readonly ListName[] = ['tagPatternList', 'tagPrefixList'];
const TAG_STATUSES: readonly TagStatus[] = ['tagged', 'untagged', 'any'];
const STORAGE_CLASSES: readonly StorageClass[] = ['standard', 'archive'];
const COUNT_TYPES: readonly CountType[] = ['imageCountMoreThan', 'sinceImagePushed', 'sinceImagePulled', 'sinceImageTransitioned'];

/** The API tells rule priorities as 32-bit integers. */
const INTEGER_MAX = 2_147_483_647;
const WILDCARDS_MAX = 4;
/** Minimum storage duration of the archive class: nothing may be expired earlier. */
const ARCHIVE_DAYS_MIN = 90;

export function checkRule(list: ProblemList, rule: unknown, pointer: string): CheckedRule {
  if (!isObject(rule)) {
    list.wrongType(pointer, 'The rule', rule, 'object');
    return { pointer };
  }
  list.unknownMembers(rule, pointer, ['rulePriority', 'description', 'selection', 'action']);
  list.missingMembers(rule, pointer, ['action', 'rulePriority', 'selection']);
  list.typed(rule, pointer, 'description', 'string');
  const rulePriority = checkInteger(list, rule, pointer, 'rulePriority', 'DD-LIFECYCLE-008');
  const selection = list.typed(rule, pointer, 'selection', 'object');
  const action = list.typed(rule, pointer, 'action', 'object');
  const actionType = action && checkAction(list, action, child(pointer, 'action'));
  const selected = selection ? checkSelection(list, selection, child(pointer, 'selection'), actionType) : {};
  return { pointer, rulePriority, ...selected };
}

function checkAction(list: ProblemList, action: Record<string, unknown>, pointer: string): string | undefined {
  list.unknownMembers(action, pointer, ['type', 'targetStorageClass']);
  list.missingMembers(action, pointer, ['type']);
  const type = list.typed(action, pointer, 'type', 'string');
  const target = list.typed(action, pointer, 'targetStorageClass', 'string', NO_ALTERNATIVE);
  const at = child(pointer, 'targetStorageClass');
  const given = list.member(action, 'targetStorageClass') !== undefined;
  const known = type !== undefined && list.oneOf('DD-LIFECYCLE-009', child(pointer, 'type'), 'type', type, ['expire', 'transition']);
  if (target !== undefined && type !== 'expire') {
    list.oneOf('DD-LIFECYCLE-015', at, 'targetStorageClass', target, ['archive'], NO_ALTERNATIVE);
  }
  if (type === 'transition' && !given) {
    list.problem('DD-LIFECYCLE-015', pointer, 'An action `transition` needs `targetStorageClass`.', {
      fix: 'Add `"targetStorageClass": "archive"`.',
      awsMessage: NO_ALTERNATIVE,
    });
  }
  if (type === 'expire' && target !== undefined) {
    list.problem('DD-LIFECYCLE-015', at, 'An action `expire` has no `targetStorageClass`.', {
      value: target,
      fix: 'Remove `targetStorageClass`, or make the type `transition` to archive instead of deleting.',
    });
  }
  return known ? type : undefined;
}

const SELECTION_MEMBERS = ['tagStatus', ...LIST_NAMES, 'storageClass', 'countType', 'countUnit', 'countNumber'];

function checkSelection(list: ProblemList, selection: Record<string, unknown>, pointer: string, actionType: string | undefined): Omit<CheckedRule, 'pointer'> {
  list.unknownMembers(selection, pointer, SELECTION_MEMBERS);
  list.missingMembers(selection, pointer, ['countNumber', 'countType', 'tagStatus']);
  const tagStatus = checkWord(list, selection, pointer, 'tagStatus', TAG_STATUSES) as TagStatus | undefined;
  const countType = checkCountType(list, selection, pointer);
  checkCountUnit(list, selection, pointer, countType);
  const countNumber = checkInteger(list, selection, pointer, 'countNumber', 'DD-LIFECYCLE-014');
  const storageClass = list.member(selection, 'storageClass') === undefined
    ? 'standard'
    : (checkWord(list, selection, pointer, 'storageClass', STORAGE_CLASSES) as StorageClass | undefined);
  if (countType !== undefined) {
    checkCombination(list, pointer, { countType, countNumber, storageClass, actionType });
  }
  return { tagStatus, storageClass, list: checkLists(list, selection, pointer, tagStatus) };
}

function checkWord(list: ProblemList, object: Record<string, unknown>, pointer: string, name: string, words: readonly string[]): string | undefined {
  const word = list.typed(object, pointer, name, 'string');
  return word !== undefined && list.oneOf('DD-LIFECYCLE-009', child(pointer, name), name, word, words) ? word : undefined;
}

function checkCountType(list: ProblemList, selection: Record<string, unknown>, pointer: string): CountType | undefined {
  const word = list.typed(selection, pointer, 'countType', 'string', NO_ALTERNATIVE);
  const known = word !== undefined && list.oneOf('DD-LIFECYCLE-012', child(pointer, 'countType'), 'countType', word, COUNT_TYPES, NO_ALTERNATIVE);
  return known ? (word as CountType) : undefined;
}

function checkCountUnit(list: ProblemList, selection: Record<string, unknown>, pointer: string, countType: CountType | undefined): void {
  const given = list.member(selection, 'countUnit') !== undefined;
  const unit = list.typed(selection, pointer, 'countUnit', 'string', NO_ALTERNATIVE);
  if (unit !== undefined) {
    list.oneOf('DD-LIFECYCLE-009', child(pointer, 'countUnit'), 'countUnit', unit, ['days']);
  }
  if (countType === 'imageCountMoreThan' && unit !== undefined) {
    list.problem('DD-LIFECYCLE-013', child(pointer, 'countUnit'), '`countUnit` does not go with `imageCountMoreThan`, which counts images.', {
      value: unit,
      fix: 'Remove `countUnit`, or count days with `sinceImagePushed`.',
    });
  } else if (countType !== undefined && countType !== 'imageCountMoreThan' && !given) {
    list.problem('DD-LIFECYCLE-013', pointer, `\`${countType}\` needs \`countUnit\`.`, { fix: 'Add `"countUnit": "days"`.' });
  }
}

/** A whole number from 1 on; `undefined` when it is missing or not one. */
function checkInteger(
  list: ProblemList, object: Record<string, unknown>, pointer: string, name: string, code: 'DD-LIFECYCLE-008' | 'DD-LIFECYCLE-014',
): number | undefined {
  const value = list.typed(object, pointer, name, 'integer');
  if (value === undefined) {
    return undefined;
  }
  const at = child(pointer, name);
  if (!Number.isInteger(value)) {
    list.problem(code, at, `\`${name}\` is ${show(value)}; it must be a whole number.`, { value, awsMessage: list.typeText(value, 'integer') });
    return undefined;
  }
  if (value < 1) {
    list.problem(code, at, `\`${name}\` is ${value}; it must be at least 1.`, {
      value,
      awsMessage: `numeric instance is lower than the required minimum (minimum: 1, found: ${value})`,
    });
    return undefined;
  }
  if (value > INTEGER_MAX) {
    list.problem(code, at, `\`${name}\` is ${value}; ECR's API carries at most ${INTEGER_MAX}.`, { value });
    return undefined;
  }
  return value;
}

interface Combination {
  readonly countType: CountType;
  readonly countNumber?: number;
  readonly storageClass?: StorageClass;
  readonly actionType?: string;
}

/** @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html#lp_count_type */
function checkCombination(list: ProblemList, pointer: string, { countType, countNumber, storageClass, actionType }: Combination): void {
  const at = child(pointer, 'countType');
  const code = 'DD-LIFECYCLE-016';
  if (countType !== 'sinceImageTransitioned') {
    if (storageClass === 'archive') {
      list.problem(code, at, `\`${countType}\` does not apply to the storage class \`archive\`.`, {
        value: countType,
        fix: 'Use `sinceImageTransitioned` for archived images, or leave `storageClass` out.',
      });
    }
    if (countType === 'sinceImagePulled' && actionType === 'expire') {
      list.problem(code, at, '`sinceImagePulled` only archives; it cannot expire.', {
        value: countType,
        fix: 'Use the action `{"type": "transition", "targetStorageClass": "archive"}`, or `sinceImagePushed` to expire by age.',
      });
    }
    return;
  }
  if (storageClass === 'standard') {
    list.problem(code, at, '`sinceImageTransitioned` needs `"storageClass": "archive"`: only archived images have been transitioned.', {
      value: countType,
      fix: 'Add `"storageClass": "archive"` to the selection.',
    });
  }
  if (actionType === 'transition') {
    list.problem(code, at, '`sinceImageTransitioned` only expires; the images are in the archive already.', {
      value: countType,
      fix: 'Use the action `{"type": "expire"}`.',
    });
  }
  if (countNumber !== undefined && countNumber < ARCHIVE_DAYS_MIN) {
    list.problem(code, child(pointer, 'countNumber'), `\`countNumber\` is ${countNumber}; archived images stay at least ${ARCHIVE_DAYS_MIN} days.`, {
      value: countNumber,
      fix: `Write ${ARCHIVE_DAYS_MIN} or more.`,
    });
  }
}

function checkLists(list: ProblemList, selection: Record<string, unknown>, pointer: string, tagStatus: TagStatus | undefined): CheckedRule['list'] {
  const lists = LIST_NAMES.map((name) => ({ name, at: child(pointer, name), value: list.typed(selection, pointer, name, 'array') }));
  const filled = lists.flatMap(({ name, at, value }) => {
    return value && value.length > 0 ? [{ name, at, entries: checkEntries(list, name, value, at) }] : [];
  });
  const unreadable = lists.some(({ name, value }) => value === undefined && list.member(selection, name) !== undefined);
  for (const { name, at, value } of lists) {
    if (value?.length === 0 && !(tagStatus === 'tagged' && filled.length === 0)) {
      list.warning('DD-LIFECYCLE-110', at, `\`${name}\` is empty and read as if it were not there; whether ECR does so too is not documented.`, {
        value,
        fix: `Remove \`${name}\`.`,
      });
    }
  }
  if (tagStatus === 'tagged' && filled.length !== 1 && !unreadable) {
    list.problem('DD-LIFECYCLE-010', pointer, filled.length === 0
      ? '`tagged` needs a list of patterns or prefixes.'
      : '`tagPatternList` and `tagPrefixList` cannot be used in one rule.', {
      fix: filled.length === 0
        ? 'Add `"tagPatternList": ["*"]` to select every tagged image, or name the tags.'
        : 'Turn each prefix `x` into the pattern `x*` and keep only `tagPatternList`.',
    });
  } else if (tagStatus !== undefined && tagStatus !== 'tagged') {
    for (const { name, at, entries } of filled) {
      list.problem('DD-LIFECYCLE-010', at, `\`${name}\` goes only with \`tagStatus\` \`tagged\`; here it is \`${tagStatus}\`.`, {
        value: entries,
        fix: `Make \`tagStatus\` \`tagged\`, or remove \`${name}\`.`,
      });
    }
  }
  return filled.length === 1 ? { name: filled[0].name, entries: filled[0].entries } : undefined;
}

function checkEntries(list: ProblemList, name: ListName, values: readonly unknown[], at: string): string[] {
  const entries: string[] = [];
  values.forEach((value, index) => {
    if (typeof value !== 'string') {
      list.wrongType(child(at, index), `Entry ${index + 1} of \`${name}\``, value, 'string');
      return;
    }
    entries.push(value);
    const wildcards = value.split('*').length - 1;
    if (name === 'tagPatternList' && wildcards > WILDCARDS_MAX) {
      list.problem('DD-LIFECYCLE-011', child(at, index), `${show(value)} has ${wildcards} wildcards; ECR takes at most ${WILDCARDS_MAX} in one pattern.`, {
        value,
        fix: 'Write a pattern with fewer `*`; one of them stands for any run of characters.',
      });
    }
  });
  return entries;
}
