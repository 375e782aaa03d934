import { fill, h } from './dom';
import { Lab } from './lab';
import { RepositoryView } from './repository-view';
import { card, findingList } from './sections';
import { count, number } from '../src/report/format';
import { PagePlan, PageRepository } from '../src/report/plan-pack';
import { accessSummary, allFindings, basisText, callsText, changeText, kindText, repositoryFindings, severityOf, verdictText } from '../src/report/plan-words';

const OUTCOMES = { passed: ['Passed', '✓'], blocked: ['Blocked', '✕'], undetermined: ['Undetermined', '?'] } as const;
/** Above so many, the list has a field to search it. */
const MANY = 8;

export class App {
  private readonly view = h('div', { class: 'view', id: 'view' });
  private readonly chooser = h('nav', { 'class': 'chooser', 'aria-label': 'Repositories' });
  private readonly labs = new Map<PageRepository, Promise<Lab>>();
  private current: RepositoryView | undefined;
  private chosen: PageRepository | undefined;
  private filter = '';

  constructor(private readonly plan: PagePlan) {}

  public mount(root: HTMLElement): void {
    const { repositories, outcome, app, now } = this.plan;
    const [word, sign] = OUTCOMES[outcome];
    const calls = callsText(this.plan);
    fill(root,
      h('a', { class: 'skip', href: '#view' }, 'Skip to the repository'),
      h('header', { class: 'top' },
        h('p', { class: 'brand' }, h('span', { 'class': 'hull', 'aria-hidden': 'true' }), 'drydock'),
        h('p', { class: 'what' }, `${kindText(this.plan)} of `, h('span', { class: 'mono' }, app), ` against ${basisText(this.plan)}`),
        h('p', { class: 'quiet when' }, `at ${now}`),
        h('div', { class: 'top-tools' }, this.themeButton(), h('button', { type: 'button', class: 'plain', onclick: () => window.print() }, 'Print'))),
      h('section', { 'class': `verdict ${outcome}`, 'aria-labelledby': 'verdict-title' },
        h('span', { 'class': 'verdict-sign', 'aria-hidden': 'true' }, sign),
        h('div', {}, h('h1', { id: 'verdict-title' }, word), h('p', {}, verdictText(this.plan)), calls !== undefined && h('p', { class: 'quiet' }, calls)),
        h('dl', { class: 'totals' }, this.totals().map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))))),
      h('div', { class: repositories.length > 1 ? 'layout' : 'layout single' }, this.chooser, this.view));
    this.choose(repositories.length === 1 ? repositories[0] : undefined, false);
  }

  /** After a change of colours. */
  public draw(): void {
    this.current?.draw();
  }

  public resize(): void {
    this.current?.resize();
  }

  private totals(): [string, string][] {
    const { repositories } = this.plan;
    const sum = (of: (one: PageRepository) => number | undefined) => repositories.reduce((total, one) => total + (of(one) ?? 0), 0);
    return [
      [repositories.length === 1 ? 'repository' : 'repositories', number(repositories.length)],
      ['images', number(sum(({ imageCount, lifecycle }) => imageCount ?? lifecycle?.preview?.counts.images))],
      ['expire', number(sum(({ lifecycle }) => lifecycle?.preview?.counts.expiring))],
      ['archived', number(sum(({ lifecycle }) => lifecycle?.preview?.counts.transitioning))],
      ['access changes', number(sum(({ access }) => access?.changes.length))],
      ['findings', number(allFindings(this.plan).length)],
    ];
  }

  private choose(repository: PageRepository | undefined, focus = true): void {
    this.current?.destroy();
    this.current = undefined;
    this.chosen = repository;
    document.documentElement.classList.remove('is-edited');
    this.drawChooser();
    if (repository === undefined) {
      fill(this.view, this.overview());
    } else {
      this.current = new RepositoryView(repository, this.plan.now, this.labOf(repository));
      fill(this.view, this.plan.repositories.length === 1 && this.appFindings(), this.current.element);
    }
    if (focus) {
      this.view.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
      window.scrollTo({ top: 0 });
    }
  }

  private labOf(repository: PageRepository): Promise<Lab> | undefined {
    if (repository.lifecycle?.inventory === undefined) {
      return undefined;
    }
    const lab = this.labs.get(repository) ?? Lab.open(repository, this.plan.now);
    this.labs.set(repository, lab);
    return lab;
  }

  private appFindings(): HTMLElement | false {
    return this.plan.findings.length > 0 && card('About the app', undefined, findingList(this.plan.findings));
  }

  private overview(): HTMLElement {
    const { repositories } = this.plan;
    return h('article', { class: 'repository' },
      h('h2', { tabindex: '-1' }, 'Overview'), this.appFindings(),
      repositories.length === 0 ? h('p', {}, 'The app says nothing about repositories.') : card('Repositories', undefined, h('div', { class: 'scroll' }, h('table', { class: 'overview' },
        h('thead', {}, h('tr', {}, ['repository', 'is', 'images', 'expire', 'archived', 'spared', 'settings', 'access', 'findings'].map((title, i) => h('th', { scope: 'col', class: [2, 3, 4, 5, 8].includes(i) ? 'right' : undefined }, title)))),
        h('tbody', {}, repositories.map((one) => {
          const counts = one.lifecycle?.preview?.counts;
          const value = (amount: number | undefined) => h('td', { class: 'right' }, amount === undefined ? '' : number(amount));
          const found = repositoryFindings(one);
          return h('tr', {}, h('th', { scope: 'row' }, h('button', { type: 'button', class: 'link', onclick: () => this.choose(one) }, one.title)),
            h('td', {}, h('span', { class: `tag change-${one.change}` }, changeText(one))), value(one.imageCount ?? counts?.images),
            h('td', { class: `right${counts?.expiring ? ' expires' : ''}` }, counts === undefined ? '' : number(counts.expiring)), value(counts?.transitioning || undefined), value(counts?.spared || undefined),
            h('td', {}, one.settings.map(({ name }) => name).join(', ')), h('td', {}, accessSummary(one)),
            h('td', { class: `right${found.some((finding) => severityOf(finding) === 'error') ? ' expires' : ''}` }, found.length === 0 ? '' : number(found.length)));
        }))))));
  }

  private drawChooser(): void {
    const { repositories } = this.plan;
    if (repositories.length < 2) {
      this.chooser.hidden = true;
      return;
    }
    const list = h('ul', {});
    const drawList = () => fill(list, [undefined, ...repositories.filter(({ title }) => title.toLowerCase().includes(this.filter))].map((one) => h('li', {}, this.chooserItem(one))));
    const search: HTMLInputElement = h('input', {
      'type': 'search', 'aria-label': 'Search repositories', 'placeholder': count(repositories.length, 'repository', 'repositories'), 'value': this.filter, 'oninput': () => {
        this.filter = search.value.toLowerCase();
        drawList();
      },
    });
    drawList();
    fill(this.chooser, repositories.length > MANY && search, list);
  }

  private chooserItem(one: PageRepository | undefined): HTMLElement {
    const attributes = { 'type': 'button', 'aria-current': one === this.chosen ? 'page' : undefined, 'onclick': () => this.choose(one) };
    if (one === undefined) {
      return h('button', attributes, 'Overview');
    }
    const bad = repositoryFindings(one).some((finding) => severityOf(finding) === 'error');
    const expiring = one.lifecycle?.preview?.counts.expiring ?? 0;
    return h('button', attributes, h('span', { class: 'mono' }, one.title), h('span', { class: 'marks' },
      changeText(one) !== 'unchanged' && h('span', { class: `tag change-${one.change}` }, changeText(one)), expiring > 0 && h('span', { class: 'expires' }, `−${number(expiring)}`), bad && h('span', { class: 'dot', title: 'has findings that stop' }, '●')));
  }

  private themeButton(): HTMLElement {
    const root = document.documentElement;
    const dark = () => root.dataset.theme === 'dark' || (root.dataset.theme === undefined && matchMedia('(prefers-color-scheme: dark)').matches);
    const button: HTMLButtonElement = h('button', {
      type: 'button', class: 'plain', onclick: () => {
        root.dataset.theme = dark() ? 'light' : 'dark';
        fill(button, dark() ? 'Light' : 'Dark');
        this.draw();
      },
    }, dark() ? 'Light' : 'Dark');
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      fill(button, dark() ? 'Light' : 'Dark');
      this.draw();
    });
    return button;
  }
}
