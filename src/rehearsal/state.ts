import { rehearsalError } from './codes';
import { ResourceStatus } from './events';

/** A resource of a stack as CloudFormation remembers it between two operations. */
export interface ResourceRecord {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: ResourceStatus;
  /** Whether nothing was done and id and attributes are only plausible. */
  readonly simulated: boolean;
  /** The properties as they were given to the resource, intrinsic functions resolved. */
  readonly properties: Record<string, unknown>;
  /** What Fn::GetAtt finds. */
  readonly attributes: Record<string, unknown>;
  /** Logical IDs that this resource depends on, in the template that last touched it. */
  readonly dependsOn: readonly string[];
  readonly deletionPolicy: string;
  readonly updateReplacePolicy: string;
  readonly constructPath?: string;
  /** A custom resource that asked for its attributes to be masked. */
  readonly noEcho?: boolean;
  /** For a Lambda function: the folder on this machine that holds its code. */
  readonly codeDirectory?: string;
}

export interface ExportRecord {
  readonly name: string;
  readonly value: string;
}

export interface StackRecord {
  readonly stackName: string;
  readonly stackId: string;
  readonly account: string;
  readonly region: string;
  readonly createdAt: string;
  /** For a nested stack, the ARN of the stack that holds it. */
  readonly parentId?: string;
  updatedAt?: string;
  status: string;
  reason?: string;
  /** Fingerprint of template and parameters: the same again is no update. */
  fingerprint: string;
  parameters: Record<string, string>;
  tags: Record<string, string>;
  /** In the order in which they were made. */
  resources: Map<string, ResourceRecord>;
  outputs: Record<string, string>;
  exports: ExportRecord[];
  /** Names of the exports of other stacks that this one uses. */
  imports: string[];
}

type StoredStack = Omit<StackRecord, 'resources'> & { readonly resources: readonly ResourceRecord[] };

/** What a later rehearsal needs to update or destroy what this one left: plain JSON. */
export interface RehearsalState {
  readonly version: 1;
  /** How many rehearsals led to this state. */
  readonly operations: number;
  readonly stacks: readonly StoredStack[];
}

/** The stacks of one account, by name. */
export class Stacks {
  public static from(state: RehearsalState | undefined): Stacks {
    const stacks = new Stacks();
    if (state === undefined) {
      return stacks;
    }
    if (state.version !== 1 || !Array.isArray(state.stacks)) {
      throw rehearsalError('DD-REHEARSAL-011', 'state', 'This is not the state of an earlier rehearsal.', {
        value: (state as { version?: unknown }).version,
        fix: 'Pass `result.state` of an earlier `rehearse` unchanged; it may be stored as JSON in between.',
      });
    }
    stacks.operations = state.operations;
    for (const stored of structuredClone(state.stacks) as StoredStack[]) {
      stacks.add({ ...stored, resources: new Map(stored.resources.map((r) => [r.logicalId, r])) });
    }
    return stacks;
  }

  public operations = 0;
  private readonly byName = new Map<string, StackRecord>();
  /** Deleted ones whose name another stack has now. */
  private readonly former: StackRecord[] = [];

  public add(stack: StackRecord): void {
    const before = this.byName.get(stack.stackName);
    if (before?.status === 'DELETE_COMPLETE') {
      this.former.push(before);
    }
    this.byName.set(stack.stackName, stack);
  }

  /** By name, or by ARN. A deleted stack is found by its ARN only, as with CloudFormation. */
  public find(nameOrId: string): StackRecord | undefined {
    const stack = this.byName.get(nameOrId) ?? [...this.byName.values(), ...this.former].find((s) => s.stackId === nameOrId);
    return stack !== undefined && stack.status === 'DELETE_COMPLETE' && nameOrId !== stack.stackId ? undefined : stack;
  }

  public all(): StackRecord[] {
    return [...this.byName.values()].filter((s) => s.status !== 'DELETE_COMPLETE');
  }

  /** Those that this process has seen deleted. */
  public deleted(): StackRecord[] {
    return [...this.former, ...this.byName.values()].filter((s) => s.status === 'DELETE_COMPLETE');
  }

  public exported(name: string): { stack: StackRecord; value: string } | undefined {
    for (const stack of this.all()) {
      const found = stack.exports.find((e) => e.name === name);
      if (found !== undefined) {
        return { stack, value: found.value };
      }
    }
    return undefined;
  }

  /** Stacks that import this name. */
  public importers(name: string): string[] {
    return this.all().filter((s) => s.imports.includes(name)).map((s) => s.stackName);
  }

  public toState(): RehearsalState {
    return structuredClone({
      version: 1 as const,
      operations: this.operations,
      stacks: this.all().map((s) => ({ ...s, resources: [...s.resources.values()] })),
    });
  }
}
