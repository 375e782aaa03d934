import { finding, undetermined } from './codes';
import { Acting, withHeldImages } from './held';
import { DesiredPolicy } from './policies';
import { RegistryAction, RegistrySource } from './registry-source';
import { policyHash } from '../digest';
import { canonicalPolicyText, samePolicy } from '../lifecycle/canonical';
import { compare, Comparison } from '../lifecycle/compare';
import { Evaluation } from '../lifecycle/evaluate';
import { explain } from '../lifecycle/explain';
import { GateSettings, GateVerdict, InUseSource, judge, PreviewedImage, previewedImages } from '../lifecycle/gate';
import { inventoryGaps } from '../lifecycle/inventory-gaps';
import { lint } from '../lifecycle/lint';
import { ActionType, Inventory, PolicyDocument } from '../lifecycle/model';
import { RepositoryState } from '../lifecycle/registry-state';
import { isoText } from '../lifecycle/time';
import { validatePolicyText } from '../lifecycle/validate';
import { evaluationPreview } from '../report/evaluation-preview';
import { LifecyclePlan, PlanFinding, PlanImage } from '../report/plan';
import { Finding, GateVerdictName, Preview } from '../report/preview';
import { RECORD_TAG_PREFIX } from '../resources';

export interface PlannedLifecycle {
  readonly lifecycle: LifecyclePlan;
  readonly findings: readonly PlanFinding[];
}

export interface LifecycleQuestion {
  readonly desired: DesiredPolicy & { readonly policy: PolicyDocument };
  readonly repositoryName: string;
  /** Undefined: the repository is not there yet. */
  readonly state: RepositoryState | undefined;
  readonly source: RegistrySource;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Who runs which image, by digest. */
  readonly inUse?: ReadonlyMap<string, readonly string[]>;
  /** Services that were asked for that; `list`: somebody has said it. */
  readonly inUseAsked?: readonly InUseSource[] | 'list';
}

/** A finding of the gate that is about how many images go names only some of them. */
const DIGESTS = 100;

/** What putting a policy on one repository would do, and what its gate says to that. */
export async function planLifecycle(question: LifecycleQuestion): Promise<PlannedLifecycle> {
  const { desired, state } = question;
  const now = new Date(question.now);
  const { policy } = desired;
  const { inForce, findings } = inForceOf(question);
  const basis = basisOf(desired, inForce);
  if (state !== undefined && state.inventory === undefined) {
    return { lifecycle: basis, findings: [...findings, ...lintFindings(lint(policy))] };
  }
  const known = state?.inventory ?? { imageDetails: [] };
  const own = compare(inForce, policy, known, now);
  const judged = await judgement(question, own, known, inForce);
  const inventory = judged.acting === undefined ? known : withHeldImages(known, own, judged.acting);
  const comparison = inventory === known ? own : compare(inForce, policy, inventory, now);
  const warnings = [...inventoryGaps(inventory), ...lint(policy, inventory, now)];
  const preview: Preview = {
    ...evaluationPreview({ evaluation: comparison.after, inventory, repositoryName: question.repositoryName, policyHash: basis.policyHash, comparison, warnings }),
    ...(judged.name && { verdict: judged.name }),
  };
  const stopped = judged.verdict?.verdict === 'blocked' && judged.verdict.findings.some(({ code }) => code === 'DD-GATE-107');
  const inUse = stopped ? [] : inUseFindings(question, comparison.after, inventory);
  return {
    lifecycle: {
      ...basis,
      preview: { ...preview, findings: [...judged.verdict === undefined ? [] : gateFindings(judged.verdict), ...preview.findings] },
      inventory,
      // Made anew for whoever asks: a thousand repositories have more sentences than fit.
      get images() {
        return planImages(comparison.after, question.inUse);
      },
    },
    findings: [...findings, ...judged.findings, ...inUse],
  };
}

