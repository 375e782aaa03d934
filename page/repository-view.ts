import { RuleChart, TimelineChart } from './charts';
import { fill, h } from './dom';
import { PolicyEditor } from './editor';
import { RuleList, Tiles } from './effects';
import { GateForm } from './gate-form';
import { ImageTable } from './image-table';
import { Lab, LabState } from './lab';
import { accessList, card, findingList, placesList, settingsTable } from './sections';
import { plannedRows } from '../src/page/rows';
import { rulesOf } from '../src/page/trial';
import { bytes, count, number } from '../src/report/format';
import { PageLifecycle, PageRepository } from '../src/report/plan-pack';
import { accessSummary, changeText, lifecycleText, repositoryFindings } from '../src/report/plan-words';

/** Everything about one repository. */
export class RepositoryView {
  public readonly element: HTMLElement;
  private charts: (TimelineChart | RuleChart)[] = [];
  private readonly effects = h('div', { class: 'effects' });

  constructor(private readonly repository: PageRepository, private readonly now: string, lab: Promise<Lab> | undefined) {
    const { title, change, account, region, places, settings, access, lifecycle, imageCount, imageSizeInBytes } = repository;
    const findings = repositoryFindings(repository);
    let images: ImageTable | undefined;
    const show = (digests: readonly string[], code: string) => images?.show({ digests: new Set(digests) }, { digests: code });
    this.element = h('article', { 'class': 'repository', 'aria-labelledby': 'repository-title' },
      h('header', { class: 'repository-top' },
        h('h2', { id: 'repository-title', tabindex: '-1' }, title, ' ', h('span', { class: `tag change-${change}` }, changeText(repository))),
        h('p', { class: 'quiet' }, [account, region, imageCount === undefined ? undefined : count(imageCount, 'image'), imageSizeInBytes === undefined ? undefined : bytes(imageSizeInBytes)].filter((part) => part !== undefined).join(' · ')),
        placesList(places)),
      findings.length > 0 && card('Findings', undefined, findingList(findings, lab || lifecycle?.preview ? { show } : {})),
      settings.length > 0 && card('Settings', undefined, settingsTable(settings)),
      access !== undefined && (access.changes.length > 0 || !access.complete) && card('Access', accessSummary(repository), accessList(access)),
      this.effects);
    if (lab !== undefined) {
      fill(this.effects, h('p', { class: 'quiet' }, 'Evaluating ...'));
      lab.then((ready) => {
        images = this.withLab(ready);
      }, (error: Error) => fill(this.effects, card('Lifecycle policy', 'The page cannot evaluate these images.', h('p', { class: 'bad' }, error.message))));
    } else if (lifecycle !== undefined) {
      images = this.withoutLab(lifecycle);
    }
  }

  public draw(): void {
    this.charts.forEach((chart) => chart.draw());
  }

  public resize(): void {
    this.charts.forEach((chart) => chart.resize());
  }

  public destroy(): void {
    this.charts.forEach((chart) => chart.destroy());
  }

  private withLab(lab: Lab): ImageTable {
    const images = new ImageTable(lab.now);
    const line = new TimelineChart((from, to, label) => images.show({ from, to }, { range: label }));
    const bars = new RuleChart((rule) => images.show({ rule }));
    this.charts = [line, bars];
    const tiles = new Tiles(lab);
    const rules = new RuleList(lab, images);
    const strip = h('div', { class: 'edited-strip', role: 'status' });
    const gate = new GateForm(lab, (digests, code) => images.show({ digests: new Set(digests) }, { digests: code }));
    fill(this.effects,
      h('section', { 'class': 'card', 'aria-labelledby': 'lifecycle-title' },
        h('h3', { id: 'lifecycle-title' }, 'Lifecycle policy'), h('p', { class: 'quiet' }, policyText(this.repository.lifecycle!)), tiles.element, rules.element),
      h('section', { 'class': 'card try', 'aria-labelledby': 'try-title' }, h('h3', { id: 'try-title' }, 'Try another policy'),
        h('div', { class: 'try-columns' }, new PolicyEditor(lab).element, gate.element)),
      h('div', { class: 'charts' }, line.element, bars.element),
      images.element, strip);
    const update = (state: LabState) => {
      const priorities = rulesOf(state.trial).map(({ rulePriority }) => rulePriority).sort((a, b) => a - b);
      images.update(state.rows, priorities);
      bars.priorities = priorities;
      line.update(state.rows);
      bars.update(state.rows);
      this.strip(strip, state, lab);
    };
    lab.listen(update);
    update(lab.state);
    return images;
  }

  private strip(strip: HTMLElement, { edited, trial, read }: LabState, lab: Lab): void {
    strip.hidden = !edited;
    document.documentElement.classList.toggle('is-edited', edited);
    const { counts } = trial.preview;
    const was = lab.proposed.preview.counts;
    const archived = counts.transitioning + was.transitioning === 0 ? '' : `, ${number(counts.transitioning)} archived (proposed: ${number(was.transitioning)})`;
    fill(strip, h('p', {}, h('strong', {}, 'Your edit'), read.valid ? ` ${number(counts.expiring)} expire (proposed: ${number(was.expiring)})${archived}. Policy hash ${trial.policyHash || 'not known here'}.`
      : ' ECR would refuse this policy.'), h('button', { type: 'button', class: 'plain', onclick: () => void lab.reset() }, 'Reset'));
  }

  /** No inventory, so nothing can be tried: what the plan says. */
  private withoutLab(lifecycle: PageLifecycle): ImageTable | undefined {
    const { preview, policy, images } = lifecycle;
    if (preview === undefined) {
      fill(this.effects, card('Lifecycle policy', policyText(lifecycle), policy && h('pre', { class: 'scroll', tabindex: '0' }, h('code', {}, preText(policy))),
        lifecycle.change === 'put' && h('p', {}, 'The images of this repository are not known, so nobody can say what goes.')));
      return undefined;
    }
    const table = new ImageTable(Date.parse(preview.now ?? this.now));
    const priorities = preview.rules.map(({ rulePriority }) => rulePriority);
    const rows = plannedRows({ ...preview, findings: repositoryFindings(this.repository) }, images);
    const line = new TimelineChart((from, to, label) => table.show({ from, to }, { range: label }));
    this.charts = [line];
    table.update(rows, priorities);
    fill(this.effects, card('Lifecycle policy', policyText(lifecycle), h('dl', { class: 'tiles' },
      ([['expires', 'expire', preview.counts.expiring], ['archived', 'are archived', preview.counts.transitioning], ['stays', 'stay', preview.counts.images - preview.counts.expiring - preview.counts.transitioning]] as const)
        .map(([kind, name, value]) => h('div', { class: `tile ${kind}` }, h('dt', {}, name), h('dd', {}, number(value))))),
    h('ul', {}, preview.rules.map(({ rulePriority, text }) => h('li', {}, `Rule ${rulePriority}: ${text}`)))), h('div', { class: 'charts' }, line.element), table.element);
    line.update(rows);
    return table;
  }
}

function policyText({ change, policyHash }: PageLifecycle): string {
  return lifecycleText(change, policyHash === undefined ? '' : ` ${policyHash}`);
}

function preText(value: unknown): Node {
  return document.createTextNode(JSON.stringify(value, undefined, 2));
}
