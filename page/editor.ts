import { debounce, fill, h, id } from './dom';
import { Lab, LabState } from './lab';
import { diffLines, hunks } from '../src/page/diff';
import { PlacedProblem, policyText } from '../src/page/trial';
import { number } from '../src/report/format';

const WAIT = 180;
/** As in the style. */
const LINE = 20;
const LEAST_LINES = 14;
const MOST_LINES = 28;
const SEVERITY_WORDS = { error: 'Error', warning: 'Warning', note: 'Note' } as const;

/** The policy as text. Problems stand under their lines, and what is changed beside the proposal. */
export class PolicyEditor {
  public readonly element: HTMLElement;
  private readonly area: HTMLTextAreaElement;
  private readonly lines = h('div', { 'class': 'gutter', 'aria-hidden': 'true' });
  private readonly marks = h('pre', { 'class': 'underlines', 'aria-hidden': 'true' });
  private readonly problems = h('div', { 'class': 'problems', 'aria-live': 'polite' });
  private readonly diff = h('div', { 'class': 'diff scroll', 'tabindex': '0', 'aria-label': 'Difference from the proposed policy' });
  private readonly said = h('span', { class: 'quiet', role: 'status' });
  private readonly code = h('div', { class: 'code' });
  private readonly areaId = id('policy');

  constructor(private readonly lab: Lab) {
    const changed = debounce(WAIT, () => void lab.setText(this.area.value));
    this.area = h('textarea', {
      'id': this.areaId, 'spellcheck': 'false', 'autocapitalize': 'off', 'autocomplete': 'off', 'wrap': 'off', 'rows': '22', 'aria-describedby': `${this.areaId}-help`,
      'oninput': () => {
        this.layout([]);
        changed();
      },
      'onscroll': () => this.follow(),
      'onkeydown': (event) => this.key(event),
    });
    this.element = h('div', { class: 'editor' },
      h('div', { class: 'editor-top' },
        h('label', { for: this.areaId }, 'Lifecycle policy'),
        h('div', { class: 'buttons' },
          button('Format', 'Write it with two spaces a level', () => this.format()),
          lab.policyInForce !== undefined && button('In force', 'Take the policy that is in force now', () => this.put(policyText(lab.policyInForce))),
          button('Reset', 'Back to the proposed policy and gate', () => void lab.reset()),
          button('Copy', 'Copy the policy', () => this.copy()), this.said)),
      h('p', { class: 'quiet', id: `${this.areaId}-help` }, 'Nothing leaves this page, and nothing is changed anywhere: what you write is tried on the images below. An empty text stands for no policy.'),
      this.code, this.problems, this.diff);
    this.code.append(h('div', { class: 'gutter-box' }, this.lines), h('div', { class: 'code-area' }, this.marks, this.area));
    lab.listen((state) => this.update(state));
    this.update(lab.state);
    // Paper does not scroll.
    window.addEventListener('beforeprint', () => this.size(Infinity));
  }

  private put(text: string): void {
    this.area.value = text;
    void this.lab.setText(text);
  }

  private format(): void {
    try {
      this.put(policyText(JSON.parse(this.area.value)));
    } catch {
      // What is no JSON is said below the text already.
      this.area.focus();
    }
  }

  private copy(): void {
    const done = () => fill(this.said, 'copied');
    const byHand = () => {
      this.area.select();
      fill(this.said, document.execCommand('copy') ? 'copied' : 'press Ctrl+C');
    };
    if (navigator.clipboard === undefined) {
      byHand();
    } else {
      navigator.clipboard.writeText(this.area.value).then(done, byHand);
    }
  }

