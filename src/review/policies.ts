import { finding, undetermined } from './codes';
import { Environment } from './deployed';
import { DesiredApp, DesiredResource, textOf, unresolvedIn } from './desired';
import { isObject } from '../assembly/intrinsics';
import { isDrydockError, Problem } from '../errors';
import { coercePolicy } from '../lifecycle/canonical';
import { DEFAULT_GATE, gateFromProperty, GateSettings } from '../lifecycle/gate';
import { PolicyDocument } from '../lifecycle/model';
import { validatePolicy, validatePolicyText, ValidationResult } from '../lifecycle/validate';
import { PlanFinding, PlanPlace } from '../report/plan';
import { LIFECYCLE_POLICY_PREVIEW_TYPE, LIFECYCLE_POLICY_TYPE, PREVIEW_GATE_TYPE, REPOSITORY_TYPE } from '../resources';

export const NATIVE_TYPE = 'AWS::ECR::Repository';
export const TEMPLATE_TYPE = 'AWS::ECR::RepositoryCreationTemplate';

/** A lifecycle policy that a deployment would put, or preview, with what is known of it. */
export interface DesiredPolicy extends Environment {
  readonly kind: 'put' | 'preview-only' | 'template';
  readonly resource: DesiredResource;
  readonly at: PlanPlace;
  /** Of the repository; of a template, the prefix. Absent where it is not known, or where the repository is new and its name will be made up. */
  readonly name?: string;
  /** The name, or what is known of it. */
  readonly title: string;
  /** The repository is in this account, and not in that of the stack. */
  readonly registryId?: string;
  /** CloudFormation will make the repository, and it is not there yet. */
  readonly isNew: boolean;
  /** The resources of the app that make the repository. */
  readonly makers: readonly DesiredResource[];
  /** Absent where it is not known, or not valid. */
  readonly policy?: PolicyDocument;
  /** `off`: it lets everything pass. Absent where nobody knows what it checks. */
  readonly gate?: GateSettings | 'off';
  readonly gated: boolean;
  /** Whether a policy that somebody else has put is in the way; a native resource overwrites it. */
  readonly replaceExisting: boolean;
  /** Parameters, as `Stack:Parameter`, of which the default was taken for any of this. */
  readonly assumed: readonly string[];
  readonly findings: readonly PlanFinding[];
}

/** Every lifecycle policy of the app, in its order. */
export function desiredPolicies(app: DesiredApp): DesiredPolicy[] {
  const resources = app.stacks.flatMap((stack) => stack.resources);
  return resources.flatMap((resource): DesiredPolicy[] => {
    switch (resource.type) {
      case LIFECYCLE_POLICY_TYPE: return [ownPolicy(resource, resources, 'put')];
      case LIFECYCLE_POLICY_PREVIEW_TYPE: return [ownPolicy(resource, resources, 'preview-only')];
      case NATIVE_TYPE: return resource.properties.LifecyclePolicy === undefined ? [] : [nativePolicy(resource, resources)];
      case TEMPLATE_TYPE: return resource.properties.LifecyclePolicy === undefined ? [] : [templatePolicy(resource)];
      default: return [];
    }
  });
}

function ownPolicy(resource: DesiredResource, resources: readonly DesiredResource[], kind: 'put' | 'preview-only'): DesiredPolicy {
  const named = nameOf(resource, 'RepositoryName');
  const read = policyOf(resource, 'LifecyclePolicy', resource.properties.LifecyclePolicy, coercePolicy);
  const gate = kind === 'put' ? gateOf(resource) : { gate: 'off' as const, findings: [] };
  const registryId = textOf(resource, 'RegistryId');
  const replace = resource.properties.ReplaceExisting;
  return {
    ...basis(resource, kind, [...named.findings, ...read.findings, ...gate.findings]),
    ...named.known, ...read.known, ...gateKnown(gate.gate),
    ...(registryId !== undefined && registryId !== resource.account && { registryId }),
    isNew: false,
    makers: named.known.name === undefined ? [] : makersOf(named.known.name, resource, resources),
    gated: true,
    replaceExisting: replace === true || replace === 'true',
  };
}

