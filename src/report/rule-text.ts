import { number } from './format';
import { PreviewRule } from './preview';
import { selectionText } from '../lifecycle/explain';
import { Rule } from '../lifecycle/model';

/** More images than a repository holds by default: such a rule is there to keep what it selects. */
const ALL = 100_000;

/** What a rule does, in words: `expire all but the newest 10 images tagged prod*`. */
export function ruleText(rule: Rule): string {
  const { countType, countNumber } = rule.selection;
  const what = selectionText(rule);
  const does = rule.action.type === 'expire' ? 'expire' : 'archive';
  const days = countNumber === 1 ? 'a day' : `${number(countNumber)} days`;
  switch (countType) {
    case 'imageCountMoreThan':
      return countNumber >= ALL ? `keep all ${what}`
        : `${does} all but the newest ${countNumber === 1 ? selectionText(rule, 1) : `${number(countNumber)} ${what}`}`;
    case 'sinceImagePushed': return `${does} ${what} older than ${days}`;
    case 'sinceImagePulled': return `${does} ${what} not pulled for ${days}`;
    case 'sinceImageTransitioned': return `${does} ${what} after ${days} in the archive`;
  }
}

export function previewRule(rule: Rule): PreviewRule {
  return { rulePriority: rule.rulePriority, ...(rule.description && { description: rule.description }), countType: rule.selection.countType, text: ruleText(rule) };
}
