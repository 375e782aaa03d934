/** What a call gives back to a state machine. */
export interface Step {
  /** CloudFormation has its answer. */
  readonly Finished: boolean;
  /** What the next call needs. */
  readonly State: unknown;
}

export const ANSWERED: Step = { Finished: true, State: null };

/** The work is not done, and another invocation goes on with it: nobody answers now. */
export class GoesOn extends Error {
  public readonly name = 'GoesOn';

  constructor(public readonly state: unknown) {
    super('The work goes on in another invocation.');
  }
}

export function isGoesOn(value: unknown): value is GoesOn {
  return value instanceof Error && value.name === 'GoesOn';
}

export function stepOf({ state }: GoesOn): Step {
  return { Finished: false, State: state };
}
