import { EvaluationVector, inventoryOf, RealPolicy, ValidationVector, vectors } from './data';
import { evaluate } from '../../src/lifecycle/evaluate';
import { readInventory } from '../../src/lifecycle/inventory';
import { lint } from '../../src/lifecycle/lint';
import { ImageAction } from '../../src/lifecycle/model';
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
    const marked = (list: readonly ImageAction[]) => sorted(list.map(({ imageDigest, action, rulePriority }) => (
      { digest: imageDigest, action: action.toLowerCase(), rulePriority })));
    const wanted = (list: EvaluationVector['expected'] = []) => sorted(list.map(({ digest, action, rulePriority }) => ({ digest, action, rulePriority })));
    expect(marked(evaluation.actions)).toEqual(wanted(vector.expected));
    expect(marked(evaluation.blocked)).toEqual(wanted(vector.blocked));
    const followers = evaluation.cascade.map(({ imageDigest, action, becauseOf }) => ({ digest: imageDigest, action: action.toLowerCase(), becauseOf }));
    expect(sorted(followers)).toEqual(sorted(vector.cascade ?? []));
  });
});

describe('every validation vector is accepted or refused as documented', () => {
  each<ValidationVector>('lifecycle-validation.json', ({ name }) => name, (vector) => {
    const result = validatePolicyText(vector.policyText);
    expect(result.valid).toBe(vector.valid);
    expect(result.problems.length === 0).toBe(vector.valid);
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
