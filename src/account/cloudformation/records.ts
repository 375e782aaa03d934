import { randomUUID } from 'node:crypto';
import { Change } from './changes';
import type { StackEvent } from '../../rehearsal/events';
import { QueryError } from '../../rehearsal/query-protocol';

/** What CloudFormation remembers of a stack and the engine does not. */
export interface StackNotes {
  templateBody: string;
  description?: string;
  terminationProtection: boolean;
  disableRollback: boolean;
  roleArn?: string;
  notificationArns: readonly string[];
  capabilities: readonly string[];
  changeSetId?: string;
  deletedAt?: string;
}

export interface ChangeSet {
  readonly id: string;
  readonly name: string;
  readonly stackId: string;
  readonly stackName: string;
  readonly type: 'CREATE' | 'UPDATE';
  readonly description?: string;
  readonly createdAt: string;
  readonly templateBody: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly capabilities: readonly string[];
  readonly notificationArns: readonly string[];
  readonly roleArn?: string;
  readonly includeNestedStacks: boolean;
  readonly changes: readonly Change[];
  readonly deploymentMode?: string;
  status: 'CREATE_COMPLETE' | 'FAILED';
  statusReason?: string;
  executionStatus: 'AVAILABLE' | 'UNAVAILABLE' | 'EXECUTE_IN_PROGRESS' | 'EXECUTE_COMPLETE' | 'EXECUTE_FAILED' | 'OBSOLETE';
}

/** An event with what DescribeStackEvents adds. */
export interface RecordedEvent extends StackEvent {
  readonly id: string;
  readonly operationId: string;
  readonly clientRequestToken?: string;
}

export interface StoredRecords {
  readonly notes: readonly (readonly [string, StackNotes])[];
  readonly changeSets: readonly ChangeSet[];
  readonly events: readonly RecordedEvent[];
}

/** The operation to which events belong. */
export interface Operation {
  id: string;
  readonly stackId: string;
  readonly clientRequestToken?: string;
}

export class Records {
  public readonly events: RecordedEvent[];
  public operation?: Operation;
  private readonly notes: Map<string, StackNotes>;
  private readonly changeSets: ChangeSet[];

  constructor(stored?: StoredRecords) {
    this.notes = new Map(stored?.notes);
    this.changeSets = [...stored?.changeSets ?? []];
    this.events = [...stored?.events ?? []];
  }

  public record(event: StackEvent): void {
    const { operation } = this;
    const isStack = event.type === 'AWS::CloudFormation::Stack' && event.physicalId === event.stackId;
    if (operation !== undefined && isStack && event.stackId === operation.stackId && /^(?:UPDATE_)?ROLLBACK_IN_PROGRESS$/.test(event.status)) {
      // A rollback is an operation of its own.
      operation.id = randomUUID();
    }
    const begins = isStack && /^(?:CREATE|UPDATE|DELETE|REVIEW|ROLLBACK|UPDATE_ROLLBACK)_IN_PROGRESS$/.test(event.status);
    this.events.push({
      ...event,
      ...begins && event.reason === undefined ? { reason: 'User Initiated' } : {},
      id: isStack ? randomUUID() : `${event.logicalId}-${event.status}-${event.time}-${this.events.length}`,
      operationId: operation?.id ?? randomUUID(),
      ...operation?.clientRequestToken === undefined ? {} : { clientRequestToken: operation.clientRequestToken },
    });
  }

  public eventsOf(stackId: string): RecordedEvent[] {
    return this.events.filter((event) => event.stackId === stackId).reverse();
  }

  public notesOf(stackId: string): StackNotes | undefined {
    return this.notes.get(stackId);
  }

  public setNotes(stackId: string, notes: StackNotes): void {
    this.notes.set(stackId, notes);
  }

  public addChangeSet(changeSet: ChangeSet): void {
    this.changeSets.push(changeSet);
  }

  public changeSetsOf(stackId: string): ChangeSet[] {
    return this.changeSets.filter((one) => one.stackId === stackId);
  }

  /** By ARN, or by name and stack. */
  public findChangeSet(nameOrId: string, stackId: string | undefined): ChangeSet | undefined {
    return this.changeSets.find((one) => one.id === nameOrId || one.name === nameOrId && one.stackId === stackId);
  }

  public changeSet(nameOrId: string, stackId: string | undefined): ChangeSet {
    const found = this.findChangeSet(nameOrId, stackId);
    if (found === undefined) {
      throw new QueryError('ChangeSetNotFound', `ChangeSet [${nameOrId}] does not exist`);
    }
    return found;
  }

  public removeChangeSets(which: (changeSet: ChangeSet) => boolean): void {
    this.changeSets.splice(0, this.changeSets.length, ...this.changeSets.filter((one) => !which(one)));
  }

  public toStored(): StoredRecords {
    return { notes: [...this.notes], changeSets: this.changeSets, events: this.events };
  }
}
