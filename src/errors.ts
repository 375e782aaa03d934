/**
 * One place where something is wrong: what, where, the value and the way out.
 */
export interface Problem {
  /** Stable code, `DD-<AREA>-<NNN>`; docs/errors.md has one entry for each. */
  readonly code: string;
  /** Where: a JSON pointer into the document, a construct path, or a property name. */
  readonly pointer: string;
  /** What is wrong and what would be right, in one sentence or two. */
  readonly message: string;
  /** The offending value, where there is one. */
  readonly value?: unknown;
  /** How to fix it, where the message does not say so already. */
  readonly fix?: string;
  /** AWS's own wording for the same refusal, where it is known. */
  readonly awsMessage?: string;
}

/**
 * The one error family of this library.
 *
 * Thrown once with every problem found. Recognise it with `isDrydockError`, not with `instanceof`: the handler, the
 * command line and the constructs are separate bundles.
 */
export class DrydockError extends Error {
  public readonly name = 'DrydockError';
  /** The code of the first problem. */
  public readonly code: string;
  public readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[] | Problem, options: { readonly cause?: unknown; readonly heading?: string } = {}) {
    const all = Array.isArray(problems) ? (problems as readonly Problem[]) : [problems as Problem];
    super(render(all, options.heading), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = all[0].code;
    this.problems = all;
  }
}

/** Whether a caught value is an error of this library, whichever bundle threw it. */
export function isDrydockError(value: unknown): value is DrydockError {
  return value instanceof Error && value.name === 'DrydockError' && Array.isArray((value as Partial<DrydockError>).problems);
}

function render(problems: readonly Problem[], heading?: string): string {
  const lines = problems.map((p) => `${p.code} at ${p.pointer}: ${p.message}${p.fix ? ` Fix: ${p.fix}` : ''}`);
  return heading ? [heading, ...lines.map((line) => `  ${line}`)].join('\n') : lines.join('\n');
}