export function basisOf(desired: DesiredPolicy, inForce: PolicyDocument | undefined): LifecyclePlan {
  const { policy, gate } = desired;
  return {
    change: desired.kind === 'preview-only' ? 'preview' : policy !== undefined && inForce !== undefined && samePolicy(policy, inForce) ? 'keep' : 'put',
    at: desired.at,
    ...(policy && { policy, policyHash: policyHash(policy) }),
    ...(inForce && { policyInForce: inForce }),
    ...(typeof gate === 'object' && desired.gated && { gate }),
  };
}

export function planImages(evaluation: Evaluation, inUse: LifecycleQuestion['inUse']): PlanImage[] {
  return Array.from(evaluation.verdicts(), (verdict): PlanImage => {
    const by = inUse?.get(verdict.imageDigest);
    return { ...verdict, explanation: explain(verdict, evaluation.policy), ...(by && { inUseBy: by }) };
  });
}

export function lintFindings(problems: ReturnType<typeof lint>): PlanFinding[] {
  return problems.map(({ code, pointer, message, fix }) => finding(code, 'warning', message, { place: pointer || '/', ...(fix !== undefined && { fix }) }));
}

function inForceOf({ desired, state, repositoryName }: LifecycleQuestion): { readonly inForce?: PolicyDocument; readonly findings: readonly PlanFinding[] } {
  const text = state?.lifecyclePolicyText;
  const { policy: inForce } = text === undefined ? {} : validatePolicyText(text);
  if (text !== undefined && inForce === undefined) {
    return { findings: [finding('DD-REVIEW-014', 'warning', `The lifecycle policy in force on ${repositoryName} is none that ECR would take today; everything that the new one acts on counts as new.`, { at: desired.at })] };
  }
  const tags = state?.settings.tags;
  const foreign = desired.kind === 'put' && !desired.replaceExisting && inForce !== undefined && !samePolicy(inForce, desired.policy)
    && tags !== undefined && !tags.some(({ Key }) => Key === `${RECORD_TAG_PREFIX}lifecycle`);
  return {
    ...(inForce && { inForce }),
    findings: foreign ? [finding('DD-REVIEW-013', 'error', `${repositoryName} has a lifecycle policy that no resource of this library has put there; the deployment stops and leaves it as it is.`, {
      at: desired.at, effect: 'block', fix: 'Set replaceExisting: true to replace it, take its rules over, or delete it first.',
    })] : [],
  };
}

interface Judged {
  /** Absent where nobody knows what the gate checks. */
  readonly name?: GateVerdictName;
  readonly verdict?: GateVerdict;
  readonly findings: readonly PlanFinding[];
  /** What the registry's own previews list, where it was asked. */
  readonly acting?: Acting;
}

interface Seen {
  readonly images: readonly PreviewedImage[];
  readonly findings: readonly PlanFinding[];
  readonly acting?: Acting;
}

/** As the handler goes about it in the deployment. */
async function judgement(question: LifecycleQuestion, comparison: Comparison, inventory: Inventory, inForce: PolicyDocument | undefined): Promise<Judged> {
  const { desired, repositoryName, source } = question;
  const now = new Date(question.now);
  const { gate, policy } = desired;
  const same = inForce !== undefined && samePolicy(inForce, policy);
  if (inventory.imageDetails.length === 0 || (same && desired.kind === 'put')) {
    return { name: gate === 'off' && desired.gated && desired.kind === 'put' ? 'off' : 'not-needed', findings: desired.kind === 'put' && !same ? ungated(desired) : [] };
  }
  const own = withoutFollowers(previewedImages(comparison, inventory), comparison.after);
  const seen: Seen = source.previewPolicy === undefined ? { images: own, findings: [] } : await byRegistry(question, comparison, inventory, own);
  const acting = seen.acting && { acting: seen.acting };
  if (desired.kind === 'preview-only') {
    return { name: 'preview-only', findings: seen.findings, ...acting };
  }
  if (gate === 'off') {
    return { name: 'off', findings: seen.findings, ...acting };
  }
  if (gate === undefined) {
    return { findings: seen.findings, ...acting };
  }
  const verdict = judge(gate, {
    repositoryName, policyHash: policyHash(policy), policy, now, images: seen.images,
    imageCount: inventory.imageDetails.length,
    taggedImageCount: inventory.imageDetails.filter(({ imageTags = [] }) => imageTags.length > 0).length,
    ...(question.inUse && { inUse: question.inUse }),
  });
  return { name: verdict.verdict, verdict, findings: [...seen.findings, ...ungated(desired), ...unasked(gate, question)], ...acting };
}