function nativePolicy(resource: DesiredResource, resources: readonly DesiredResource[]): DesiredPolicy {
  const named = nativeName(resource);
  const property = resource.properties.LifecyclePolicy;
  const text = isObject(property) ? property.LifecyclePolicyText : property;
  const read = policyOf(resource, isObject(property) ? 'LifecyclePolicy/LifecyclePolicyText' : 'LifecyclePolicy', text);
  const registryId = isObject(property) && typeof property.RegistryId === 'string' && property.RegistryId !== resource.account ? property.RegistryId : undefined;
  const guard = resources.find((other) => other.type === PREVIEW_GATE_TYPE && other.stackId === resource.stackId && standsBefore(other, resource));
  const gate = guard === undefined ? undefined : gateOf(guard);
  return {
    ...basis(resource, 'put', [...named.findings, ...read.findings, ...gate?.findings ?? []], guard),
    ...named.known, ...read.known, ...gateKnown(gate === undefined ? DEFAULT_GATE : gate.gate),
    ...(registryId !== undefined && { registryId }),
    isNew: named.isNew,
    makers: [resource],
    gated: guard !== undefined,
    replaceExisting: true,
  };
}

function templatePolicy(resource: DesiredResource): DesiredPolicy {
  const prefix = nameOf(resource, 'Prefix');
  const read = policyOf(resource, 'LifecyclePolicy', resource.properties.LifecyclePolicy);
  return {
    ...basis(resource, 'template', [...prefix.findings, ...read.findings]),
    ...prefix.known, ...read.known,
    title: prefix.known.name === undefined ? prefix.known.title : prefix.known.name === 'ROOT' ? 'repositories to come, of any name' : `repositories to come: ${prefix.known.name}/*`,
    isNew: false,
    makers: [],
    gate: 'off',
    gated: false,
    replaceExisting: true,
  };
}

const DECISIVE = ['Condition', 'RepositoryName', 'RegistryId', 'LifecyclePolicy', 'ReplaceExisting', 'PreviewGate', 'Prefix'];

function basis(resource: DesiredResource, kind: DesiredPolicy['kind'], findings: readonly PlanFinding[], guard?: DesiredResource) {
  const { at, account, region, undecidedCondition } = resource;
  const environment = { ...(account !== undefined && { account }), ...(region !== undefined && { region }) };
  const condition = undecidedCondition === undefined ? [] : [finding('DD-REVIEW-004', 'warning',
    `Whether this resource is deployed hangs on the condition ${undecidedCondition}; it is judged as if it were.`, { at, fix: 'Give the parameters behind the condition with --parameters.' })];
  const assumed = [...new Set([resource, ...guard ? [guard] : []].flatMap((one) => DECISIVE.flatMap((property) => one.assumed[property] ?? [])))];
  return { kind, resource, at, assumed, findings: [...condition, ...findings.map((one) => ({ at, ...one }))], ...environment };
}

interface Named {
  readonly known: { readonly name?: string; readonly title: string };
  readonly isNew: boolean;
  readonly findings: readonly PlanFinding[];
}

function nameOf(resource: DesiredResource, property: string): Named {
  const name = textOf(resource, property);
  if (name !== undefined) {
    return { known: { name, title: name }, isNew: false, findings: [] };
  }
  const { hangsOn } = unresolvedIn(resource, `/${property}`) ?? {};
  const what = property === 'Prefix' ? 'The prefix' : 'The name of the repository';
  return {
    known: { title: `repository of ${resource.at.constructPath}` },
    isNew: false,
    findings: [undetermined('DD-REVIEW-001', hangsOn === undefined ? `${what} is missing or no text.` : `${what} hangs on ${hangsOn.text}.`,
      hangsOn?.kind === 'parameter' ? 'Give it with --parameters STACK:NAME=VALUE, or let CloudFormation be asked.'
        : 'Preview with credentials that may read the stack in CloudFormation, or give the repository a literal name.')],
  };
}