  /** Tab goes on to the next control, as everywhere in the page; Enter keeps the depth. */
  private key(event: KeyboardEvent): void {
    if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey && !event.isComposing) {
      const before = this.area.value.slice(0, this.area.selectionStart);
      const indent = /(?:^|\n)([ \t]*)[^\n]*$/.exec(before)![1];
      const deeper = /[{[]\s*$/.test(before) ? '  ' : '';
      event.preventDefault();
      this.area.setRangeText(`\n${indent}${deeper}`, this.area.selectionStart, this.area.selectionEnd, 'end');
      this.area.dispatchEvent(new Event('input'));
    }
  }

  private update({ problems, edited, milliseconds }: LabState): void {
    this.area.dataset.milliseconds = String(Math.round(milliseconds));
    if (this.area.value !== this.lab.text) {
      this.area.value = this.lab.text;
    }
    this.layout(problems);
    fill(this.problems, problems.map((problem) => this.problem(problem)));
    const lines = edited ? diffLines(this.lab.proposedText, this.lab.text) : [];
    const changed = lines.some(({ sign }) => sign !== ' ');
    this.diff.hidden = !changed;
    fill(this.diff, h('p', { class: 'diff-title' }, 'Your edit, against the proposed policy'),
      h('pre', {}, hunks(lines).map((line) => line === undefined ? h('span', { class: 'gap' }, '⋯') : h('span', { class: line.sign === '+' ? 'added' : line.sign === '-' ? 'removed' : '' }, `${line.sign} ${line.text}`))));
  }

  private problem({ severity, code, message, fix, line, span }: PlacedProblem): HTMLElement {
    return h('div', { class: `problem ${severity}` },
      span !== undefined && h('button', { type: 'button', class: 'line', onclick: () => this.goTo(span.start, span.end) }, `line ${number(line!)}`), ' ',
      h('strong', {}, `${SEVERITY_WORDS[severity]} ${code}`), ' ', message, fix !== undefined && h('span', { class: 'fix' }, ` ${fix}`));
  }

  private goTo(start: number, end: number): void {
    this.area.focus();
    this.area.setSelectionRange(start, end);
    const line = this.area.value.slice(0, start).split('\n').length - 1;
    this.area.scrollTop = Math.max(0, line * LINE - this.area.clientHeight / 3);
  }

  /** Numbers of lines, and behind the text what is underlined. */
  private layout(problems: readonly PlacedProblem[]): void {
    const text = this.area.value;
    const worst = new Map<number, string>();
    problems.forEach(({ line, severity }) => line !== undefined && worst.get(line) !== 'error' && worst.set(line, severity));
    fill(this.lines, text.split('\n').map((_, i) => h('span', { class: worst.get(i + 1) }, i + 1)));
    this.size(MOST_LINES);
    const spans = problems.flatMap(({ span, severity }) => span ? [{ ...narrow(text, span), severity }] : []).sort((a, b) => a.start - b.start);
    const parts: (string | Node)[] = [];
    let at = 0;
    for (const { start, end, severity } of spans) {
      if (start >= at) {
        parts.push(document.createTextNode(text.slice(at, start)), marked(text.slice(start, end), severity));
        at = end;
      }
    }
    parts.push(document.createTextNode(`${text.slice(at)}\n`));
    this.marks.replaceChildren(...parts);
    this.follow();
  }

  private size(most: number): void {
    this.code.style.height = `${Math.max(LEAST_LINES, Math.min(most, this.area.value.split('\n').length + 1)) * LINE + 22}px`;
  }

  private follow(): void {
    this.marks.style.transform = `translate(${-this.area.scrollLeft}px, ${-this.area.scrollTop}px)`;
    this.lines.style.transform = `translateY(${-this.area.scrollTop}px)`;
  }
}

function marked(text: string, severity: string): HTMLElement {
  const element = h('span', { class: `mark ${severity}` });
  element.textContent = text;
  return element;
}

/** Of what spans lines, only the first. */
function narrow(text: string, { start, end }: { readonly start: number; readonly end: number }): { start: number; end: number } {
  const stop = text.indexOf('\n', start);
  return { start, end: stop >= 0 && stop < end ? stop : end };
}

export function button(text: string, title: string, action: () => void): HTMLButtonElement {
  return h('button', { type: 'button', class: 'plain', title, onclick: action }, text);
}
