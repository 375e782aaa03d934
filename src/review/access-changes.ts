import { NATIVE_TYPE } from './declared';
import { Environment } from './deployed';
import { DesiredResource, textOf, UnresolvedValue } from './desired';
import { finding } from './finding';
import { ResourcePair } from './pairs';
import { policyIn } from './policy-in';
import { Known, lookUp } from './registries';
import { ReviewContext, unreadFinding } from './repository-changes';
import { sameStatement, stable } from '../access/compare';
import { mergeStatements } from '../access/merge';
import { AccessPolicy, Statement } from '../access/model';
import { parsePolicy } from '../access/parse';
import { accessPlan } from '../access/words';
import { isDrydockError } from '../errors';
import { AccessPlan, AccessSentence, PlanFinding, PlanPlace } from '../report/plan';
import { REPOSITORY_POLICY_TYPE } from '../resources';

/** What becomes of the policy of one repository. */
export interface AccessOutcome extends Environment {
  readonly repositoryName?: string;
  readonly title: string;
  readonly places: readonly PlanPlace[];
  readonly access?: AccessPlan;
  readonly findings: readonly PlanFinding[];
  readonly known: Known;
}

/** What writes one repository's policy: at most one native repository, any number of ours. */
interface Writers extends Environment {
  readonly repositoryName?: string;
  readonly title: string;
  native?: ResourcePair;
  readonly statements: { readonly resource: DesiredResource; readonly before?: DesiredResource; readonly after?: DesiredResource; readonly changed: boolean }[];
  isUnknown: boolean;
}

export interface AccessOptions extends ReviewContext {
  /** Whether a new repository is made under that name. */
  readonly isFresh: (repository: Environment & { readonly repositoryName?: string; readonly title: string }) => boolean;
  /** What stands for a value that only the deployment knows, in words. */
  readonly wordsOf: (resource: DesiredResource, value: UnresolvedValue) => string | undefined;
}

export async function accessChangesOf(pairs: readonly ResourcePair[], options: AccessOptions): Promise<AccessOutcome[]> {
  const outcomes = await Promise.all([...writersOf(pairs, options).values()].map((writers) => outcomeOf(writers, options)));
  return outcomes.filter((outcome) => outcome !== undefined);
}

function writersOf(pairs: readonly ResourcePair[], { nameOf }: ReviewContext): Map<string, Writers> {
  const all = new Map<string, Writers>();
  const of = (resource: DesiredResource, when: 'before' | 'after'): Writers => {
    const name = textOf(resource, 'RepositoryName') ?? nameOf(resource, when);
    const account = textOf(resource, 'RegistryId') ?? resource.account;
    const key = name === undefined ? `${resource.stackId}#${resource.at.logicalId}` : `${account ?? '*'}/${resource.region ?? '*'}/${name}`;
    const writers: Writers = all.get(key) ?? {
      ...(name !== undefined && { repositoryName: name }), title: name ?? resource.at.constructPath,
      ...(account !== undefined && { account }), ...(resource.region !== undefined && { region: resource.region }), statements: [], isUnknown: false,
    };
    all.set(key, writers);
    return writers;
  };
  for (const pair of pairs) {
    const { before, after, changed } = pair;
    const [old, next] = [before?.type === REPOSITORY_POLICY_TYPE ? of(before, 'before') : undefined, after?.type === REPOSITORY_POLICY_TYPE ? of(after, 'after') : undefined];
    if (old !== undefined && old === next) {
      old.statements.push({ resource: after!, before, after, changed });
      old.isUnknown ||= pair.isUnknown;
    } else {
      old?.statements.push({ resource: before!, before, changed: true });
      next?.statements.push({ resource: after!, after, changed: true });
    }
    if (next !== undefined) {
      next.isUnknown ||= pair.isUnknown;
    }
    if (after?.type === NATIVE_TYPE) {
      const writers = of(after, 'after');
      writers.native = pair;
      writers.isUnknown ||= pair.isUnknown;
    }
  }
  return all;
}

