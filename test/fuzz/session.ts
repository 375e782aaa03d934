import { createHash } from 'node:crypto';
import { Coverage } from './coverage';
import { Chance, mutate } from './mutate';
import { FuzzTarget } from './target';
import { random } from '../../scripts/random';
import { isDrydockError } from '../../src/errors';

export interface Finding {
  readonly target: string;
  readonly kind: 'crash' | 'hang' | 'memory';
  readonly message: string;
  readonly input: Buffer;
}

export interface Slowest {
  readonly millis: number;
  readonly input: Buffer;
}

interface SessionOptions {
  readonly coverage?: Coverage;
  /** Told before an input is tried. */
  readonly onInput?: (input: Buffer) => void;
}

const DEFAULT_MAX_BYTES = 262_144;
/** Larger ones are tried, and not kept: a corpus of them would make everything slow. */
const MOST_KEPT_BYTES = 16_384;
const MOST_KEPT = 4_000;
const MOST_SLOW = 5;

/** Tries inputs on one target, each made from one that led somewhere before. */
export class Session {
  public tried = 0;
  public readonly findings = new Map<string, Finding>();
  private readonly corpus: Buffer[] = [];
  private readonly words: readonly Buffer[];
  private readonly maxBytes: number;
  private readonly chance: Chance;
  private readonly coverage: Coverage | undefined;
  private slow: Slowest[] = [];

  constructor(private readonly target: FuzzTarget, seed: number, private readonly options: SessionOptions = {}) {
    const next = random(seed);
    this.chance = (below) => Math.floor(next() * below);
    this.words = (target.words ?? []).map((word) => Buffer.from(word));
    this.maxBytes = target.maxBytes ?? DEFAULT_MAX_BYTES;
    this.coverage = options.coverage;
  }

  public get kept(): number {
    return this.corpus.length;
  }

  /** Every seed once. */
  public async begin(): Promise<void> {
    await this.target.open?.();
    for (const seed of this.target.seeds()) {
      const input = Buffer.from(seed);
      this.corpus.push(input);
      await this.attempt(input);
    }
  }

  public async step(): Promise<void> {
    const pick = () => this.corpus[this.chance(2) === 0 ? this.chance(this.corpus.length) : this.corpus.length - 1 - this.chance(Math.min(50, this.corpus.length))];
    const input = mutate(pick(), pick(), this.words, this.maxBytes, this.chance);
    if (await this.attempt(input) && input.length <= MOST_KEPT_BYTES && this.corpus.length < MOST_KEPT) {
      this.corpus.push(input);
    }
  }

  public async end(): Promise<void> {
    await this.target.close?.();
  }

  /** Tried again, so that it is not somebody else's work that is measured. */
  public async slowest(): Promise<Slowest | undefined> {
    for (const [i, { input, millis }] of this.slow.entries()) {
      this.slow[i] = { input, millis: Math.min(millis, await this.attempt(input, true), await this.attempt(input, true)) };
    }
    return this.slow.sort((a, b) => b.millis - a.millis)[0];
  }

  private async attempt(input: Buffer): Promise<boolean>;
  private async attempt(input: Buffer, again: true): Promise<number>;
  private async attempt(input: Buffer, again = false): Promise<boolean | number> {
    this.options.onInput?.(input);
    const before = process.cpuUsage();
    try {
      const result = this.target.run(input);
      if (result instanceof Promise) {
        await result;
      }
    } catch (error) {
      if (!(isDrydockError(error) && typeof error.code === 'string') && this.target.isExpected?.(error) !== true) {
        this.note(error, input);
      }
    }
    const { user, system } = process.cpuUsage(before);
    const millis = (user + system) / 1000;
    if (again) {
      return millis;
    }
    this.tried += 1;
    if (this.slow.length < MOST_SLOW || millis > this.slow[this.slow.length - 1].millis) {
      this.slow = [...this.slow, { millis, input: Buffer.from(input) }].sort((a, b) => b.millis - a.millis).slice(0, MOST_SLOW);
    }
    return this.coverage === undefined ? this.chance(50) === 0 : this.coverage.isNew();
  }

  /** One for each place: many inputs lead to the same mistake. */
  private note(error: unknown, input: Buffer): void {
    const known = error instanceof Error ? error : new Error(String(error));
    const frames = (known.stack ?? '').split('\n').filter((frame) => /^\s+at /.test(frame)).slice(0, 2).map((frame) => frame.trim());
    const key = createHash('sha256').update(`${known.name} ${frames.join(' ')}${frames.length === 0 || known.name === 'PropertyFailure' ? known.message.slice(0, 40) : ''}`).digest('hex').slice(0, 12);
    if (!this.findings.has(key)) {
      this.findings.set(key, { target: this.target.name, kind: 'crash', message: `${known.name}: ${known.message.slice(0, 300)}\n${frames.join('\n')}`, input: Buffer.from(input) });
    }
  }
}
