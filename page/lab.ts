import { comparisonText } from '../src/lifecycle/canonical';
import { DEFAULT_GATE, GateSettings } from '../src/lifecycle/gate';
import { PolicyDocument } from '../src/lifecycle/model';
import { Fate, RowBase, Row, rowBases, trialRows } from '../src/page/rows';
import { policyText, readPolicyText, ReadPolicy, place, PlacedProblem, stoppedIn, Trial, TrialInput, tryPolicy } from '../src/page/trial';
import { PageRepository } from '../src/report/plan-pack';
import { repositoryFindings } from '../src/report/plan-words';

/** Verdicts of a gate that was asked. */
const JUDGED: readonly string[] = ['passed', 'acknowledged', 'blocked'];

export interface LabState {
  readonly trial: Trial;
  readonly rows: readonly Row[];
  /** Another policy or gate than the plan proposes. */
  readonly edited: boolean;
  readonly read: ReadPolicy;
  /** What is wrong with the text, or odd about it. While it is not valid, `trial` is that of the last valid one. */
  readonly problems: readonly PlacedProblem[];
  readonly milliseconds: number;
}

/** The images of one repository, and the policy that is tried on them. */
export class Lab {
  public static async open(repository: PageRepository, now: string): Promise<Lab> {
    const lab = new Lab(repository, now);
    await lab.refresh();
    return lab;
  }

  public text: string;
  public gate: GateSettings | undefined;
  public state!: LabState;
  /** By the policy that the plan proposes. */
  public proposed!: Trial;
  public readonly proposedText: string;
  public readonly proposedGate: GateSettings | undefined;
  private readonly bases: readonly RowBase[];
  private readonly input: Omit<TrialInput, 'gate'>;
  private readonly listeners = new Set<(state: LabState) => void>();
  private fates: readonly Fate[] = [];
  private run = 0;

  private constructor(private readonly repository: PageRepository, now: string) {
    const { inventory, policyInForce, policy, gate, inUse, preview } = repository.lifecycle!;
    this.input = {
      repositoryName: repository.repositoryName ?? repository.title, inventory: inventory!, inUse, now: preview?.now ?? now, ...(policyInForce && { policyInForce }),
    };
    this.bases = rowBases(inventory!, inUse);
    this.proposedText = policyText(policy);
    // Where CloudFormation puts a policy without a gate, the plan asks the default one.
    this.proposedGate = gate ?? (JUDGED.includes(preview?.verdict ?? '') ? DEFAULT_GATE : undefined);
    this.text = this.proposedText;
    this.gate = this.proposedGate;
  }

  public get now(): number {
    return Date.parse(String(this.input.now));
  }

  public get policyInForce(): PolicyDocument | undefined {
    return this.input.policyInForce;
  }

  public get inventory(): TrialInput['inventory'] {
    return this.input.inventory;
  }

  public listen(listener: (state: LabState) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  public async setText(text: string): Promise<void> {
    this.text = text;
    await this.refresh();
  }

  /** Undefined: off. */
  public async setGate(gate: GateSettings | undefined): Promise<void> {
    this.gate = gate;
    await this.refresh();
  }

  public async reset(): Promise<void> {
    this.text = this.proposedText;
    await this.setGate(this.proposedGate);
  }

  private async refresh(): Promise<void> {
    const run = ++this.run;
    const read = readPolicyText(this.text);
    const hash = read.policy === undefined ? '' : await policyHash(read.policy);
    if (run !== this.run) {
      return;
    }
    const started = performance.now();
    // A policy that ECR would refuse does nothing: what is shown stays, and the problems say why.
    const trial = read.valid ? tryPolicy(read.policy, hash, { ...this.input, ...(this.gate && { gate: this.gate }) }) : this.state?.trial ?? this.emptyTrial();
    this.proposed ??= trial;
    const edited = this.text !== this.proposedText || this.gate !== this.proposedGate;
    const stopped = stoppedIn(trial, edited ? [] : repositoryFindings(this.repository));
    const rows = read.valid || this.state === undefined ? trialRows(this.bases, trial, stopped, edited ? this.fates : undefined) : this.state.rows;
    if (this.fates.length === 0) {
      this.fates = rows.map(({ fate }) => fate);
    }
    const problems = [...read.problems, ...(read.valid ? place(trial.warnings.filter(({ code }) => !code.startsWith('DD-INVENTORY')), 'warning', this.text, read.places) : [])];
    this.state = { trial, rows, edited, read, problems, milliseconds: performance.now() - started };
    this.listeners.forEach((listener) => listener(this.state));
  }

  /** Where even the proposed policy is not valid. */
  private emptyTrial(): Trial {
    return tryPolicy(undefined, '', this.input);
  }
}

/** As src/digest.ts, by what a browser has. Empty where it has none: pages that came over plain HTTP. */
async function policyHash(policy: PolicyDocument): Promise<string> {
  if (globalThis.crypto?.subtle === undefined) {
    return '';
  }
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(comparisonText(policy)));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('').slice(0, 16);
}
