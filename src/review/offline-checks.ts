import { DeclaredFor, declaredByRepository, DeclaredRepository, isTrue, nativeLifecycleText, NATIVE_TYPE, TEMPLATE_TYPE } from './declared';
import { DesiredApp, DesiredResource, unresolvedIn } from './desired';
import { policyIn } from './policy-in';
import { ReviewChangeCode } from './review-codes';
import { checkStatements } from '../access/check';
import { isDrydockError, Problem } from '../errors';
import { coercePolicy } from '../lifecycle/canonical';
import { lint } from '../lifecycle/lint';
import { validatePolicy, validatePolicyText } from '../lifecycle/validate';
import { PlanFinding } from '../report/plan';
import { LIFECYCLE_POLICY_TYPE } from '../resources';

/** Whether a finding is about what the template says, or about how resources go together. */
export interface OfflineChecks {
  /** What ECR would refuse or never honour, and what is rarely meant, in lifecycle policies. */
  readonly lifecycle: readonly PlanFinding[];
  readonly access: readonly PlanFinding[];
  /** Resources that get into each other's way, and policies without gate. */
  readonly conflicts: readonly PlanFinding[];
}

/** What the templates alone tell, without any registry. */
export function offlineChecks(app: DesiredApp, nameOf?: (resource: DesiredResource) => string | undefined): OfflineChecks {
  const resources = app.stacks.flatMap((stack) => stack.resources);
  const declared = [...declaredByRepository(app, nameOf).values()];
  return {
    lifecycle: resources.flatMap(lifecycleFindings),
    access: resources.flatMap(accessFindings),
    conflicts: declared.flatMap((one) => [...writersOfRepository(one), ...writersOfLifecycle(one), ...writersOfAccess(one), ...ungated(one)]),
  };
}

function lifecycleFindings(resource: DesiredResource): PlanFinding[] {
  if (resource.type === LIFECYCLE_POLICY_TYPE) {
    const document = resource.properties.LifecyclePolicy;
    if (unresolvedIn(resource, '/LifecyclePolicy') !== undefined || document === undefined) {
      return [];
    }
    const result = typeof document === 'string' ? validatePolicyText(document) : validatePolicy(coercePolicy(document));
    return told(resource, below('/LifecyclePolicy'), result.problems, [...result.warnings, ...result.policy ? lint(result.policy) : []]);
  }
  if (resource.type !== NATIVE_TYPE && resource.type !== TEMPLATE_TYPE) {
    return [];
  }
  const { text } = nativeLifecycleText(resource);
  if (text === undefined) {
    return [];
  }
  const result = validatePolicyText(text);
  return told(resource, below(resource.type === NATIVE_TYPE ? '/LifecyclePolicy/LifecyclePolicyText' : '/LifecyclePolicy'), result.problems,
    [...result.warnings, ...result.policy ? lint(result.policy) : []]);
}

function accessFindings(resource: DesiredResource): PlanFinding[] {
  const found = policyIn(resource);
  if (found === undefined) {
    return [];
  }
  try {
    const policy = found.read();
    const { problems, warnings } = checkStatements(policy?.Statement ?? [], { allowLockOut: isTrue(resource.properties.AllowLockOut), registryId: resource.account });
    return told(resource, found.place, problems, warnings);
  } catch (error) {
    if (isDrydockError(error)) {
      return told(resource, found.place, error.problems, []);
    }
    throw error;
  }
}

const below = (property: string) => (pointer: string) => `${property}${pointer}`;

function told(resource: DesiredResource, place: (pointer: string) => string, problems: readonly Problem[], warnings: readonly Problem[]): PlanFinding[] {
  const finding = (severity: PlanFinding['severity']) => ({ code, pointer: inside, message, fix }: Problem): PlanFinding => ({
    severity, code, place: place(inside), message, ...(fix !== undefined && { fix }), at: resource.at, ...(severity === 'error' && { effect: 'block' as const }),
  });
  return [...problems.map(finding('error')), ...warnings.map(finding('warning'))];
}

