import { EventLog } from './events';
import { FaultPlan } from './faults';
import { Ids } from './ids';
import { ResourceRecord, StackRecord, Stacks } from './state';
import { Problem } from '../errors';

/** A resource as it is to be. */
export interface ResourceRequest {
  readonly stack: StackRecord;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Record<string, unknown>;
  readonly constructPath?: string;
}

/** A resource as it is now. */
export interface ResourceOutcome {
  readonly physicalId: string;
  readonly attributes: Record<string, unknown>;
  readonly simulated: boolean;
  readonly noEcho?: boolean;
  readonly codeDirectory?: string;
}

/** How one kind of resource is created, changed and removed. */
export interface ResourceProvider {
  create(request: ResourceRequest): Promise<ResourceOutcome>;
  /** An answer with another physical id means that a new resource has been made beside the old one. */
  update(request: ResourceRequest, before: ResourceRecord): Promise<ResourceOutcome>;
  delete(stack: StackRecord, record: ResourceRecord): Promise<void>;
  /** Properties whose change cannot be made in place: the engine creates a new resource instead of updating. */
  replacingProperties(type: string, before: Record<string, unknown>, after: Record<string, unknown>): readonly string[];
  /** What CloudFormation adds to the properties of the template. */
  complete?(properties: Record<string, unknown>, stack: StackRecord): Record<string, unknown>;
  /** Whether properties are the same to this kind of resource. */
  sameProperties?(before: Record<string, unknown>, after: Record<string, unknown>): boolean;
  /** Brings up to date what a record says of this machine, when nothing else has changed. */
  refresh?(record: ResourceRecord): ResourceRecord;
  /** For a nested stack: what its parent does with it after it has been created or updated. */
  nested?(record: ResourceRecord): NestedRun | undefined;
}

/** A nested stack's part in the operation of the stack that holds it. */
export interface NestedRun {
  cleanUp(): Promise<void>;
  /** Whether everything is as it was. */
  revert(): Promise<boolean>;
  removeNew(): Promise<void>;
}

/** Why a resource failed, in the words of its stack event. */
export class ResourceFailure extends Error {
  public readonly name = 'ResourceFailure';

  /**
   * `physicalId`: what was made nevertheless, and is there to be deleted. `untouched`: the update was refused before anything was done, so there is
   * nothing to take back.
   */
  constructor(reason: string, public readonly physicalId?: string, public readonly untouched = false) {
    super(reason);
  }
}

/** What CloudFormation does differently from account to account or does not document, and a test may want to see both ways. */
export interface Behaviour {
  /**
   * A custom resource that answered an Update with a new physical id, in a rollback: `delete` (the reports that there are: the old
   * one is simply kept, the new id gets a Delete) or `update-then-delete` (an Update back to the old properties first, on the new id).
   */
  readonly replacedInRollback: 'delete' | 'update-then-delete';
  /** Order of the updates in an update rollback. Not documented; resources must bear both. */
  readonly rollbackOrder: 'reverse' | 'forward';
}

/** What the engine works with. */
export interface EngineContext {
  readonly stacks: Stacks;
  readonly events: EventLog;
  readonly ids: Ids;
  readonly faults: FaultPlan;
  readonly behaviour: Behaviour;
  readonly concurrency: number;
  notice(problem: Problem): void;
  providerFor(type: string): ResourceProvider;
}
