import { fill, h } from './dom';
import { ImageTable } from './image-table';
import { Lab, LabState } from './lab';
import { Rule } from '../src/lifecycle/model';
import { rulesOf, Trial, policyText } from '../src/page/trial';
import { byteRange, number, tagList } from '../src/report/format';
import { ruleText } from '../src/report/rule-text';

/** Totals, each with what the proposed policy gives where another is tried. */
export class Tiles {
  public readonly element = h('dl', { class: 'tiles' });

  constructor(private readonly lab: Lab) {
    lab.listen((state) => this.update(state));
    this.update(lab.state);
  }

  private update({ trial, edited }: LabState): void {
    const { counts, bytes } = trial.preview;
    const was = this.lab.proposed.preview;
    const tile = (kind: string, name: string, value: number, before: number, note: string | false = false) => h('div', { class: `tile ${kind}` },
      h('dt', {}, name), h('dd', {}, number(value), edited && value !== before && h('span', { class: 'was' }, ` was ${number(before)}`)), note && h('dd', { class: 'note' }, note));
    const stays = (one: Trial['preview']) => one.counts.images - one.counts.expiring - one.counts.transitioning;
    const newly = counts.newlyExpiring === undefined ? false : `${number(counts.newlyExpiring)} newly`;
    // What there is none of, now and before, has no tile of its own.
    const some = (kind: string, name: string, of: (one: Trial['preview']) => number | undefined, note: string) => {
      const [value, before] = [of(trial.preview) ?? 0, of(was) ?? 0];
      return (value > 0 || before > 0) && tile(kind, name, value, before, value > 0 && note);
    };
    fill(this.element,
      tile('expires', 'expire', counts.expiring, was.counts.expiring, [newly || '', counts.expiring > 0 && bytes ? byteRange(bytes.expiring) : ''].filter((part) => part !== '').join(', ')),
      some('archived', 'are archived', (one) => one.counts.transitioning, bytes ? byteRange(bytes.transitioning) : ''),
      tile('stays', 'stay', stays(trial.preview), stays(was), trial.preview.oldestSurvivor && `oldest ${tagList(trial.preview.oldestSurvivor.imageTags, 1)}, ${trial.preview.oldestSurvivor.imagePushedAt.slice(0, 10)}`),
      some('held', 'held by an index', (one) => one.counts.held, 'among those that stay'),
      some('spared', 'spared', (one) => one.counts.spared, 'that the policy in force would take'));
  }
}

/** The rules in words, with what each of them does; its number can be changed right there. */
export class RuleList {
  public readonly element = h('div', { class: 'scroll' });
  private focused: { priority: string; at: number | null } | undefined;

  constructor(private readonly lab: Lab, private readonly images: ImageTable) {
    lab.listen((state) => this.update(state));
    this.update(lab.state);
  }

  private update({ trial }: LabState): void {
    const active = document.activeElement;
    this.focused = active instanceof HTMLInputElement && this.element.contains(active) ? { priority: active.dataset.priority!, at: active.selectionStart } : undefined;
    const counts = new Map(trial.preview.rules.map((rule) => [rule.rulePriority, rule.counts]));
    const rules = [...rulesOf(trial)].sort((a, b) => a.rulePriority - b.rulePriority);
    const archives = [...counts.values()].some((of) => of !== undefined && of.transitions > 0);
    const holds = [...counts.values()].some((of) => of !== undefined && of.blocked > 0);
    const titles = ['rule', 'what it does', 'number', 'selects', 'decides', 'expires', ...(archives ? ['archives'] : []), ...(holds ? ['held'] : [])];
    fill(this.element, rules.length === 0 ? h('p', { class: 'quiet' }, 'There are no rules: nothing expires.') : h('table', { class: 'rules' },
      h('caption', { class: 'unseen' }, 'Rules of the policy, in the order in which ECR applies them'),
      h('thead', {}, h('tr', {}, titles.map((title, i) => h('th', { scope: 'col', class: i === 0 || i > 1 ? 'right' : undefined }, title)))),
      h('tbody', {}, rules.map((rule) => {
        const of = counts.get(rule.rulePriority);
        return h('tr', {},
          h('th', { scope: 'row', class: 'right' }, h('button', { type: 'button', class: 'link', title: 'List its images', onclick: () => this.images.show({ rule: String(rule.rulePriority) }) }, rule.rulePriority)),
          h('td', {}, rule.description && h('strong', {}, `${rule.description}: `), ruleText(rule)),
          h('td', { class: 'right' }, this.numberOf(rule)),
          [of?.selected, of?.owned].map((value) => h('td', { class: 'right' }, value === undefined ? '' : number(value))),
          h('td', { class: `right${of?.expires ? ' expires' : ''}` }, number(of?.expires ?? 0)),
          archives && h('td', { class: `right${of?.transitions ? ' archived' : ''}` }, number(of?.transitions ?? 0)),
          holds && h('td', { class: 'right' }, number(of?.blocked ?? 0)));
      }))));
    if (this.focused) {
      const again = this.element.querySelector<HTMLInputElement>(`input[data-priority="${this.focused.priority}"]`);
      again?.focus();
    }
  }

  private numberOf(rule: Rule): HTMLElement {
    const { countNumber, countType } = rule.selection;
    const field: HTMLInputElement = h('input', {
      'type': 'number', 'min': '1', 'step': '1', 'value': String(countNumber), 'data-priority': String(rule.rulePriority), 'aria-label': `${countType} of rule ${rule.rulePriority}`, 'title': countType,
      'onchange': () => this.change(rule.rulePriority, field.valueAsNumber),
    });
    return field;
  }

  /** Into the text, so that there is one policy on this page. */
  private change(priority: number, countNumber: number): void {
    const { policy } = this.lab.state.trial;
    if (policy !== undefined && Number.isInteger(countNumber)) {
      const rules = policy.rules.map((rule) => rule.rulePriority === priority ? { ...rule, selection: { ...rule.selection, countNumber } } : rule);
      void this.lab.setText(policyText({ ...policy, rules }));
    }
  }
}