interface Said {
  readonly severity: PlanFinding['severity'];
  readonly code: ReviewChangeCode;
  readonly message: string;
  readonly fix: string;
  readonly place?: string;
}

function say({ at }: DesiredResource, said: Said): PlanFinding {
  return { ...said, at, ...(said.severity === 'error' && { effect: 'block' as const }) };
}

const paths = (resources: readonly DesiredResource[]) => resources.map(({ at }) => at.constructPath).join(', ');

function writersOfRepository({ repositories }: DeclaredFor): PlanFinding[] {
  const all = repositories.map(({ resource }) => resource);
  // Of two that adopt, each takes the repository from the other.
  return all.length < 2 ? [] : [say(all[1], {
    severity: 'error', code: 'DD-REVIEW-214', place: '/RepositoryName',
    message: `${paths(all)} make one repository, ${repositories[0].repositoryName}.`,
    fix: 'Make it in one place, and refer to it from the others (Repository.fromRepositoryName).',
  })];
}

function writersOfLifecycle({ repositories, lifecyclePolicies }: DeclaredFor): PlanFinding[] {
  const natives = repositories.filter(({ isNative }) => isNative);
  const withPolicy = natives.filter(({ resource }) => nativeLifecycleText(resource).isThere).map(({ resource }) => resource);
  const writers = [...withPolicy, ...lifecyclePolicies];
  if (writers.length > 1) {
    return [say(writers[1], {
      severity: 'error', code: 'DD-REVIEW-230', message: `${paths(writers)} put a lifecycle policy on one repository; each deployment of the one undoes the other, or fails.`,
      fix: 'Put all rules into one policy.',
    })];
  }
  return natives.length === 1 && writers.length === 1 && withPolicy.length === 0 ? [say(writers[0], {
    severity: 'warning', code: 'DD-REVIEW-231',
    message: `CloudFormation manages the repository (${natives[0].resource.at.constructPath}), whose template has no lifecycle policy: with the next change of that resource it deletes this one.`,
    fix: 'Give LifecyclePolicy the construct of the repository in place of its name, so that the rules go into its template.',
  })] : [];
}

function writersOfAccess({ repositories, policies }: DeclaredFor): PlanFinding[] {
  const natives = repositories.filter(({ isNative }) => isNative);
  if (natives.length === 0 || policies.length === 0) {
    return [];
  }
  const has = natives[0].resource.properties.RepositoryPolicyText !== undefined;
  return policies.map((policy) => say(policy, has ? {
    severity: 'error', code: 'DD-REVIEW-226',
    message: `CloudFormation writes the whole repository policy from ${natives[0].resource.at.constructPath}: with each change there, these statements are lost.`,
    fix: 'Give RepositoryPolicy the construct of the repository in place of its name, so that the statements go into its template.',
  } : {
    severity: 'warning', code: 'DD-REVIEW-231',
    message: `CloudFormation manages the repository (${natives[0].resource.at.constructPath}), whose template has no repository policy: with the next change of that resource it deletes this one.`,
    fix: 'Give RepositoryPolicy the construct of the repository in place of its name, so that the statements go into its template.',
  }));
}

function ungated({ repositories, lifecyclePolicies, gates }: DeclaredFor): PlanFinding[] {
  const natives = repositories.filter((one) => one.isNative && nativeLifecycleText(one.resource).isThere && gates.length === 0);
  return [
    ...natives.map(({ resource }: DeclaredRepository) => say(resource, {
      severity: 'warning', code: 'DD-REVIEW-232', place: '/LifecyclePolicy',
      message: 'CloudFormation puts the lifecycle policy without looking at the images.',
      fix: 'Add PreviewGate.protect(app), which looks first.',
    })),
    ...[...lifecyclePolicies, ...gates].filter(({ properties }) => properties.PreviewGate === 'off').map((resource) => say(resource, {
      severity: 'warning', code: 'DD-REVIEW-232', place: '/PreviewGate', message: 'The preview gate is off: the lifecycle policy is put without looking at the images.',
      fix: 'Leave previewGate out, or choose the checks with PreviewGate.of.',
    })),
  ];
}

