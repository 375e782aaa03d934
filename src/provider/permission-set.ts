import { createHash } from 'node:crypto';
import { aws_iam as iam, Lazy, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';

/** A managed policy may have 6,144 characters; tokens may resolve to longer text than they stand for. */
const POLICY_BUDGET = 5_000;

interface Entry {
  readonly resource: string;
  /** Action -> its condition as JSON, or '' for none. */
  readonly actions: Map<string, string>;
}

/**
 * What the handler may do in this stack, as managed policies whose logical ids hash their content.
 *
 * When a construct goes, or moves to another repository, CloudFormation calls the handler's Delete in the clean-up phase, long after it updated the
 * role. A policy updated in place would no longer allow that call. A changed set is therefore a new policy, attached beside the old one,
 * and the old one is deleted last. See docs/adr/003.
 */
export class PermissionSet extends Construct {
  private readonly entries = new Map<string, Entry>();
  private readonly policies: iam.CfnManagedPolicy[] = [];

  constructor(scope: Construct, id: string, private readonly role: iam.IRole) {
    super(scope, id);
  }

  /** Allows an action on a resource; without a condition is wider than with one, and wins. */
  public allow(action: string, resource: string, condition?: Record<string, unknown>): void {
    const entry = this.entries.get(resource) ?? { resource, actions: new Map<string, string>() };
    this.entries.set(resource, entry);
    const text = condition === undefined ? '' : JSON.stringify(condition);
    const known = entry.actions.get(action);
    entry.actions.set(action, known === undefined ? text : known === text ? text : '');
    while (this.policies.length < this.chunks().length) {
      this.policies.push(this.addPolicy(this.policies.length));
    }
  }

  private addPolicy(index: number): iam.CfnManagedPolicy {
    const document = () => ({ Version: '2012-10-17', Statement: this.chunks()[index] ?? [] });
    const policy = new iam.CfnManagedPolicy(this, `Policy${index}`, {
      description: 'What cdk-drydock may do to the repositories of this stack',
      policyDocument: Lazy.any({ produce: document }),
      roles: [this.role.roleName],
    });
    const stack = Stack.of(this);
    const plain = stack.resolve(policy.logicalId) as string;
    policy.overrideLogicalId(Lazy.uncachedString({
      produce: () => plain + createHash('sha256').update(JSON.stringify(stack.resolve(document()))).digest('hex').slice(0, 8),
    }));
    return policy;
  }

  /** Statements, packed into as few documents as fit. */
  private chunks(): object[][] {
    const chunks: object[][] = [];
    let size = Infinity;
    for (const statement of this.statements()) {
      const length = JSON.stringify(statement).length;
      if (size + length > POLICY_BUDGET) {
        chunks.push([]);
        size = 0;
      }
      chunks[chunks.length - 1].push(statement);
      size += length;
    }
    return chunks;
  }

  /** Resources that allow the same actions share a statement, unless it grew too large for one policy. */
  private statements(): object[] {
    const groups = new Map<string, { actions: string[]; condition: string; resources: string[] }>();
    for (const { resource, actions } of this.entries.values()) {
      for (const condition of new Set(actions.values())) {
        const names = [...actions].filter(([, c]) => c === condition).map(([name]) => name).sort();
        const key = JSON.stringify([names, condition]);
        const group = groups.get(key) ?? { actions: names, condition, resources: [] };
        group.resources.push(resource);
        groups.set(key, group);
      }
    }
    return [...groups.values()].flatMap(({ actions, condition, resources }) => split(resources).map((some) => ({
      Effect: 'Allow',
      Action: actions,
      Resource: some.length === 1 ? some[0] : some,
      ...(condition === '' ? {} : { Condition: JSON.parse(condition) }),
    })));
  }
}

function split(resources: readonly string[]): string[][] {
  const parts: string[][] = [];
  let size = Infinity;
  for (const resource of resources) {
    if (size + resource.length > POLICY_BUDGET / 2) {
      parts.push([]);
      size = 0;
    }
    parts[parts.length - 1].push(resource);
    size += resource.length + 3;
  }
  return parts;
}
