import { createHash } from 'node:crypto';
import { aws_iam as iam, Lazy, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { OWN_TAG_KEYS } from '../permissions';

/** A managed policy may have 6,144 characters; tokens may resolve to longer text than is reckoned with here. */
const POLICY_BUDGET = 5_600;
/** Longest list of resources in one statement, so that two statements of the usual size share a policy. */
const RESOURCES_BUDGET = 2_300;
const TOKEN = /\$\{Token\[[^\]]*\]\}/g;

export interface Permission {
  readonly action: string;
  readonly resource: string;
  /** Only tags whose keys the handler keeps for itself. */
  readonly ownTagsOnly: boolean;
}

interface Entry {
  readonly resource: string;
  readonly actions: Set<string>;
  /** Actions that are allowed for own tags only. */
  readonly restricted: Set<string>;
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
  private chunks: object[][] = [];

  constructor(scope: Construct, id: string, private readonly role: iam.IRole) {
    super(scope, id);
  }

  public allow(permissions: readonly Permission[]): void {
    for (const { action, resource, ownTagsOnly } of permissions) {
      const entry = this.entries.get(resource) ?? { resource, actions: new Set<string>(), restricted: new Set<string>() };
      this.entries.set(resource, entry);
      // Allowed without restriction once is allowed without restriction.
      if (ownTagsOnly && !entry.actions.has(action)) {
        entry.restricted.add(action);
      } else if (!ownTagsOnly) {
        entry.restricted.delete(action);
      }
      entry.actions.add(action);
    }
    this.chunks = pack(this.statements());
    while (this.policies.length < this.chunks.length) {
      this.policies.push(this.addPolicy(this.policies.length));
    }
  }

  private addPolicy(index: number): iam.CfnManagedPolicy {
    const stack = Stack.of(this);
    const document = () => ({ Version: '2012-10-17', Statement: this.chunks[index] ?? [] });
    const policy = new iam.CfnManagedPolicy(this, `Policy${index}`, {
      description: 'What cdk-drydock may do to the repositories of this stack',
      policyDocument: Lazy.any({ produce: document }),
      roles: [this.role.roleName],
    });
    const plain = stack.resolve(policy.logicalId) as string;
    const hashed = new WeakMap<object[][], string>();
    policy.overrideLogicalId(Lazy.uncachedString({
      produce: () => {
        const id = hashed.get(this.chunks) ?? plain + createHash('sha256').update(JSON.stringify(stack.resolve(document()))).digest('hex').slice(0, 8);
        hashed.set(this.chunks, id);
        return id;
      },
    }));
    return policy;
  }

  /** Resources that allow the same actions share a statement, unless it grew too large. */
  private statements(): object[] {
    const groups = new Map<string, { actions: string[]; restricted: boolean; resources: string[] }>();
    for (const { resource, actions, restricted } of this.entries.values()) {
      const names = [...actions].sort();
      const key = JSON.stringify([names, restricted.size > 0]);
      const group = groups.get(key) ?? { actions: names, restricted: restricted.size > 0, resources: [] };
      group.resources.push(resource);
      groups.set(key, group);
    }
    return [...groups.values()].flatMap(({ actions, restricted, resources }) => split(resources).map((some) => ({
      Effect: 'Allow',
      Action: actions,
      Resource: some.length === 1 ? some[0] : some,
      // ForAllValues holds where a request has no tag keys at all, so the other actions are not restricted by it.
      ...(restricted ? { Condition: { 'ForAllValues:StringLike': { 'aws:TagKeys': [OWN_TAG_KEYS] } } } : {}),
    })));
  }
}

/** Statements, packed into as few documents as fit. */
function pack(statements: readonly object[]): object[][] {
  const chunks: object[][] = [];
  let size = Infinity;
  for (const statement of statements) {
    const length = lengthOf(JSON.stringify(statement)) + 1;
    if (size + length > POLICY_BUDGET) {
      chunks.push([]);
      size = 60;
    }
    chunks[chunks.length - 1].push(statement);
    size += length;
  }
  return chunks;
}

function split(resources: readonly string[]): string[][] {
  const parts: string[][] = [];
  let size = Infinity;
  for (const resource of resources) {
    const length = lengthOf(resource) + 3;
    if (size + length > RESOURCES_BUDGET) {
      parts.push([]);
      size = 0;
    }
    parts[parts.length - 1].push(resource);
    size += length;
  }
  return parts;
}

/** A token is reckoned with twelve characters, as an account id has. */
function lengthOf(text: string): number {
  return text.replace(TOKEN, '123456789012').length;
}