async function outcomeOf(writers: Writers, options: AccessOptions): Promise<AccessOutcome | undefined> {
  const { native, statements, repositoryName, title, account, region } = writers;
  const changed = [...native?.changed ? [native.after!] : [], ...statements.filter((one) => one.changed).map(({ resource }) => resource)];
  if (changed.length === 0 || writers.isUnknown) {
    return undefined;
  }
  const known = await lookUp(options.registries, writers, repositoryName);
  const story = new AccessStory(writers, known, options.isFresh(writers));
  story.play();
  const registryId = known.state?.settings.registryId ?? account;
  const words = wordsFor(changed, options);
  const access = accessPlan(story.before, story.after, { registryId, wordsOf: (value) => words.get(value) });
  const writer = changed[changed.length - 1];
  const unread = known.problem === undefined ? [] : [unreadFinding(writer, known.problem)];
  const findings = [...unread, ...story.findings, ...access.changes.flatMap((sentence) => sentenceFindings(writer, sentence)), ...unresolvedFindings(changed, access)];
  return {
    ...(repositoryName !== undefined && { repositoryName }), title, ...(account !== undefined && { account }), ...(region !== undefined && { region }),
    places: changed.map(({ at }) => at), known, findings,
    ...((access.changes.length > 0 || story.isOpen) && { access: { ...access, complete: access.complete && !story.isOpen } }),
  };
}

/** The policy from what is there to what the deployment makes of it, writer by writer. */
class AccessStory {
  public before?: AccessPolicy;
  public after?: AccessPolicy;
  /** Set where a whole policy is known at deployment only. */
  public isOpen = false;
  public readonly findings: PlanFinding[] = [];

  constructor(private readonly writers: Writers, private readonly known: Known, private readonly isFresh: boolean) {}

  public play(): void {
    this.before = this.inForce();
    this.after = this.before;
    const { native, statements } = this.writers;
    if (native?.changed) {
      this.writeNative(native);
    }
    for (const { resource, before, after } of statements.filter((one) => one.changed)) {
      this.merge(resource, this.statementsOf(before), this.statementsOf(after));
    }
  }

  /** What the registry has, and where that was not read, what the templates had put. */
  private inForce(): AccessPolicy | undefined {
    const { state, isRead } = this.known;
    const { native, statements } = this.writers;
    if (this.isFresh) {
      return undefined;
    }
    const denied = state?.problems?.find(({ pointer }) => pointer.endsWith('repositoryPolicyText'));
    if (denied !== undefined) {
      this.unreadable(denied.message, denied.fix);
    } else if (state === undefined ? isRead : isComplete(state)) {
      return this.live();
    }
    let policy = native?.before && this.read(native.before);
    for (const { before } of statements) {
      const ours = this.statementsOf(before);
      policy = mergeStatements({ current: policy, ours, previousSids: [] }).policy;
    }
    return policy;
  }

  private live(): AccessPolicy | undefined {
    const text = this.known.state?.repositoryPolicyText;
    try {
      return text === undefined ? undefined : parsePolicy(text);
    } catch (error) {
      if (!isDrydockError(error)) {
        throw error;
      }
      this.unreadable(error.problems[0].message);
      return undefined;
    }
  }

  private unreadable(why: string, fix = 'Look at it with aws ecr get-repository-policy.'): void {
    this.isOpen = true;
    this.findings.push(finding(this.someResource(), 'undetermined', 'DD-REVIEW-228', `The policy that ${this.writers.title} has cannot be read: ${why}`, fix));
  }

  /** CloudFormation puts the whole, or deletes it. */
  private writeNative({ before, after }: ResourcePair): void {
    const next = policyIn(after!) === undefined ? undefined : this.read(after!);
    if (this.known.state !== undefined && !this.isFresh) {
      const mine = [...before ? this.read(before)?.Statement ?? [] : [], ...next?.Statement ?? []];
      const sids = new Set(this.writers.statements.flatMap(({ before: earlier }) => this.statementsOf(earlier)).map(({ Sid }) => Sid));
      const lost = (this.before?.Statement ?? []).filter((one) => !mine.some((statement) => sameStatement(statement, one)) && !(one.Sid !== undefined && sids.has(one.Sid)))
        // What replaces a statement under the same Sid is a change of it, and told as one.
        .filter((one) => one.Sid === undefined || !mine.some(({ Sid }) => Sid === one.Sid));
      if (lost.length > 0 && !this.isOpen) {
        const names = lost.map((statement) => statement.Sid === undefined ? 'one without Sid' : JSON.stringify(statement.Sid)).join(', ');
        this.findings.push(finding(after!, 'block', 'DD-REVIEW-225',
          `CloudFormation ${next === undefined ? 'deletes the repository policy' : 'puts the whole repository policy'}, and with that removes what this app did not put there: ${names}.`,
          'Take the statements over into the template, or manage the policy with RepositoryPolicy.', '/RepositoryPolicyText'));
      }
    }
    this.after = next;
  }

