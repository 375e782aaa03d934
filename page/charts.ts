import { BarController, BarElement, CategoryScale, Chart, ChartDataset, Legend, LinearScale, Tooltip } from 'chart.js';
import { h, fill } from './dom';
import { Row } from '../src/page/rows';
import { byRule, Measured, Series, timeline, Timeline } from '../src/page/timeline';
import { bytes, number } from '../src/report/format';

Chart.register(BarController, BarElement, CategoryScale, LinearScale, Tooltip, Legend);

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** What goes has warm colours, one a rule; what stays has cold ones. */
function coloursOf(series: readonly Series[]): string[] {
  const next = { expires: 0, archived: 0 };
  return series.map(({ fate }) => {
    switch (fate) {
      case 'stays': return colour('--stays');
      case 'held': return colour('--held');
      case 'archived': return colour(`--archived-${next.archived++ % 3 + 1}`);
      case 'expires': return colour(`--expires-${next.expires++ % 6 + 1}`);
    }
  });
}

const show = (measured: Measured) => (value: number) => measured === 'bytes' ? bytes(value) : number(value);

abstract class BarChart {
  public readonly element: HTMLElement;
  protected measured: Measured;
  private readonly canvas = h('canvas', { role: 'img' });
  private readonly data = h('details', { class: 'chart-data' }, h('summary', {}, 'Show as a table'));
  private readonly dataTable = h('div', { class: 'scroll', tabindex: '0' });
  private readonly switches: HTMLButtonElement[];
  private chart: Chart<'bar'> | undefined;
  protected rows: readonly Row[] = [];

  constructor(private readonly title: string, note: string, measured: Measured, private readonly horizontal: boolean) {
    this.measured = measured;
    this.switches = (['images', 'bytes'] as const).map((one) => h('button', {
      'type': 'button', 'class': 'switch', 'aria-pressed': String(one === measured), 'onclick': () => this.measure(one),
    }, one));
    this.data.append(this.dataTable);
    this.data.addEventListener('toggle', () => this.table());
    this.element = h('figure', { class: 'card chart' },
      h('figcaption', {}, h('div', {}, h('h3', {}, title), h('p', { class: 'quiet' }, note)), h('div', { 'class': 'switches', 'role': 'group', 'aria-label': `${title}: measure` }, this.switches)),
      h('div', { class: 'canvas' }, this.canvas), this.data);
  }

  public update(rows: readonly Row[]): void {
    this.rows = rows;
    this.draw();
  }

  public draw(): void {
    const { labels, series } = this.content();
    const colours = coloursOf(series);
    const datasets = series.map(({ label, values }, i): ChartDataset<'bar'> => ({
      label, data: [...values], backgroundColor: colours[i], stack: 'all', borderWidth: 0, ...(this.horizontal ? { maxBarThickness: 26 } : { barPercentage: 1, categoryPercentage: 0.86 }),
    }));
    const box = this.canvas.parentElement!;
    box.style.height = this.horizontal ? `${Math.min(640, 76 + labels.length * 34)}px` : '260px';
    this.canvas.setAttribute('aria-label', `${this.title}: ${series.map(({ label, values }) => `${label} ${show(this.measured)(values.reduce((sum, value) => sum + value, 0))}`).join(', ')}`);
    if (this.chart === undefined) {
      this.chart = new Chart(this.canvas, { type: 'bar', data: { labels: [...labels], datasets }, options: this.options() });
    } else {
      this.chart.data = { labels: [...labels], datasets };
      this.chart.options = this.options();
      this.chart.resize();
      this.chart.update();
    }
    this.table();
  }

  public resize(): void {
    this.chart?.resize();
  }

  public destroy(): void {
    this.chart?.destroy();
    this.chart = undefined;
  }

  protected abstract content(): { readonly labels: readonly string[]; readonly series: readonly Series[] };

  protected click(_index: number): void {
    // Most charts do nothing.
  }

  private measure(measured: Measured): void {
    this.measured = measured;
    this.switches.forEach((button) => button.setAttribute('aria-pressed', String(button.textContent === measured)));
    this.draw();
  }

  private options(): NonNullable<ConstructorParameters<typeof Chart<'bar'>>[1]['options']> {
    const ink = colour('--ink-soft');
    const grid = colour('--line');
    const amount = {
      stacked: true, beginAtZero: true, border: { display: false }, grid: { color: grid },
      ticks: { color: ink, maxTicksLimit: 6, precision: 0, callback: (value: number | string) => show(this.measured)(Number(value)) },
    };
    const names = { stacked: true, grid: { display: false }, border: { color: grid }, ticks: { color: ink, maxRotation: 0, autoSkipPadding: 18 } };
    return {
      animation: false, responsive: true, maintainAspectRatio: false, indexAxis: this.horizontal ? 'y' : 'x',
      scales: this.horizontal ? { x: amount, y: { ...names, ticks: { ...names.ticks, autoSkip: false } } } : { x: names, y: amount },
      interaction: { mode: 'index', axis: this.horizontal ? 'y' : 'x', intersect: false },
      onClick: (_event, elements) => elements.length > 0 && this.click(elements[0].index),
      font: { family: colour('--sans') },
      plugins: {
        legend: { position: 'bottom', align: 'start', labels: { color: ink, boxWidth: 12, boxHeight: 12, padding: 14 } },
        tooltip: {
          filter: ({ raw }) => Number(raw) > 0,
          callbacks: { label: ({ dataset, raw }) => ` ${dataset.label}: ${show(this.measured)(Number(raw))}` },
        },
      },
    };
  }

  /** The same figures for those who do not see the picture; made when asked for. */
  private table(): void {
    if (!this.data.open) {
      return;
    }
    const { labels, series } = this.content();
    const used = labels.map((label, i) => ({ label, i })).filter(({ i }) => series.some(({ values }) => values[i] > 0));
    fill(this.dataTable, h('table', {},
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, ''), series.map(({ label }) => h('th', { scope: 'col', class: 'right' }, label)))),
      h('tbody', {}, used.map(({ label, i }) => h('tr', {}, h('th', { scope: 'row' }, label), series.map(({ values }) => h('td', { class: 'right' }, show(this.measured)(values[i]))))))));
  }
}

export class TimelineChart extends BarChart {
  private line: Timeline | undefined;

  /** `pick`: of pushes from one time to another. */
  constructor(private readonly pick: (from: number, to: number, label: string) => void) {
    super('Pushes over time', 'What stays and what goes, by when it was pushed. Click a bar to list its images.', 'images', false);
  }

  protected content() {
    this.line = timeline(this.rows, this.measured);
    const { buckets, series, unit } = this.line;
    return { labels: buckets.map(({ label }) => unit === 'week' ? `week of ${label}` : label), series };
  }

  protected override click(index: number): void {
    const bucket = this.line?.buckets[index];
    if (bucket) {
      this.pick(bucket.from, bucket.to, `${this.line!.unit === 'week' ? 'week of ' : ''}${bucket.label}`);
    }
  }
}

export class RuleChart extends BarChart {
  public priorities: readonly number[] = [];

  constructor(private readonly pick: (rule: string) => void) {
    super('Bytes by rule', 'Compressed sizes as recorded. Layers that images share are counted with each of them, so what is freed may be less.', 'bytes', true);
  }

  protected content() {
    return byRule(this.rows, this.priorities, this.measured);
  }

  protected override click(index: number): void {
    this.pick(index < this.priorities.length ? String(this.priorities[index]) : 'none');
  }
}
