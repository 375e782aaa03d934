import { aws_ecr as ecr, Duration, Token } from 'aws-cdk-lib';
import { Problem } from './errors';
import { lint } from './lifecycle/lint';
import { PolicyDocument, Rule, RuleAction, Selection } from './lifecycle/model';
import { validatePolicy } from './lifecycle/validate';
import { ImageStorageClass, LifecycleAction, LifecycleRule } from './lifecycle-rule';

/** More images than a repository holds; see `LifecycleRule.protect`. */
const PROTECTED_COUNT = 1_000_000;
const PROTECTED_DAYS = 10_000;

export interface RenderedPolicy {
  readonly document: PolicyDocument;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** The document that the rules make, checked as far as its tokens allow. */
export function renderPolicy(rules: readonly LifecycleRule[]): RenderedPolicy {
  const problems: Problem[] = [];
  const taken = new Set(rules.map((rule) => rule.rulePriority).filter((priority) => priority !== undefined));
  let previous = 0;
  const rendered = rules.map((rule, index) => {
    const priority = rule.rulePriority ?? nextFree(previous, taken);
    previous = Token.isUnresolved(priority) ? previous + 1 : priority;
    return renderRule(rule, priority, `/rules/${index}`, problems);
  });
  const document = { rules: rendered };
  if (problems.length > 0) {
    return { document, problems, warnings: [] };
  }
  const { document: plain, replaced } = withoutTokens(document);
  const checked = validatePolicy(plain);
  const known = (problem: Problem) => !replaced.some((pointer) => problem.pointer === pointer || problem.pointer.startsWith(`${pointer}/`));
  return {
    document,
    problems: checked.problems.filter(known),
    warnings: [...checked.warnings, ...(checked.policy ? lint(checked.policy) : [])].filter(known),
  };
}

function nextFree(previous: number, taken: ReadonlySet<number>): number {
  let next = previous + 1;
  while (taken.has(next)) {
    next++;
  }
  return next;
}

interface Limit {
  readonly countType: Selection['countType'];
  readonly days?: Duration;
  readonly count?: number;
}

function renderRule(rule: LifecycleRule, rulePriority: number, pointer: string, problems: Problem[]): Rule {
  const inArchive = rule.storageClass === ImageStorageClass.ARCHIVE;
  const limits: [keyof LifecycleRule, Limit | undefined][] = [
    ['maxImageCount', rule.maxImageCount === undefined ? undefined : { countType: 'imageCountMoreThan', count: rule.maxImageCount }],
    ['maxImageAge', rule.maxImageAge && { countType: 'sinceImagePushed', days: rule.maxImageAge }],
    ['maxTimeSinceLastPull', rule.maxTimeSinceLastPull && { countType: 'sinceImagePulled', days: rule.maxTimeSinceLastPull }],
    ['maxTimeInArchive', rule.maxTimeInArchive && { countType: 'sinceImageTransitioned', days: rule.maxTimeInArchive }],
    ['protect', !rule.protect ? undefined : inArchive
      ? { countType: 'sinceImageTransitioned', days: Duration.days(PROTECTED_DAYS) }
      : { countType: 'imageCountMoreThan', count: PROTECTED_COUNT }],
  ];
  const given = limits.filter(([, limit]) => limit !== undefined);
  if (given.length !== 1) {
    problems.push({
      code: 'DD-LIFECYCLE-201',
      pointer,
      message: given.length === 0 ? 'The rule has no limit.' : `The rule has ${given.length} limits: ${given.map(([name]) => name).join(', ')}.`,
      fix: `Give exactly one of ${limits.map(([name]) => name).join(', ')}${given.length > 1 ? '; write one rule for each' : ''}.`,
    });
  }
  if (rule.protect && rule.action !== undefined) {
    problems.push({
      code: 'DD-LIFECYCLE-204', pointer: `${pointer}/action`, value: rule.action,
      message: 'A rule that protects images never acts, so its action says nothing.', fix: 'Leave action out, or protect.',
    });
  }
  const [name, limit] = given[0] ?? ['maxImageCount', { countType: 'imageCountMoreThan', count: 1 }];
  const since = limit!.days !== undefined;
  const countNumber = since ? wholeDays(limit!.days!, `${pointer}/${name}`, problems) : limit!.count!;
  const lists = rule.tagPatternList?.length || rule.tagPrefixList?.length;
  return {
    rulePriority,
    ...(rule.description ? { description: rule.description } : {}),
    selection: {
      tagStatus: (rule.tagStatus ?? (lists ? ecr.TagStatus.TAGGED : ecr.TagStatus.ANY)) as Selection['tagStatus'],
      ...(rule.tagPatternList?.length ? { tagPatternList: rule.tagPatternList } : {}),
      ...(rule.tagPrefixList?.length ? { tagPrefixList: rule.tagPrefixList } : {}),
      ...storageClassOf(rule),
      countType: limit!.countType,
      ...(since ? { countUnit: 'days' as const } : {}),
      countNumber,
    },
    action: actionOf(rule),
  };
}

function storageClassOf(rule: LifecycleRule): Pick<Selection, 'storageClass'> {
  const storageClass = rule.storageClass ?? (rule.maxTimeInArchive ? ImageStorageClass.ARCHIVE : undefined);
  return storageClass === undefined ? {} : { storageClass };
}

function actionOf(rule: LifecycleRule): RuleAction {
  const action = rule.action ?? (rule.maxTimeSinceLastPull ? LifecycleAction.ARCHIVE : LifecycleAction.EXPIRE);
  return action === LifecycleAction.ARCHIVE ? { type: 'transition', targetStorageClass: 'archive' } : { type: 'expire' };
}

function wholeDays(duration: Duration, pointer: string, problems: Problem[]): number {
  if (duration.isUnresolved()) {
    return duration.toDays();
  }
  const days = duration.toDays({ integral: false });
  if (!Number.isInteger(days) || days < 1) {
    problems.push({
      code: 'DD-LIFECYCLE-202',
      pointer,
      message: `The limit is ${duration.toHumanString()}; ECR counts whole days, from 1 on.`,
      value: duration.toHumanString(),
      fix: `Write Duration.days(${Math.max(1, Math.ceil(days))}).`,
    });
  }
  return days;
}

/** The document with a harmless stand-in for every token, and where the stand-ins are. */
function withoutTokens(document: PolicyDocument): { document: unknown; replaced: string[] } {
  const replaced: string[] = [];
  const visit = (value: unknown, pointer: string): unknown => {
    if (Token.isUnresolved(value)) {
      replaced.push(pointer);
      // Distinct, so that two tokens are not taken for the same tag; 90 days and images are legal with every count type.
      return typeof value === 'number' ? (pointer.endsWith('rulePriority') ? 1_000 + replaced.length : 90)
        : Array.isArray(value) ? [`token-${replaced.length}`] : `token-${replaced.length}`;
    }
    if (Array.isArray(value)) {
      return value.map((entry, index) => visit(entry, `${pointer}/${index}`));
    }
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, visit(member, `${pointer}/${key}`)]));
    }
    return value;
  };
  return { document: visit(document, ''), replaced };
}
