import { debounce, fill, h, id } from './dom';
import { isoText } from '../src/lifecycle/time';
import { ALL_ROWS, bytesOf, Fate, queryRows, Row, SortKey, TableQuery } from '../src/page/rows';
import { FATE_WORDS } from '../src/page/timeline';
import { bytes, count, day, number, shortDigest } from '../src/report/format';

/** Three lines of text: what is long wraps. */
const ROW_HEIGHT = 58;
const SPARE = 8;
const PRINTED = 300;

interface TableColumn {
  readonly key: SortKey | 'reason';
  readonly title: string;
  readonly right?: boolean;
  /** As a track of the grid. */
  readonly width: string;
  /** False where it says nothing of this image; without it, it always does. A column that says nothing of any is left out. */
  says?(row: Row): boolean;
  cell(row: Row, now: number): Node | string;
}

const COLUMNS: readonly TableColumn[] = [
  { key: 'fate', title: 'becomes', width: '72px', cell: (row) => fateMark(row) },
  { key: 'tags', title: 'tags', width: 'minmax(96px, 1.2fr)', cell: ({ tags }) => tags.length === 0 ? h('span', { class: 'quiet' }, 'untagged') : h('span', { class: 'mono' }, tags.join(', ')) },
  { key: 'reason', title: 'why', width: 'minmax(212px, 2.8fr)', cell: (row) => why(row) },
  { key: 'pushed', title: 'pushed', width: '78px', cell: ({ pushed }, now) => when(pushed, now) },
  { key: 'pulled', title: 'last pulled', width: '80px', says: ({ pulled }) => pulled !== undefined, cell: ({ pulled }, now) => pulled === undefined ? h('span', { class: 'quiet' }, 'never') : when(pulled, now) },
  { key: 'size', title: 'size', width: '58px', right: true, says: ({ image }) => image.imageSizeInBytes !== undefined, cell: ({ image }) => image.imageSizeInBytes === undefined ? '' : bytes(image.imageSizeInBytes) },
  { key: 'rule', title: 'rule', width: '40px', right: true, says: ({ rulePriority }) => rulePriority !== undefined, cell: ({ rulePriority }) => rulePriority === undefined ? '' : String(rulePriority) },
  { key: 'against', title: 'against now', width: '78px', says: ({ against }) => against !== '', cell: ({ against }) => against },
  { key: 'digest', title: 'digest', width: '90px', cell: ({ image }) => h('span', { class: 'mono' }, shortDigest(image.imageDigest)) },
];

/** First what stops it. */
function why(row: Row): Node | string {
  const reason = withoutFate(row.reason());
  return row.stoppedBy.length === 0 ? reason : h('span', {}, h('strong', { class: 'stopped' }, row.stoppedBy.join(', ')), ` ${reason}`);
}

function when(time: number, now: number): Node {
  const [date, age] = day(isoText(time), now).split(' (');
  return h('span', {}, h('span', { class: 'date' }, date), ' ', h('span', { class: 'quiet age' }, age.replace(' ago)', '')));
}