/** In the deployment the gate asks; what it hears nobody can say here. */
function unasked({ inUse = [] }: GateSettings, { desired: { at }, inUseAsked = [] }: LifecycleQuestion): PlanFinding[] {
  const open = inUseAsked === 'list' ? [] : inUse.filter((service) => !inUseAsked.includes(service));
  return open.length === 0 ? [] : [undetermined('DD-REVIEW-010', `The gate asks ${open.join(' and ')} what runs, and nobody was asked here.`, `Say --in-use ${open.join(',')}, or give a file with the images that run.`, { at })];
}

function ungated({ gated, at }: DesiredPolicy): PlanFinding[] {
  return gated ? [] : [finding('DD-REVIEW-232', 'warning', 'CloudFormation puts this policy without a gate; it is judged here by the default gate, which the deployment does not ask.', {
    at, fix: 'Call PreviewGate.protect(scope), so that the deployment stops before the policy is put.',
  })];
}

/** ECR's preview does not list referrers that go with their subject, so no gate of a deployment judges them. */
function withoutFollowers(images: readonly PreviewedImage[], evaluation: Evaluation): PreviewedImage[] {
  return images.filter(({ imageDigest }) => evaluation.find(imageDigest)?.reason !== 'FOLLOWS_SUBJECT');
}

/** The images that the registry itself says the policy acts on: these decide in the deployment, too. */
async function byRegistry(
  { desired, repositoryName, source, state }: LifecycleQuestion, { after }: Comparison, inventory: Inventory, own: readonly PreviewedImage[],
): Promise<Seen> {
  const actions = await source.previewPolicy!(repositoryName, canonicalPolicyText(desired.policy));
  const inForce = state?.lifecyclePolicyText;
  const before = new Map<string, ActionType>();
  const askedBefore = inForce !== undefined && actions.length > 0 && validatePolicyText(inForce).policy !== undefined;
  if (askedBefore) {
    (await source.previewPolicy!(repositoryName, inForce)).forEach(({ imageDigest, action }) => before.set(imageDigest, action));
  }
  const ours = new Map(own.map((image) => [image.imageDigest, image]));
  const described = new Map(inventory.imageDetails.map((image) => [image.imageDigest, image]));
  const images = actions.map(({ imageDigest, action, appliedRulePriority }): PreviewedImage => {
    const known = described.get(imageDigest);
    const agreed = ours.get(imageDigest)?.action === action ? ours.get(imageDigest) : undefined;
    const earlier = before.get(imageDigest);
    return {
      imageDigest,
      imageTags: known?.imageTags ?? [],
      imagePushedAt: known?.imagePushedAt ?? new Date(after.now),
      ...(known?.lastRecordedPullTime !== undefined && { lastRecordedPullTime: known.lastRecordedPullTime }),
      ...(known?.imageSizeInBytes !== undefined && { imageSizeInBytes: known.imageSizeInBytes }),
      action,
      appliedRulePriority,
      newly: earlier === undefined || (earlier === 'TRANSITION' && action === 'EXPIRE'),
      ...(agreed?.rank !== undefined && { rank: agreed.rank }),
      ...(agreed?.ageDays !== undefined && { ageDays: agreed.ageDays }),
    };
  });
  return {
    images,
    findings: disagreement(desired, repositoryName, after, inventory, actions),
    acting: { after: new Set(actions.map(({ imageDigest }) => imageDigest)), ...(askedBefore && { before: new Set(before.keys()) }) },
  };
}

