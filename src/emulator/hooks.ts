import { Caller } from './caller';
import { EcrError } from './ecr-error';
import { Faults } from './faults/faults';
import { Interception, Settings } from './options';

/** A call as the hooks see it. */
export interface HookedCall {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly number: number;
  readonly caller: Caller;
}

export type Outcome = { readonly output: Readonly<Record<string, unknown>> } | { readonly error: EcrError };

/** Counts calls and asks whoever uses the emulator what should become of them. */
export class Hooks {
  /** Calls so far, by operation. */
  public readonly calls: Record<string, number> = {};

  constructor(private readonly settings: Settings, public readonly faults: Faults) {}

  /** The how-manieth call of its operation this is. */
  public count(operation: string): number {
    const number = (this.calls[operation] ?? 0) + 1;
    this.calls[operation] = number;
    return number;
  }

  public tell(operation: string, input: Readonly<Record<string, unknown>>): void {
    this.settings.onCall?.({ operation, input });
  }

  public async delay(): Promise<void> {
    if (this.settings.latencyMs > 0) {
      await new Promise((resolve) => setTimeout(resolve, this.settings.latencyMs));
    }
  }

  /** What should happen instead, if anything. An error that the hook throws is an answer too. */
  public async ask(call: HookedCall, phase: 'start' | 'before' | 'after', outcome?: Outcome): Promise<Interception | undefined> {
    if (!this.settings.intercept) {
      return undefined;
    }
    const { operation, input, number, caller } = call;
    try {
      return await this.settings.intercept({ operation, input, phase, number, caller, ...outcome }) ?? undefined;
    } catch (error) {
      if (error instanceof EcrError) {
        return { error };
      }
      this.settings.log?.({ event: 'failure', code: 'DD-EMULATOR-103', operation, stack: error instanceof Error ? error.stack : String(error) });
      return { error: failure(error) };
    }
  }
}

/** The error of an interception as ECR would answer it. */
export function errorOf({ error }: Extract<Interception, { error: unknown }>): EcrError {
  return error instanceof EcrError ? error : new EcrError(error.type, error.message, { statusCode: error.statusCode, headers: error.headers });
}

export function failure(error: unknown): EcrError {
  return new EcrError('ServerException', `DD-EMULATOR-103: the emulator failed: ${error instanceof Error ? error.message : String(error)}`);
}

/** The client's body broke off because a hook wanted it so. */
export class Cut extends Error {}

/** A body that breaks off after so many bytes. */
export async function* cutOff(body: AsyncIterable<Buffer>, afterBytes: number): AsyncIterable<Buffer> {
  let left = afterBytes;
  for await (const chunk of body) {
    if (chunk.length >= left) {
      yield chunk.subarray(0, left);
      throw new Cut();
    }
    left -= chunk.length;
    yield chunk;
  }
  throw new Cut();
}
