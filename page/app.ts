import { fill, h } from './dom';
import { Lab } from './lab';
import { RepositoryView } from './repository-view';
import { card, findingList, OverviewColumn, overviewTable } from './sections';
import { hashesOf, OVERVIEW, placeOfHash } from '../src/page/hash';
import { bytes, count, number } from '../src/report/format';
import { PlanFinding } from '../src/report/plan';
import { PagePlan, PageRepository } from '../src/report/plan-pack';
import { accessSummary, allFindings, basisText, bySeverity, callsOf, changeText, kindText, repositoryFindings, severityOf, verdictText } from '../src/report/plan-words';

const OUTCOMES = { passed: ['Passed', '✓'], blocked: ['Blocked', '✕'], undetermined: ['Undetermined', '?'] } as const;
/** Above so many, the list has a field to search it. */
const MANY = 8;
/** So many findings that decide are open in the overview. */
const DECIDING = 20;

export class App {
  private readonly view = h('div', { class: 'view', id: 'view' });
  private readonly chooser = h('nav', { 'class': 'chooser', 'aria-label': 'Repositories' });
  private readonly labs = new Map<PageRepository, Promise<Lab>>();
  private current: RepositoryView | undefined;
  private chosen: PageRepository | undefined;
  private filter = '';
  private readonly hashes: readonly string[];

  constructor(private readonly plan: PagePlan) {
    this.hashes = hashesOf(plan.repositories);
  }

