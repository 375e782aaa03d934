import { JsonPlaces, jsonPlaces, lineOf, Span, spanOf } from './json-places';
import { Problem } from '../errors';
import { compare, Comparison } from '../lifecycle/compare';
import { GateSettings, GateVerdict, judge, previewedImages } from '../lifecycle/gate';
import { inventoryGaps } from '../lifecycle/inventory-gaps';
import { lint } from '../lifecycle/lint';
import { Inventory, PolicyDocument, Timestamp } from '../lifecycle/model';
import { validatePolicy } from '../lifecycle/validate';
import { Severity } from '../report/blocks';
import { evaluationPreview } from '../report/evaluation-preview';
import { namedBy } from '../report/image-tables';
import { Finding, Preview } from '../report/preview';

/** A problem of the policy, at its place in the text. */
export interface PlacedProblem {
  readonly severity: Severity;
  readonly code: string;
  readonly pointer: string;
  readonly message: string;
  readonly fix?: string;
  readonly span?: Span;
  readonly line?: number;
}

export interface ReadPolicy {
  /** An empty text stands for no policy. */
  readonly policy?: PolicyDocument;
  readonly valid: boolean;
  readonly problems: readonly PlacedProblem[];
  readonly places: JsonPlaces;
}

const EMPTY: PolicyDocument = { rules: [] };

/** The text of an editor: the policy, or what is wrong with it and where. */
export function readPolicyText(text: string): ReadPolicy {
  const places = jsonPlaces(text);
  if (text.trim() === '') {
    return { valid: true, problems: [], places };
  }
  if (places.error !== undefined) {
    const { at, message } = places.error;
    const problem: PlacedProblem = {
      severity: 'error', code: 'DD-LIFECYCLE-002', pointer: '', message: `The text is not JSON: ${message}.`, span: { start: Math.min(at, Math.max(0, text.length - 1)), end: at + 1 }, line: lineOf(text, at),
    };
    return { valid: false, problems: [problem], places };
  }
  const { valid, problems, warnings, policy } = validatePolicy(JSON.parse(text));
  return { valid, ...(policy && { policy }), problems: [...place(problems, 'error', text, places), ...place(warnings, 'warning', text, places)], places };
}

export function place(problems: readonly Problem[], severity: Severity, text: string, places: JsonPlaces): PlacedProblem[] {
  return problems.map(({ code, pointer, message, fix }) => {
    const span = spanOf(places, pointer);
    return { severity, code, pointer, message, ...(fix !== undefined && { fix }), ...(span && { span, line: lineOf(text, span.start) }) };
  });
}

export interface TrialInput {
  readonly repositoryName: string;
  readonly inventory: Inventory;
  readonly policyInForce?: PolicyDocument;
  /** Absent: the gate is off. */
  readonly gate?: GateSettings;
  readonly inUse: ReadonlyMap<string, readonly string[]>;
  readonly now: Timestamp;
}

/** What a policy would do, by the evaluator that the deployment uses. */
export interface Trial {
  readonly policy: PolicyDocument | undefined;
  readonly policyHash: string;
  readonly comparison: Comparison;
  readonly preview: Preview;
  readonly verdict?: GateVerdict;
  readonly warnings: readonly Problem[];
  /** Images that run and would go. */
  readonly inUseGoing: number;
}

/** `policyHash`: of the policy that is tried, as the gate names it. */
export function tryPolicy(policy: PolicyDocument | undefined, policyHash: string, input: TrialInput): Trial {
  const { inventory, policyInForce, gate, now, repositoryName, inUse } = input;
  const comparison = policy === undefined ? withoutPolicy(policyInForce, input) : compare(policyInForce, policy, inventory, now);
  const warnings = [...inventoryGaps(inventory), ...(policy === undefined ? [] : lint(policy, inventory, now))];
  const acting = previewedImages(comparison, inventory);
  // ECR's preview does not list referrers that go with their subject, so no gate of a deployment judges them.
  const images = acting.filter(({ imageDigest }) => comparison.after.find(imageDigest)?.reason !== 'FOLLOWS_SUBJECT');
  const verdict = gate && judge(gate, {
    repositoryName, policyHash, now, images, imageCount: inventory.imageDetails.length,
    taggedImageCount: inventory.imageDetails.filter(({ imageTags = [] }) => imageTags.length > 0).length, ...(policy && { policy }),
    ...(gate.inUse && gate.inUse.length > 0 && { inUse }),
  });
  const inUseGoing = inUse.size === 0 ? 0 : acting.filter(({ imageDigest }) => inUse.has(imageDigest)).length;
  const preview = evaluationPreview({ evaluation: comparison.after, inventory, comparison, repositoryName, policyHash });
  return {
    policy, policyHash, comparison, warnings, inUseGoing, ...(verdict && { verdict }), preview: policy === undefined ? { ...preview, rules: [] } : preview,
  };
}

/** Digest -> codes of what stops the image: by the gate of the trial, and by what the plan found where its own policy is on trial. */
export function stoppedIn({ verdict }: Trial, planned: readonly Finding[] = []): ReadonlyMap<string, readonly string[]> {
  const judged = (verdict?.findings ?? []).map(({ code, message, images }): Finding => ({ severity: 'error', code, message, digests: images.map(({ imageDigest }) => imageDigest) }));
  return namedBy({ verdict: verdict?.verdict, findings: [...planned, ...judged] });
}

/** A rule that keeps everything stands for no rules: a document without any is none that ECR takes. */
const NOTHING: PolicyDocument = {
  rules: [{ rulePriority: 1, selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 2_147_483_647 }, action: { type: 'expire' } }],
};

function withoutPolicy(policyInForce: PolicyDocument | undefined, { inventory, now }: TrialInput): Comparison {
  return compare(policyInForce, NOTHING, inventory, now);
}

/** Rules as the policy has them; none where there is no policy. */
export function rulesOf({ policy }: Trial): PolicyDocument['rules'] {
  return (policy ?? EMPTY).rules;
}

export function policyText(policy: PolicyDocument | undefined): string {
  return policy === undefined ? '' : JSON.stringify(policy, undefined, 2);
}