/** Without a name CloudFormation makes one up; a stack that is there knows it. */
function nativeName(resource: DesiredResource): Named {
  if (resource.properties.RepositoryName !== undefined) {
    const named = nameOf(resource, 'RepositoryName');
    return named.known.name === undefined && resource.deployed === 'none' ? { ...named, isNew: true, findings: [] } : named;
  }
  const { deployed, at: { constructPath } } = resource;
  if (typeof deployed === 'object') {
    return { known: { name: deployed.physicalId, title: deployed.physicalId }, isNew: false, findings: [] };
  }
  const title = `repository of ${constructPath}`;
  return deployed === 'none' ? { known: { title }, isNew: true, findings: [] } : {
    known: { title },
    isNew: false,
    findings: [undetermined('DD-REVIEW-001', 'CloudFormation makes up the name of this repository, and it could not be asked for it.',
      'Preview with credentials that may read the stack in CloudFormation, or give the repository a literal name.')],
  };
}

function standsBefore(gate: DesiredResource, repository: DesiredResource): boolean {
  const { RepositoryLogicalId, RepositoryName } = gate.properties;
  return RepositoryLogicalId === repository.at.logicalId
    || (RepositoryName !== undefined && JSON.stringify(RepositoryName) === JSON.stringify(repository.properties.RepositoryName));
}

function makersOf(name: string, { account, region }: DesiredResource, resources: readonly DesiredResource[]): DesiredResource[] {
  return resources.filter((other) => (other.type === NATIVE_TYPE || other.type === REPOSITORY_TYPE) && textOf(other, 'RepositoryName') === name
    && (other.account === undefined || account === undefined || other.account === account) && (other.region === undefined || region === undefined || other.region === region));
}

interface PolicyRead {
  readonly known: { readonly policy?: PolicyDocument };
  readonly findings: readonly PlanFinding[];
}

function policyOf(resource: DesiredResource, property: string, value: unknown, read: (document: unknown) => unknown = (document) => document): PolicyRead {
  const open = unresolvedIn(resource, `/${property}`);
  if (open !== undefined) {
    return {
      known: {},
      findings: [undetermined('DD-REVIEW-002', `The lifecycle policy hangs on ${open.hangsOn.text}.`,
        open.hangsOn.kind === 'parameter' ? 'Give it with --parameters STACK:NAME=VALUE.' : 'Give the policy literally, so that it can be reviewed before it is deployed.', { place: `/${property}` })],
    };
  }
  const { policy, problems } = validated(value, read);
  return { known: policy === undefined ? {} : { policy }, findings: problems.map((problem) => blocking(problem, `/${property}${problem.pointer}`)) };
}

/** ECR refuses it, so that the deployment fails. */
function blocking({ code, message, fix }: Problem, place: string): PlanFinding {
  return { severity: 'error', code, place, message, ...(fix !== undefined && { fix }), effect: 'block' };
}

function validated(value: unknown, read: (document: unknown) => unknown): ValidationResult {
  return typeof value === 'string' ? validatePolicyText(value) : validatePolicy(read(value));
}

function gateKnown(gate: GateSettings | 'off' | undefined): { readonly gate?: GateSettings | 'off' } {
  return gate === undefined ? {} : { gate };
}

function gateOf(resource: DesiredResource): { readonly gate?: GateSettings | 'off'; readonly findings: readonly PlanFinding[] } {
  const open = unresolvedIn(resource, '/PreviewGate');
  if (open !== undefined) {
    return { findings: [undetermined('DD-REVIEW-003', `What the gate checks hangs on ${open.hangsOn.text}.`, 'Give the settings of the gate literally, or the parameter with --parameters.', { place: `/PreviewGate${open.pointer.replace(/^\/PreviewGate/, '')}` })] };
  }
  try {
    return { gate: gateFromProperty(resource.properties.PreviewGate) ?? 'off', findings: [] };
  } catch (error) {
    if (isDrydockError(error)) {
      return { findings: error.problems.map((problem) => blocking(problem, `/${problem.pointer}`)) };
    }
    throw error;
  }
}
