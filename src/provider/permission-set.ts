import { createHash } from 'node:crypto';
import { aws_iam as iam, Lazy, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { OWN_TAG_KEYS } from '../permissions';

/** A managed policy may have 6,144 characters; what only the deployment knows may be longer than is reckoned with here. */
const POLICY_BUDGET = 5_600;
/** Longest list of resources in one statement, so that two statements of the usual size share a policy. */
const RESOURCES_BUDGET = 2_300;
/** A reference is reckoned with as many characters as an account id has, and some more. */
const REFERENCE_LENGTH = 16;

export interface Permission {
  readonly action: string;
  readonly resource: string;
  /** The resource may read differently by the time the template is written. */
  readonly late: boolean;
  /** Only tags whose keys the handler keeps for itself. */
  readonly ownTagsOnly: boolean;
}

interface Entry {
  readonly resource: string;
  /** As far as it can be known when it is asked for. */
  readonly length: number;
  /** The resolved resource, where that never changes. */
  readonly text?: string;
  readonly actions: Set<string>;
  /** Actions that are allowed for own tags only. */
  readonly restricted: Set<string>;
}

interface StatementParts {
  readonly actions: readonly string[];
  readonly isRestricted: boolean;
  readonly entries: readonly Entry[];
}

/**
 * What the handler may do in this stack, as managed policies whose logical ids hash their content.
 *
 * When a construct goes, or moves to another repository, CloudFormation calls the handler's Delete in the clean-up phase, long after it updated the
 * role. A policy updated in place would no longer allow that call. A changed set is therefore a new policy, attached beside the old one,
 * and the old one is deleted last. See docs/adr/003-content-addressed-permissions.md.
 */
export class PermissionSet extends Construct {
  private readonly entries = new Map<string, Entry>();
  private readonly policies: iam.CfnManagedPolicy[] = [];
  private chunks: StatementParts[][] = [];

  constructor(scope: Construct, id: string, private readonly role: iam.IRole) {
    super(scope, id);
  }

  public allow(permissions: readonly Permission[]): void {
    for (const { action, resource, late, ownTagsOnly } of permissions) {
      const entry = this.entries.get(resource) ?? this.makeEntry(resource, late);
      this.entries.set(resource, entry);
      // Allowed without restriction once is allowed without restriction.
      if (ownTagsOnly && !entry.actions.has(action)) {
        entry.restricted.add(action);
      } else if (!ownTagsOnly) {
        entry.restricted.delete(action);
      }
      entry.actions.add(action);
    }
    this.chunks = this.pack();
    while (this.policies.length < this.chunks.length) {
      this.policies.push(this.addPolicy(this.policies.length));
    }
    // An action more can make two groups of repositories one.
    while (this.policies.length > this.chunks.length) {
      this.node.tryRemoveChild(this.policies.pop()!.node.id);
    }
  }

  private makeEntry(resource: string, late: boolean): Entry {
    const resolved = Stack.of(this).resolve(resource) as unknown;
    const text = JSON.stringify(resolved);
    return { resource, length: lengthOf(resolved) + 1, text: !late && isPlain(text) ? text : undefined, actions: new Set<string>(), restricted: new Set<string>() };
  }

  private addPolicy(index: number): iam.CfnManagedPolicy {
    const stack = Stack.of(this);
    const statements = () => (this.chunks[index] ?? []).map((parts) => ({ ...parts, entries: this.different(parts.entries) }));
    const policy = new iam.CfnManagedPolicy(this, `Policy${index}`, {
      description: 'What cdk-drydock may do to the repositories of this stack',
      policyDocument: Lazy.uncachedAny({ produce: () => ({ Version: '2012-10-17', Statement: statements().map(render) }) }),
      roles: [this.role.roleName],
    });
    const plain = stack.resolve(policy.logicalId) as string;
    policy.overrideLogicalId(Lazy.uncachedString({
      produce: () => {
        const content = statements().map(({ actions, isRestricted, entries }) => [actions, isRestricted, entries.map((entry) => this.textOf(entry))]);
        return plain + createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 8);
      },
    }));
    return policy;
  }

  /** Statements in as few documents as fit. Resources that allow the same actions share a statement, unless it grew too large. */
  private pack(): StatementParts[][] {
    const groups = new Map<string, { actions: string[]; isRestricted: boolean; entries: Entry[] }>();
    for (const entry of this.entries.values()) {
      const actions = [...entry.actions].sort();
      const isRestricted = entry.restricted.size > 0;
      const key = JSON.stringify([actions, isRestricted]);
      const group = groups.get(key) ?? { actions, isRestricted, entries: [] };
      group.entries.push(entry);
      groups.set(key, group);
    }
    const chunks: StatementParts[][] = [];
    let size = Infinity;
    for (const { actions, isRestricted, entries } of groups.values()) {
      const overhead = lengthOf(actions) + 100;
      for (const some of split(entries)) {
        const length = overhead + some.reduce((sum, entry) => sum + entry.length, 0);
        if (size + length > POLICY_BUDGET) {
          chunks.push([]);
          size = 60;
        }
        chunks[chunks.length - 1].push({ actions, isRestricted, entries: some });
        size += length;
      }
    }
    return chunks;
  }

  /**
   * Different tokens may come to the same text: all gates in front of generated names are allowed on one pattern. What refers to a resource stays apart,
   * since it may be another stack's, and dropping it would hide the reference from CDK.
   */
  private different(entries: readonly Entry[]): Entry[] {
    const keyOf = (entry: Entry) => {
      const text = this.textOf(entry);
      return isPlain(text) ? text : entry.resource;
    };
    return [...new Map(entries.map((entry) => [keyOf(entry), entry])).values()];
  }

  private textOf({ text, resource }: Entry): string {
    return text ?? JSON.stringify(Stack.of(this).resolve(resource));
  }
}

