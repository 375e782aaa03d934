import { Block, table } from './blocks';
import { number } from './format';
import { Preview, PreviewRule } from './preview';
import { sanitise } from './sanitise';

/** One row a rule; columns in which nothing happens are left out. */
export function ruleTable({ rules, images }: Preview): Block[] {
  const acting = (rule: PreviewRule, effect: string) => images.filter((image) => image.rulePriority === rule.rulePriority && image.effect === effect).length;
  const counted = rules.map((rule) => ({
    rule,
    expires: rule.counts?.expires ?? acting(rule, 'EXPIRE'),
    archives: rule.counts?.transitions ?? acting(rule, 'TRANSITION'),
    held: rule.counts?.blocked ?? 0,
  }));
  const archives = counted.some((row) => row.archives > 0);
  const held = counted.some((row) => row.held > 0);
  return rules.length === 0 ? [] : [{ kind: 'line', text: '' }, table(
    [
      { title: 'rule', right: true }, { title: 'what it does', wide: true }, { title: 'selects', right: true }, { title: 'decides', right: true },
      { title: 'expires', right: true }, { title: 'archives', right: true }, { title: 'held', right: true },
    ],
    counted.map((row) => ({
      cells: [
        String(row.rule.rulePriority),
        sanitise(row.rule.description === undefined ? row.rule.text : `${row.rule.description}: ${row.rule.text}`),
        optional(row.rule.counts?.selected), optional(row.rule.counts?.owned),
        number(row.expires), archives ? number(row.archives) : '', held ? number(row.held) : '',
      ],
    })),
  )];
}

function optional(value: number | undefined): string {
  return value === undefined ? '' : number(value);
}
