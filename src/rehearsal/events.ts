/** Statuses as CloudFormation spells them. */
export type ResourceStatus =
  | 'CREATE_IN_PROGRESS' | 'CREATE_COMPLETE' | 'CREATE_FAILED'
  | 'UPDATE_IN_PROGRESS' | 'UPDATE_COMPLETE' | 'UPDATE_FAILED'
  | 'DELETE_IN_PROGRESS' | 'DELETE_COMPLETE' | 'DELETE_FAILED' | 'DELETE_SKIPPED';

export type StackStatus =
  | 'REVIEW_IN_PROGRESS'
  | 'CREATE_IN_PROGRESS' | 'CREATE_COMPLETE' | 'CREATE_FAILED'
  | 'ROLLBACK_IN_PROGRESS' | 'ROLLBACK_COMPLETE' | 'ROLLBACK_FAILED'
  | 'UPDATE_IN_PROGRESS' | 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS' | 'UPDATE_COMPLETE'
  | 'UPDATE_ROLLBACK_IN_PROGRESS' | 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS' | 'UPDATE_ROLLBACK_COMPLETE' | 'UPDATE_ROLLBACK_FAILED'
  | 'DELETE_IN_PROGRESS' | 'DELETE_COMPLETE' | 'DELETE_FAILED';

/** One line of the story, as `DescribeStackEvents` would tell it. */
export interface StackEvent {
  /** ISO 8601. */
  readonly time: string;
  readonly stackName: string;
  readonly stackId: string;
  /** The stack's own events carry its name. */
  readonly logicalId: string;
  readonly constructPath?: string;
  readonly type: string;
  readonly status: ResourceStatus | StackStatus;
  readonly physicalId?: string;
  readonly reason?: string;
}

/** Keeps the events of a rehearsal in order and tells a listener as they happen. */
export class EventLog {
  public readonly events: StackEvent[] = [];

  constructor(private readonly listener: ((event: StackEvent) => void) | undefined, private readonly clock: () => number) {}

  public emit(event: Omit<StackEvent, 'time'>): void {
    const complete: StackEvent = { time: new Date(this.clock()).toISOString(), ...event };
    this.events.push(complete);
    this.listener?.(complete);
  }

  public stamp(): string {
    return new Date(this.clock()).toISOString();
  }
}
