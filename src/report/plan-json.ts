import { Plan } from './plan';
import { safeJson } from './sanitise';

/** A plan as schemas/plan.schema.json describes it. `indent`: for people. */
export function planJson(plan: Plan, indent?: number): string {
  return indent === undefined ? [...planJsonParts(plan)].join('') : `${safeJson(plan, indent)}\n`;
}

/** The same piece by piece: of a thousand repositories the whole may be longer than a text can be. */
export function* planJsonParts(plan: Plan): Iterable<string> {
  const members = Object.entries(plan).filter(([, value]) => value !== undefined);
  for (const [i, [name, value]] of members.entries()) {
    yield `${i === 0 ? '{' : ','}${safeJson(name)}:`;
    if (Array.isArray(value)) {
      for (const [j, element] of value.entries()) {
        yield `${j === 0 ? '[' : ','}${safeJson(element)}`;
      }
      yield value.length === 0 ? '[]' : ']';
    } else {
      yield safeJson(value);
    }
  }
  yield '}\n';
}
