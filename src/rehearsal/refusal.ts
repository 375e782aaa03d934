/** A service says no, by the typed name of its error. */
export class Refusal extends Error {
  public readonly name = 'Refusal';

  constructor(public readonly code: string, message: string) {
    super(message);
  }
}