function disagreement(desired: DesiredPolicy, repositoryName: string, own: Evaluation, inventory: Inventory, actions: readonly RegistryAction[]): PlanFinding[] {
  const byRegistryAction = new Map(actions.map(({ imageDigest, action }) => [imageDigest, action]));
  // Where nobody said what indexes list, untagged images are no sign of anything.
  const tellsOfUntagged = inventoryGaps(inventory).length === 0;
  const differing: string[] = [];
  const described = new Set<string>();
  inventory.imageDetails.forEach(({ imageDigest, imageTags = [] }, place) => {
    described.add(imageDigest);
    const expected = own.outcome(place);
    const said = byRegistryAction.get(imageDigest) ?? 'KEEP';
    const counts = (imageTags.length > 0 || tellsOfUntagged) && own.verdict(place).reason !== 'FOLLOWS_SUBJECT';
    if (expected !== said && counts) {
      differing.push(imageDigest);
    }
  });
  differing.push(...actions.flatMap(({ imageDigest }) => described.has(imageDigest) ? [] : [imageDigest]));
  if (differing.length === 0) {
    return [];
  }
  const shown = differing.slice(0, 3).map((digest) => `${digest.slice(0, 19)} (ECR: ${byRegistryAction.get(digest) ?? 'KEEP'}, here: ${own.find(digest)?.outcome ?? 'not listed'})`);
  return [finding('DD-REVIEW-009', 'warning',
    `ECR's own preview and ours, at ${isoText(own.now)}, differ about ${differing.length} ${differing.length === 1 ? 'image' : 'images'} of ${repositoryName}: ${shown.join(', ')}${differing.length > 3 ? ', ...' : ''}. ECR's decides.`, {
      at: desired.at, digests: differing.slice(0, DIGESTS), fix: 'Look at these images: one of the two has been misread. An image that was pushed or pulled meanwhile explains it too.',
    })];
}

function gateFindings({ findings, verdict }: GateVerdict): Finding[] {
  return findings.map(({ code, message, fix, images }) => ({
    severity: verdict === 'blocked' ? 'error' : 'warning', code, place: 'PreviewGate', message, fix, digests: images.slice(0, DIGESTS).map(({ imageDigest }) => imageDigest),
  }));
}

const SHOWN = 3;

/** Whatever runs must stay, by whichever policy it would go. */
function inUseFindings({ desired, inUse, repositoryName }: LifecycleQuestion, evaluation: Evaluation, { imageDetails }: Inventory): PlanFinding[] {
  if (inUse === undefined || inUse.size === 0) {
    return [];
  }
  const hit = imageDetails.flatMap(({ imageDigest, imageTags = [] }, place) => {
    const by = inUse.get(imageDigest);
    const action = evaluation.outcome(place);
    return by === undefined || action === 'KEEP' ? [] : [{ imageDigest, action, text: `${imageTags[0] ?? imageDigest.slice(0, 19)} (${by.slice(0, 2).join(', ')}${by.length > 2 ? ` and ${by.length - 2} more` : ''})` }];
  });
  if (hit.length === 0) {
    return [];
  }
  const actions = new Set(hit.map(({ action }) => action));
  const verb = actions.size === 2 ? 'expire or be archived' : actions.has('EXPIRE') ? 'expire' : 'be archived';
  return [finding('DD-REVIEW-011', 'error',
    `${hit.length} ${hit.length === 1 ? 'image' : 'images'} of ${repositoryName} in use would ${verb}: ${hit.slice(0, SHOWN).map(({ text }) => text).join(', ')}${hit.length > SHOWN ? ` and ${hit.length - SHOWN} more` : ''}.`, {
      at: desired.at, effect: desired.kind === 'put' ? 'block' : undefined, digests: hit.slice(0, DIGESTS).map(({ imageDigest }) => imageDigest),
      fix: 'Put a rule that keeps these images before the others, or deploy newer images first.',
    })];
}

