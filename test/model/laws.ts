/** The laws, and what AWS's own semantics takes out of each. */
export const LAWS = {
  a: 'after success the registry holds what the template says, and nothing else of ours',
  b: 'after a rollback the registry is what it was, but for what others did meanwhile',
  c: 'no statement, lifecycle policy, tag, image or repository of somebody else is lost',
  d: 'no image goes that the last accepted plan did not name',
  e: 'nothing of ours is left behind, unless it is retained',
  f: 'every delivery of an event ends with exactly one answer',
  g: 'physical ids follow the protocol',
  h: 'an update that means nothing new changes nothing',
  i: 'an operation fails for a reason that the model knows, and then it does fail',
  j: 'a rollback comes to its end',
} as const;

export type Law = keyof typeof LAWS;

export class Violation extends Error {
  public readonly name = 'Violation';

  constructor(public readonly law: Law, public readonly step: number, public readonly what: readonly string[]) {
    super(`step ${step}: law ${law} (${LAWS[law]}) is broken:\n  ${what.join('\n  ')}`);
  }
}