  public mount(root: HTMLElement): void {
    const { repositories, outcome, app, now } = this.plan;
    const [word, sign] = OUTCOMES[outcome];
    const calls = callsOf(this.plan);
    fill(root,
      h('a', {
        class: 'skip', href: '#view', onclick: (event) => {
          // The address is that of a repository.
          event.preventDefault();
          this.focus();
        },
      }, 'Skip to the repository'),
      h('header', { class: 'top' },
        h('p', { class: 'brand' }, h('span', { 'class': 'hull', 'aria-hidden': 'true' }), 'drydock'),
        h('p', { class: 'what' }, `${kindText(this.plan)} of `, h('span', { class: 'mono' }, app), ` against ${basisText(this.plan)}`),
        h('p', { class: 'quiet when' }, `at ${now}`),
        h('div', { class: 'top-tools' }, this.themeButton(), h('button', { type: 'button', class: 'plain', onclick: () => window.print() }, 'Print'))),
      h('section', { 'class': `verdict ${outcome}`, 'aria-labelledby': 'verdict-title' },
        h('span', { 'class': 'verdict-sign', 'aria-hidden': 'true' }, sign),
        h('div', {}, h('h1', { id: 'verdict-title' }, word), h('p', {}, verdictText(this.plan)), calls !== undefined && h('details', { class: 'calls' }, h('summary', {}, `${calls.total} of the API`), h('p', { class: 'quiet' }, calls.list))),
        h('dl', { class: 'totals' }, this.totals().map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))))),
      h('div', { class: repositories.length > 1 ? 'layout' : 'layout single' }, this.chooser, this.view));
    this.choose(this.ofAddress(), false);
    window.addEventListener('hashchange', () => {
      const wanted = this.ofAddress();
      if (wanted !== this.chosen) {
        this.choose(wanted);
      }
    });
  }

  /** The repository that the address names. */
  private ofAddress(): PageRepository | undefined {
    const { repositories } = this.plan;
    return repositories.length === 1 ? repositories[0] : repositories[placeOfHash(location.hash, this.hashes) ?? -1];
  }

  private hashOf(repository: PageRepository | undefined): string {
    return repository === undefined ? OVERVIEW : this.hashes[this.plan.repositories.indexOf(repository)];
  }

  private focus(): void {
    this.view.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
    this.view.scrollIntoView({ block: 'start' });
  }

  /** After a change of colours. */
  public draw(): void {
    this.current?.draw();
  }

  public resize(): void {
    this.current?.resize();
  }

  /** What there is something to say about. */
  private totals(): [string, string][] {
    const { repositories } = this.plan;
    const sum = (of: (one: PageRepository) => number | undefined) => repositories.map(of).reduce((total, one) => one === undefined ? total : (total ?? 0) + one, undefined);
    const totals: [string, number | undefined][] = [
      [repositories.length === 1 ? 'repository' : 'repositories', repositories.length],
      ['images', sum(imagesOf)],
      ['expire', sum(({ lifecycle }) => lifecycle?.preview?.counts.expiring)],
      ['archived', sum(({ lifecycle }) => lifecycle?.preview?.counts.transitioning) || undefined],
      ['access changes', sum(({ access }) => access?.changes.length) || undefined],
      ['findings', allFindings(this.plan).length || undefined],
    ];
    return totals.flatMap(([name, value]) => value === undefined ? [] : [[name, number(value)]]);
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

  private appFindings(findings = this.plan.findings): HTMLElement | false {
    return findings.length > 0 && card('About the app', undefined, findingList(findings));
  }

  private overview(): HTMLElement {
    const { repositories, findings } = this.plan;
    return h('article', { class: 'repository' },
      h('h2', { tabindex: '-1' }, 'Overview'), this.deciding(), this.appFindings(findings.filter(({ effect }) => effect === undefined)),
      repositories.length === 0 ? h('p', {}, 'The app says nothing about repositories.') : card('Repositories', undefined, overviewTable(this.columns(), repositories)));
  }

  /** What the verdict rests on, from everywhere. */
  private deciding(): HTMLElement | false {
    const { repositories, findings } = this.plan;
    const owners = new Map(repositories.flatMap((one) => repositoryFindings(one).map((finding): [PlanFinding, PageRepository] => [finding, one])));
    const all = bySeverity([...findings, ...owners.keys()]).filter(({ effect }) => effect !== undefined);
    const link = (finding: PlanFinding) => {
      const owner = owners.get(finding);
      return owner !== undefined && h('a', { class: 'link', href: this.hashOf(owner) }, owner.title);
    };
    const rest = all.slice(DECIDING);
    return all.length > 0 && card(this.plan.outcome === 'blocked' ? 'What stops this deployment' : 'What could not be checked', undefined, findingList(all.slice(0, DECIDING), { link }),
      rest.length > 0 && h('details', { class: 'rest' }, h('summary', {}, `and ${count(rest.length, 'finding')} more`), findingList(rest, { link })));
  }

  private columns(): OverviewColumn<PageRepository>[] {
    const some = (value: number | undefined) => value ? number(value) : undefined;
    const stops = (one: PageRepository) => repositoryFindings(one).some((finding) => severityOf(finding) === 'error') ? 'expires' : undefined;
    return [
      { title: 'repository', value: ({ title }) => title, show: (one) => h('a', { class: 'link', href: this.hashOf(one) }, one.title) },
      { title: 'is', value: changeText, show: (one) => h('span', { class: `tag change-${one.change}` }, changeText(one)) },
      { title: 'images', right: true, value: (one) => optional(imagesOf(one), number) },
      { title: 'size', right: true, value: ({ imageSizeInBytes }) => optional(imageSizeInBytes, bytes) },
      { title: 'expire', right: true, value: ({ lifecycle }) => optional(lifecycle?.preview?.counts.expiring, number), tone: ({ lifecycle }) => lifecycle?.preview?.counts.expiring ? 'expires' : undefined },
      { title: 'archived', right: true, value: ({ lifecycle }) => some(lifecycle?.preview?.counts.transitioning) },
      { title: 'spared', right: true, value: ({ lifecycle }) => some(lifecycle?.preview?.counts.spared) },
      { title: 'settings', value: ({ settings }) => settings.map(({ name }) => name).join(', ') },
      { title: 'access', value: accessSummary },
      { title: 'findings', right: true, value: (one) => some(repositoryFindings(one).length), tone: stops },
    ];
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
    const attributes = { 'href': this.hashOf(one), 'aria-current': one === this.chosen ? 'page' : undefined };
    if (one === undefined) {
      return h('a', attributes, 'Overview');
    }
    const bad = repositoryFindings(one).some((finding) => severityOf(finding) === 'error');
    const expiring = one.lifecycle?.preview?.counts.expiring ?? 0;
    return h('a', attributes, h('span', { class: 'mono' }, one.title), h('span', { class: 'marks' },
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

const imagesOf = ({ imageCount, lifecycle }: PageRepository) => imageCount ?? lifecycle?.preview?.counts.images;

function optional(value: number | undefined, text: (value: number) => string): string | undefined {
  return value === undefined ? undefined : text(value);
}
