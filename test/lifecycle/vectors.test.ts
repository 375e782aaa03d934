import { EvaluationVector, inventoryOf, RealPolicy, ValidationVector, vectors } from './data';
import { evaluate } from '../../src/lifecycle/evaluate';
import { readInventory } from '../../src/lifecycle/inventory';
import { lint } from '../../src/lifecycle/lint';
import { awsErrorMessage, validatePolicy, validatePolicyText } from '../../src/lifecycle/validate';

function each<T extends object>(file: string, name: (vector: T) => string, check: (vector: T) => void): void {
  const all = vectors<T>(file);
  if (all === undefined) {
    test.skip(`${file} is not present`, () => {});
    return;
  }
  test(`${file} holds vectors`, () => {
    expect(all.length).toBeGreaterThan(0);
  });
  for (const vector of all) {
    test(name(vector), () => check(vector));
  }
}

describe('every evaluation vector has its documented result', () => {
  each<EvaluationVector>('lifecycle-evaluation.json', ({ name }) => name, (vector) => {
    const evaluation = evaluate(vector.policy, readInventory(inventoryOf(vector.images)), vector.now);
    const actions = evaluation.actions.map(({ imageDigest, action, rulePriority }) => ({ digest: imageDigest, action: action.toLowerCase(), rulePriority }));
    expect(sorted(actions)).toEqual(sorted(vector.expected.map(({ digest, action, rulePriority }) => ({ digest, action, rulePriority }))));
    const blocked = evaluation.blocked.map(({ imageDigest, action, rulePriority }) => ({ digest: imageDigest, action: action.toLowerCase(), rulePriority }));
    expect(sorted(blocked)).toEqual(sorted((vector.blocked ?? []).map(({ digest, action, rulePriority }) => ({ digest, action, rulePriority }))));
    const cascade = evaluation.cascade.map(({ imageDigest, action, becauseOf }) => ({ digest: imageDigest, action: action.toLowerCase(), becauseOf }));
    expect(sorted(cascade)).toEqual(sorted(vector.cascade ?? []));
  });
});

describe('every validation vector is accepted or refused as documented', () => {
  each<ValidationVector>('lifecycle-validation.json', ({ name }) => name, (vector) => {
    const result = validatePolicyText(vector.policyText);
    expect({ valid: result.valid, problems: result.valid ? result.problems : [] }).toEqual({ valid: vector.valid, problems: [] });
    if (!vector.valid) {
      expect(awsErrorMessage(result)).toContain(vector.errorContains ?? '');
    }
  });
});

describe('policies found in public repositories', () => {
  each<RealPolicy>('real-policies.json', ({ source, suspect }) => `${source} is ${suspect ? 'refused' : 'accepted'}`, ({ rules, suspect }) => {
    const { problems, warnings } = validatePolicy({ rules });
    expect(problems.map((p) => p.message)).toEqual(suspect ? [expect.any(String)] : []);
    // The AND trap: lists of several words were written as if any of them sufficed.
    const trapped = rules.filter(({ selection }) => (selection.tagPrefixList?.length ?? 0) > 1).length;
    expect(lint({ rules }).filter((p) => p.code === 'DD-LIFECYCLE-101')).toHaveLength(trapped);
    expect(warnings).toEqual([]);
  });
});

function sorted<T extends { readonly digest: string }>(list: readonly T[]): T[] {
  return [...list].sort((a, b) => a.digest < b.digest ? -1 : 1);
}