function render({ actions, isRestricted, entries }: StatementParts): object {
  return {
    Effect: 'Allow',
    Action: actions,
    Resource: entries.length === 1 ? entries[0].resource : entries.map(({ resource }) => resource),
    // ForAllValues holds where a request has no tag keys at all, so the other actions are not restricted by it.
    ...(isRestricted ? { Condition: { 'ForAllValues:StringLike': { 'aws:TagKeys': [OWN_TAG_KEYS] } } } : {}),
  };
}

/** Pseudo parameters that mean the same in every stack of an environment. */
const PLACE = /\{"Ref":"AWS::(AccountId|Partition|Region|URLSuffix)"\}/g;

/** Whether resolved text refers to no resource. */
function isPlain(text: string): boolean {
  return !/"(Ref|Fn::(?!Join"))/.test(text.replace(PLACE, ''));
}

function split(entries: readonly Entry[]): Entry[][] {
  const parts: Entry[][] = [];
  let size = Infinity;
  for (const entry of entries) {
    if (size + entry.length > RESOURCES_BUDGET) {
      parts.push([]);
      size = 0;
    }
    parts[parts.length - 1].push(entry);
    size += entry.length;
  }
  return parts;
}

/** Length of the JSON that IAM will get, with joins joined and references guessed. */
function lengthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) {
    return JSON.stringify(value).length;
  }
  if (Array.isArray(value)) {
    return value.reduce((sum: number, entry) => sum + lengthOf(entry) + 1, 1);
  }
  const join = (value as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join'];
  if (join) {
    return join[1].reduce((sum: number, part) => sum + (typeof part === 'string' ? part.length : REFERENCE_LENGTH), 2);
  }
  if (Object.keys(value).some((key) => key === 'Ref' || key.startsWith('Fn::'))) {
    return REFERENCE_LENGTH;
  }
  return Object.entries(value).reduce((sum, [key, member]) => sum + key.length + 4 + lengthOf(member), 1);
}