/** The first column says it. */
function withoutFate(reason: string): string {
  const text = reason.replace(/^(?:Expires|Is archived|Kept(?: for now)?): /, '');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function fateMark({ fate, instead, inUseBy }: Row): Node {
  return h('span', {}, h('span', { class: `fate fate-${fate}` }, fate),
    instead && h('span', { class: 'instead', title: `By the proposed policy: ${FATE_WORDS[instead]}` }, h('span', { 'aria-hidden': 'true' }, ' ✎'), h('span', { class: 'unseen' }, ' by the edit')), inUseBy.length > 0 && h('span', { class: 'in-use', title: `In use by ${inUseBy.join(', ')}` }, ' in use'));
}

/** All images, however many: only the rows in sight are in the document. */
export class ImageTable {
  public readonly element: HTMLElement;
  private rows: readonly Row[] = [];
  private found: readonly Row[] = [];
  private columns = COLUMNS;
  private query: TableQuery = ALL_ROWS;
  private active = 0;
  private readonly grid: HTMLElement;
  private readonly body = h('div', { class: 'rows', role: 'rowgroup' });
  private readonly head: HTMLElement;
  private readonly status = h('p', { 'class': 'quiet', 'role': 'status', 'aria-live': 'polite' });
  private readonly chips = h('div', { class: 'chips' });
  private readonly detail = h('div', { 'class': 'detail', 'aria-live': 'polite' });
  private readonly printed = h('div', { class: 'print-only' });
  private readonly search: HTMLInputElement;
  private readonly fates: HTMLSelectElement;
  private readonly rules: HTMLSelectElement;
  private readonly only: HTMLSelectElement;
  private readonly gridId = id('images');
  private labels: { range?: string; digests?: string } = {};

  constructor(private readonly now: number) {
    const changed = debounce(80, () => this.set({ text: this.search.value }));
    this.search = h('input', { 'type': 'search', 'placeholder': 'Tag, digest, who runs it', 'aria-label': 'Search images', 'oninput': changed, 'spellcheck': 'false', 'autocomplete': 'off' });
    this.fates = select('What becomes of it', [['', 'all'], ...Object.entries(FATE_WORDS)], (value) => this.set({ fate: value as Fate | '' }));
    this.rules = select('Rule', [['', 'any rule']], (value) => this.set({ rule: value }));
    this.only = select('Only', [
      ['', 'everything'], ['newly', 'newly, against the policy in force'], ['as before', 'as by the policy in force'], ['spared', 'spared'], ['edited', 'changed by my edit'],
      ['in use', 'in use'], ['tagged', 'tagged'], ['untagged', 'untagged'],
    ], (value) => this.set({ only: value as TableQuery['only'] }));
    this.head = h('div', { 'class': 'row head', 'role': 'row', 'aria-rowindex': '1' });
    this.grid = h('div', {
      'class': 'grid', 'role': 'grid', 'id': this.gridId, 'tabindex': '0', 'aria-label': 'Images',
      'onscroll': () => this.paint(), 'onkeydown': (event) => this.key(event),
    }, h('div', { role: 'rowgroup', class: 'head-group' }, this.head), this.body);
    this.element = h('section', { 'class': 'card images', 'aria-labelledby': `${this.gridId}-title` },
      h('div', { class: 'images-top' }, h('h3', { id: `${this.gridId}-title` }, 'Images'), this.status),
      h('div', { class: 'tools' }, this.search, this.fates, this.rules, this.only), this.chips, this.grid, this.detail, this.printed);
    this.layOut();
    window.addEventListener('beforeprint', () => this.print());
  }

  public update(rows: readonly Row[], priorities: readonly number[]): void {
    this.rows = rows;
    this.layOut();
    const rule = this.query.rule;
    fill(this.rules, h('option', { value: '' }, 'any rule'), priorities.map((priority) => h('option', { value: String(priority) }, `rule ${priority}`)), h('option', { value: 'none' }, 'no rule'));
    this.rules.value = rule;
    if (this.rules.value !== rule) {
      this.query = { ...this.query, rule: '' };
      this.rules.value = '';
    }
    this.apply();
  }

  private layOut(): void {
    this.columns = COLUMNS.filter(({ says }) => says === undefined || this.rows.some(says));
    this.grid.style.setProperty('--columns', this.columns.map(({ width }) => width).join(' '));
    this.grid.setAttribute('aria-colcount', String(this.columns.length));
    this.drawHead();
  }

  /** From elsewhere in the page: a bar, a rule, a finding. */
  public show(query: Partial<TableQuery>, labels: { range?: string; digests?: string } = {}): void {
    this.labels = labels;
    this.query = { ...ALL_ROWS, sort: this.query.sort, descending: this.query.descending, ...query };
    this.search.value = this.query.text;
    this.fates.value = this.query.fate;
    this.rules.value = this.query.rule;
    this.only.value = this.query.only;
    this.apply(true);
    this.element.scrollIntoView({ block: 'start' });
    this.grid.focus({ preventScroll: true });
  }

  private set(change: Partial<TableQuery>): void {
    this.query = { ...this.query, ...change };
    this.apply(true);
  }

  private apply(toTop = false): void {
    this.found = queryRows(this.rows, this.query);
    const size = bytesOf(this.found);
    fill(this.status, `${this.found.length === this.rows.length ? count(this.rows.length, 'image') : `${number(this.found.length)} of ${count(this.rows.length, 'image')}`}${size === undefined ? '' : `, ${bytes(size)}`}`);
    this.grid.setAttribute('aria-rowcount', String(this.found.length + 1));
    this.body.style.height = `${this.found.length * ROW_HEIGHT}px`;
    fill(this.chips, this.chip('range', this.labels.range, { from: undefined, to: undefined }), this.chip('digests', this.labels.digests, { digests: undefined }));
    if (toTop) {
      this.grid.scrollTop = 0;
      this.active = 0;
    }
    this.active = Math.max(0, Math.min(this.active, this.found.length - 1));
    fill(this.detail);
    this.paint();
  }

  private chip(name: 'range' | 'digests', label: string | undefined, without: Partial<TableQuery>): HTMLElement | false {
    return label !== undefined && h('button', {
      type: 'button', class: 'chip',
      onclick: () => {
        this.labels = { ...this.labels, [name]: undefined };
        this.set(without);
      },
    }, `${label} ×`);
  }

  private drawHead(): void {
    fill(this.head, this.columns.map(({ key, title, right }, i) => {
      const sorted = this.query.sort === key;
      return h('div', {
        'role': 'columnheader', 'class': right ? 'cell right' : 'cell', 'aria-colindex': String(i + 1), 'aria-sort': sorted ? (this.query.descending ? 'descending' : 'ascending') : undefined,
      }, key === 'reason' ? title : h('button', { type: 'button', class: 'sort', onclick: () => this.sort(key) }, title, h('span', { 'aria-hidden': 'true', 'class': 'arrow' }, sorted ? (this.query.descending ? '▼' : '▲') : '')));
    }));
  }

  private sort(key: SortKey): void {
    const descending = this.query.sort === key ? !this.query.descending : key === 'pushed' || key === 'size' || key === 'pulled';
    this.set({ sort: key, descending });
    const place = this.columns.findIndex((column) => column.key === key);
    this.drawHead();
    this.head.children[place]?.querySelector('button')?.focus();
  }

  private paint(): void {
    const height = this.grid.clientHeight || 480;
    const first = Math.max(0, Math.floor(this.grid.scrollTop / ROW_HEIGHT) - SPARE);
    const last = Math.min(this.found.length, Math.ceil((this.grid.scrollTop + height) / ROW_HEIGHT) + SPARE);
    fill(this.body, this.found.length === 0 && h('p', { class: 'nothing' }, 'No image matches.'), this.found.slice(first, last).map((row, i) => this.row(row, first + i)));
    this.grid.setAttribute('aria-activedescendant', this.found.length > 0 && this.active >= first && this.active < last ? `${this.gridId}-${this.active}` : '');
  }

  private row(row: Row, place: number): HTMLElement {
    const element = h('div', {
      'role': 'row', 'id': `${this.gridId}-${place}`, 'class': `row ${row.fate}${place === this.active ? ' active' : ''}`, 'aria-rowindex': String(place + 2), 'aria-selected': String(place === this.active),
      'onclick': () => this.open(place),
    }, this.columns.map(({ right, cell, key }, i) => {
      const content = cell(row, this.now);
      return h('div', { 'role': 'gridcell', 'class': `cell${right ? ' right' : ''} c-${key}`, 'aria-colindex': String(i + 1), 'title': key === 'reason' || key === 'tags' ? content instanceof Node ? content.textContent : content : undefined }, content);
    }));
    element.style.transform = `translateY(${place * ROW_HEIGHT}px)`;
    return element;
  }

  private key(event: KeyboardEvent): void {
    if (event.target !== this.grid) {
      return;
    }
    const page = Math.max(1, Math.floor(this.grid.clientHeight / ROW_HEIGHT) - 2);
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -this.found.length, End: this.found.length };
    if (event.key in steps) {
      event.preventDefault();
      this.active = Math.max(0, Math.min(this.found.length - 1, this.active + steps[event.key]));
      const top = this.active * ROW_HEIGHT;
      const room = this.grid.clientHeight - ROW_HEIGHT;
      if (top < this.grid.scrollTop) {
        this.grid.scrollTop = top;
      } else if (top + ROW_HEIGHT > this.grid.scrollTop + room) {
        this.grid.scrollTop = top + ROW_HEIGHT - room;
      }
      this.paint();
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this.open(this.active);
    } else if (event.key === 'Escape') {
      fill(this.detail);
    }
  }

  private open(place: number): void {
    const row = this.found[place];
    if (row === undefined) {
      return;
    }
    this.active = place;
    this.paint();
    const { image, tags, inUseBy, instead } = row;
    const facts: [string, string | undefined][] = [
      ['Digest', image.imageDigest], ['Tags', tags.join(', ') || 'none'], ['Pushed', String(image.imagePushedAt)], ['Last pulled', image.lastRecordedPullTime === undefined ? 'never' : String(image.lastRecordedPullTime)],
      ['Size', image.imageSizeInBytes === undefined ? undefined : `${bytes(image.imageSizeInBytes)} (${number(image.imageSizeInBytes)} bytes)`], ['Media type', image.imageManifestMediaType],
      ['Artifact', image.artifactMediaType], ['Refers to', image.subjectManifestDigest], ['Status', image.imageStatus], ['In use by', inUseBy.join(', ') || undefined],
      ['By the proposed policy', instead && FATE_WORDS[instead]],
    ];
    fill(this.detail, h('div', { class: `detail-body ${row.fate}` },
      h('p', { class: 'reason' }, fateMark(row), ' ', row.reason()), row.stoppedBy.length > 0 && h('p', { class: 'stopped' }, `Stopped by ${row.stoppedBy.join(', ')}`),
      h('dl', {}, facts.filter(([, value]) => value !== undefined).map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', { class: 'mono' }, value)))),
      h('button', { type: 'button', class: 'plain', onclick: () => { fill(this.detail); this.grid.focus(); } }, 'Close')));
  }

  /** Paper does not scroll. */
  private print(): void {
    const going = this.found.filter(({ fate }) => fate !== 'stays');
    const shown = (going.length > 0 ? going : this.found).slice(0, PRINTED);
    const left = this.found.length - shown.length;
    fill(this.printed, h('table', {},
      h('thead', {}, h('tr', {}, this.columns.map(({ title, right }) => h('th', { class: right ? 'right' : undefined }, title)))),
      h('tbody', {}, shown.map((row) => h('tr', {}, this.columns.map(({ right, cell }) => h('td', { class: right ? 'right' : undefined }, cell(row, this.now))))))),
    left > 0 && h('p', {}, `and ${count(left, 'image')} more, not printed.`));
  }
}

function select(label: string, options: readonly (readonly [string, string])[], change: (value: string) => void): HTMLSelectElement {
  const element: HTMLSelectElement = h('select', { 'aria-label': label, 'onchange': () => change(element.value) }, options.map(([value, text]) => h('option', { value }, text)));
  return element;
}
