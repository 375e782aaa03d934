import { Child, h } from './dom';
import { number } from '../src/report/format';
import { PlanFinding, PlanPlace, RepositoryPlan, SettingChange } from '../src/report/plan';
import { placeOf, severityOf } from '../src/report/plan-words';

export function card(title: string, note: string | undefined, ...content: Child[]): HTMLElement {
  return h('section', { class: 'card' }, h('h3', {}, title), note !== undefined && h('p', { class: 'quiet' }, note), content);
}

export interface FindingOptions {
  show?(digests: readonly string[], code: string): void;
  /** Leads to what the finding is about. */
  link?(finding: PlanFinding): Child;
}

export function findingList(findings: readonly PlanFinding[], { show, link }: FindingOptions = {}): HTMLElement {
  return h('ul', { class: 'findings' }, findings.map((finding) => {
    const { code, message, fix, effect, digests = [] } = finding;
    const place = placeOf(finding);
    const word = effect === 'block' ? 'stops the deployment' : effect === 'undetermined' ? 'could not be checked' : finding.severity;
    return h('li', { class: `finding ${effect === 'undetermined' ? 'warning' : severityOf(finding)}` },
      h('p', { class: 'finding-top' }, h('strong', {}, code), ' ', h('span', { class: 'tag' }, word), ' ', link?.(finding), ' ', place !== undefined && h('span', { class: 'mono place' }, place)),
      h('p', {}, message), fix !== undefined && h('p', { class: 'fix' }, fix),
      show && digests.length > 0 && h('button', { type: 'button', class: 'link', onclick: () => show(digests, code) }, `show ${digests.length === 1 ? 'the image' : `${number(digests.length)} images`}`));
  }));
}

export function settingsTable(settings: readonly SettingChange[]): HTMLElement {
  return h('div', { class: 'scroll' }, h('table', {}, h('thead', {}, h('tr', {}, ['setting', 'now', 'then'].map((title) => h('th', { scope: 'col' }, title)))), h('tbody', {}, settings.map(({ name, before, after, replaces }) => h('tr', {},
    h('th', { scope: 'row', class: 'mono' }, name), h('td', { class: 'mono' }, before ?? h('span', { class: 'quiet' }, 'not set')), h('td', { class: 'mono' }, after ?? h('span', { class: 'quiet' }, 'not set'),
      replaces && ' ', replaces && h('span', { class: 'tag bad' }, 'replaces the repository')))))));
}

const SIGNS = { gains: '+', loses: '−', differs: '~' } as const;

export function accessList({ changes, complete }: NonNullable<RepositoryPlan['access']>): HTMLElement {
  return h('div', {},
    h('ul', { class: 'access' }, changes.map(({ change, text, marks, who }) => h('li', { class: change },
      h('span', { 'class': 'sign', 'aria-hidden': 'true' }, SIGNS[change]), h('div', {}, h('p', {}, text), h('p', { class: 'quiet' }, h('span', { class: 'mono' }, who), marks.map((mark) => h('span', { class: `tag ${change === 'loses' ? '' : mark === 'public' ? 'bad' : 'warn'}` }, mark))))))),
    !complete && h('p', { class: 'quiet' }, 'Parts of the policy are only known at the deployment; access may change in more than this.'));
}

export function placesList(places: readonly PlanPlace[]): HTMLElement {
  return h('ul', { class: 'places' }, places.map(({ constructPath, resourceType, stackName, templateFile, logicalId }) => h('li', {},
    h('span', { class: 'mono' }, constructPath), h('span', { class: 'quiet' }, ` ${resourceType} ${logicalId} in ${stackName}, ${templateFile}`))));
}

export interface OverviewColumn<T> {
  readonly title: string;
  readonly right?: boolean;
  /** Undefined or empty: it says nothing. */
  value(row: T): string | undefined;
  /** How it is shown, where that is more than the text. */
  show?(row: T): Child;
  tone?(row: T): string | undefined;
}

/** Without the columns that are empty everywhere; the first one names the row. */
export function overviewTable<T>(columns: readonly OverviewColumn<T>[], rows: readonly T[]): HTMLElement {
  const used = columns.filter(({ value }) => rows.some((row) => (value(row) ?? '') !== ''));
  const classOf = ({ right, tone }: OverviewColumn<T>, row?: T) => [right ? 'right' : '', row === undefined ? '' : tone?.(row) ?? ''].filter((name) => name !== '').join(' ') || undefined;
  return h('div', { class: 'scroll' }, h('table', { class: 'overview' },
    h('thead', {}, h('tr', {}, used.map((column) => h('th', { scope: 'col', class: classOf(column) }, column.title)))),
    h('tbody', {}, rows.map((row) => h('tr', {}, used.map((column, i) => h(i === 0 ? 'th' : 'td', { scope: i === 0 ? 'row' : undefined, class: classOf(column, row) }, column.show?.(row) ?? column.value(row))))))));
}