  private merge(resource: DesiredResource, previous: readonly Statement[], wanted: readonly Statement[]): void {
    const { policy, conflicts } = mergeStatements({ current: this.after, ours: wanted, previousSids: previous.flatMap(({ Sid }) => Sid ?? []) });
    this.findings.push(...conflicts.map(({ code, message, fix }) => finding(resource, 'block', 'DD-REVIEW-224', `${code}: ${message}`, fix ?? 'Correct the statements.', '/Statements')));
    this.after = conflicts.length === 0 ? policy : this.after;
  }

  private statementsOf(resource: DesiredResource | undefined): readonly Statement[] {
    return resource === undefined ? [] : this.read(resource)?.Statement ?? [];
  }

  /** Undefined also where it cannot be read; what is malformed is a finding of the offline checks. */
  private read(resource: DesiredResource): AccessPolicy | undefined {
    const found = policyIn(resource);
    try {
      const policy = found?.read();
      this.isOpen ||= found !== undefined && policy === undefined;
      return policy;
    } catch (error) {
      if (!isDrydockError(error)) {
        throw error;
      }
      this.isOpen = true;
      return undefined;
    }
  }

  private someResource(): DesiredResource {
    return this.writers.native?.after ?? this.writers.statements[0].resource;
  }
}

/** A bare list of images says nothing of policies. */
function isComplete({ settings, repositoryPolicyText }: NonNullable<Known['state']>): boolean {
  return repositoryPolicyText !== undefined || settings.imageTagMutability !== undefined || settings.repositoryArn !== undefined;
}

function sentenceFindings(writer: DesiredResource, { change, marks, text, who, before, after }: AccessSentence): PlanFinding[] {
  const gives = change !== 'loses' && !after.includes('denied') && !after.includes('not allowed');
  const narrow = 'Name who is meant, or add a condition.';
  if (gives && marks.includes('public')) {
    return [finding(writer, 'block', 'DD-REVIEW-220', text, 'Name accounts, or add a condition such as aws:PrincipalOrgID.')];
  }
  if (gives && marks.includes('service-without-source')) {
    return [finding(writer, 'warning', 'DD-REVIEW-222', text, 'Add a condition on aws:SourceAccount or aws:SourceArn.')];
  }
  if (gives && (marks.includes('cross-account') || who.startsWith('everybody'))) {
    return [finding(writer, 'warning', 'DD-REVIEW-221', text, narrow)];
  }
  // Where nothing was allowed and nothing is, only a Deny came or went.
  return change === 'loses' && !before.includes('not allowed') ? [finding(writer, 'warning', 'DD-REVIEW-223', text, 'See whether they still need it.')] : [];
}

/** What a stack itself makes is known well enough; what comes from elsewhere may be anybody. */
function unresolvedFindings(changed: readonly DesiredResource[], access: AccessPlan): PlanFinding[] {
  return changed.flatMap((resource) => {
    const { unresolved = [] } = policyIn(resource) ?? {};
    const open = unresolved.filter(({ hangsOn: { kind }, pointer, value }) => kind !== 'resource' && kind !== 'attribute'
      && (!/\/Statements?\/\d+\/(?:Not)?(?:Principal|Condition)/.test(pointer) || access.changes.some(({ text }) => text.includes(stable(value)) || (typeof value === 'string' && text.includes(value)))));
    return open.length === 0 ? [] : [finding(resource, 'undetermined', 'DD-REVIEW-227',
      `Who gains or loses access hangs on ${[...new Set(open.map(({ hangsOn }) => hangsOn.text))].join(', ')}.`, 'Give the value with --parameters, or let the command read the deployed stacks.', open[0].pointer)];
  });
}

function wordsFor(changed: readonly DesiredResource[], { wordsOf }: AccessOptions): ReadonlyMap<string, string> {
  return new Map(changed.flatMap((resource) => (policyIn(resource)?.unresolved ?? []).flatMap((value) => {
    const words = wordsOf(resource, value);
    return words === undefined ? [] : [[stable(value.value), words] as const];
  })));
}
