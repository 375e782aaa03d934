import { actionWords } from './action-words';
import { conditionWords } from './condition-words';
import { Access, AccessChange, accessChanges } from './describe';
import { marksOf } from './marks';
import { AccessPolicy, isKnown } from './model';
import { list, whoWords } from './principal-words';
import { AccessPlan, AccessSentence } from '../report/plan';

export interface WordsOptions {
  /** The account that owns the repository. */
  readonly registryId?: string;
  /** What stands for a principal that only the deployment knows (its JSON, with sorted members), where somebody can say. */
  readonly wordsOf?: (value: string) => string | undefined;
}

/** Who gains or loses what when the policy of a repository becomes another one (`undefined`: there is none), for people. */
export function accessPlan(before: AccessPolicy | undefined, after: AccessPolicy | undefined, options: WordsOptions = {}): AccessPlan {
  return {
    complete: [before, after].every((policy) => policy === undefined || isComplete(policy)),
    changes: accessChanges(before, after).map((change) => accessSentence(change, options)),
  };
}

/** Whether all of the policy is known, nothing in it left to the deployment. */
export function isComplete(value: unknown): boolean {
  return isKnown(value) && (typeof value !== 'object' || value === null || Object.entries(value).every(([key, member]) => isKnown(key) && isComplete(member)));
}

export function accessSentence(change: AccessChange, { registryId, wordsOf }: WordsOptions = {}): AccessSentence {
  const who = wordsOf?.(change.who.value) ?? whoWords(change.who, registryId);
  const what = list(actionWords(change.actions));
  return {
    change: change.change,
    who,
    actions: change.actions,
    before: stateWords(change.before),
    after: stateWords(change.after),
    marks: marksOf(change, { registryId }),
    text: `${capital(who)} ${told(change, what)}`,
  };
}

/** Empty: allowed always. */
function stateWords({ says, when, unless }: Access): string[] {
  const denied = unless.map((condition) => `unless ${conditionWords(condition)}`);
  switch (says) {
    case 'denies': return ['denied'];
    case 'silent': return ['not allowed', ...denied.map((text) => text.replace(/^unless/, 'denied if'))];
    case 'allows': return [...when.map((condition) => `if ${conditionWords(condition)}`), ...denied];
  }
}

function told({ change, before, after }: AccessChange, what: string): string {
  if (before.says !== 'allows' && after.says === 'allows') {
    const was = before.says === 'denies' ? ' It was denied.' : '';
    return `may ${what}${limits(after)}.${was}`;
  }
  if (before.says === 'allows' && after.says !== 'allows') {
    const held = limits(before) === '' ? '' : ` It was allowed${limits(before)}.`;
    return `may no longer ${what}${after.says === 'denies' ? ': it is denied' : after.unless.length > 0 ? `, and is denied it ${deniedIf(after)}` : ''}.${held}`;
  }
  if (before.says === 'allows') {
    return `may ${what}${limits(after) || ' without conditions'} now; before${limits(before) || ' without conditions'}.${VERDICTS[change]}`;
  }
  // Neither allows: only what is denied changes.
  const [was, is] = [before, after].map((access) => access.says === 'denies' ? 'always' : access.unless.length === 0 ? undefined : deniedIf(access));
  if (is === undefined) {
    return `is no longer denied to ${what}${was === 'always' ? '' : ` ${was}`}; the policy does not allow it.`;
  }
  return `is denied to ${what}${is === 'always' ? '' : ` ${is}`}${was === undefined ? '' : `; before ${was === 'always' ? 'always' : was}`}.`;
}

/** Which way the conditions went. */
const VERDICTS: Readonly<Record<AccessChange['change'], string>> = { gains: ' That is looser.', loses: ' That is tighter.', differs: ' Neither contains the other.' };

function limits({ when, unless }: Access): string {
  const some = when.map((condition) => `if ${conditionWords(condition)}`).join(', or ');
  const not = unless.map((condition) => `unless ${conditionWords(condition)}`).join(', and ');
  return [some, not].filter((text) => text !== '').map((text, i) => i === 0 ? ` ${text}` : `, ${text}`).join('');
}

function deniedIf({ unless }: Access): string {
  return unless.map((condition) => `if ${conditionWords(condition)}`).join(', or ');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
