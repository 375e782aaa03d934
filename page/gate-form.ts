import { debounce, fill, h } from './dom';
import { Lab, LabState } from './lab';
import { DEFAULT_GATE, GateSettings } from '../src/lifecycle/gate';
import { number } from '../src/report/format';

type NumberSetting = 'maxExpiringImages' | 'maxExpiringPercent' | 'protectPushedWithinDays' | 'protectPulledWithinDays';

const NUMBERS: readonly (readonly [NumberSetting, string, number])[] = [
  ['maxExpiringImages', 'images may expire', 1_000_000], ['maxExpiringPercent', '% of the images may expire', 100],
  ['protectPushedWithinDays', 'days since the push protect', 100_000], ['protectPulledWithinDays', 'days since the last pull protect', 100_000],
];

/** The gate: what it checks, and what it says. Its settings can be tried like the policy. */
export class GateForm {
  public readonly element: HTMLElement;
  private readonly verdict = h('div', { 'class': 'gate-verdict', 'role': 'status', 'aria-live': 'polite' });
  private readonly on: HTMLInputElement;
  private readonly fields = new Map<NumberSetting, HTMLInputElement>();
  private readonly tags: HTMLInputElement;
  private readonly against: HTMLSelectElement;
  private readonly settings: HTMLElement;

  constructor(private readonly lab: Lab, private readonly show: (digests: readonly string[], code: string) => void) {
    const changed = debounce(180, () => this.change());
    this.on = h('input', { type: 'checkbox', onchange: () => this.change() });
    for (const [name, , max] of NUMBERS) {
      this.fields.set(name, h('input', { type: 'number', min: '0', max: String(max), step: name === 'maxExpiringImages' ? '1' : 'any', oninput: changed, placeholder: '–' }));
    }
    this.tags = h('input', { type: 'text', oninput: changed, spellcheck: 'false', placeholder: 'no tag is protected' });
    this.against = h('select', { onchange: () => this.change() }, h('option', { value: 'policy-in-force' }, 'only what newly goes'), h('option', { value: 'everything' }, 'everything that goes'));
    this.settings = h('div', { class: 'settings' },
      NUMBERS.map(([name, text]) => h('label', {}, this.fields.get(name)!, ` ${text}`)),
      h('label', { class: 'wide' }, 'protected tags ', this.tags), h('label', { class: 'wide' }, 'counts ', this.against));
    this.element = h('div', { class: 'gate' }, h('div', { class: 'gate-top' }, h('h4', {}, 'Gate'), h('label', { class: 'toggle' }, this.on, ' on')), this.verdict,
      h('details', { open: true }, h('summary', {}, 'Settings of the gate'), this.settings));
    lab.listen((state) => this.update(state));
    this.fill(lab.gate);
    this.update(lab.state);
  }

  private fill(gate: GateSettings | undefined): void {
    this.on.checked = gate !== undefined;
    this.settings.classList.toggle('off', gate === undefined);
    for (const [name] of NUMBERS) {
      this.fields.get(name)!.value = gate?.[name] === undefined ? '' : String(gate[name]);
    }
    this.tags.value = (gate?.protectedTagPatterns ?? []).join(', ');
    this.against.value = gate?.countAgainst ?? 'policy-in-force';
  }

  private change(): void {
    if (!this.on.checked) {
      void this.lab.setGate(undefined);
      return;
    }
    // Switched on where the plan has none: what applies when nobody says anything else.
    if (this.lab.gate === undefined) {
      void this.lab.setGate(this.lab.proposedGate ?? DEFAULT_GATE).then(() => this.fill(this.lab.gate));
      return;
    }
    const { protectedDigests, acknowledged, inUse } = this.lab.gate;
    const numbers = NUMBERS.flatMap(([name]) => {
      const field = this.fields.get(name)!;
      return field.value !== '' && field.validity.valid ? [[name, field.valueAsNumber] as const] : [];
    });
    const patterns = this.tags.value.split(',').map((text) => text.trim()).filter((text) => text !== '');
    void this.lab.setGate({
      ...Object.fromEntries(numbers), ...(patterns.length > 0 && { protectedTagPatterns: patterns }),
      ...(protectedDigests && { protectedDigests }), ...(acknowledged && { acknowledged }), ...(inUse && { inUse }),
      countAgainst: this.against.value as GateSettings['countAgainst'],
    });
  }

  private update({ trial: { verdict, inUseGoing }, read, edited }: LabState): void {
    if (!this.element.contains(document.activeElement)) {
      this.fill(this.lab.gate);
    }
    this.settings.classList.toggle('off', this.lab.gate === undefined);
    const running = inUseGoing > 0 && h('div', { class: 'finding error' }, h('strong', {}, 'In use'), ` ${number(inUseGoing)} ${inUseGoing === 1 ? 'image that runs' : 'images that run'} would go.`);
    if (!read.valid) {
      fill(this.verdict, h('p', { class: 'bad' }, 'ECR would refuse this policy. What is shown is the last one that it would take.'));
      return;
    }
    const words = { passed: 'The gate lets this policy pass.', acknowledged: 'The gate lets this policy pass, because its effect is acknowledged.', blocked: 'The gate stops this policy.' };
    const findings = verdict?.findings ?? [];
    const show = (images: typeof findings[number]['images'], code: string) => h('button', {
      type: 'button', class: 'link', onclick: () => this.show(images.map(({ imageDigest }) => imageDigest), code),
    }, `show ${images.length === 1 ? 'the image' : `${number(images.length)} images`}`);
    fill(this.verdict,
      verdict === undefined ? h('p', { class: 'quiet' }, 'The gate is off: nothing is checked.') : h('p', { class: verdict.verdict === 'blocked' ? 'bad' : 'good' }, words[verdict.verdict]), running,
      // The findings about the proposal stand above in full.
      findings.map(({ code, message, fix, images }) => h('div', { class: 'finding error' },
        h('strong', {}, code), ` ${message} `, edited && h('span', { class: 'fix' }, fix, ' '), show(images, code))));
  }
}
