import { rehearsalError } from './codes';
import { ResourceFailure } from './provider';

/** A resource that is to fail, so that the rollback can be seen. */
export interface Fault {
  /** Logical ID or construct path. */
  readonly target: string;
  /** Before anything is done (a custom resource is not invoked), or after its effect. @default 'before' */
  readonly when?: 'before' | 'after';
  /** Which operation. @default - any */
  readonly operation?: 'create' | 'update' | 'delete';
  /** `forward`: creating, updating, deleting a stack; `backward`: rollback and clean-up. @default 'forward' */
  readonly during?: 'forward' | 'backward';
}

export interface FaultSubject {
  readonly logicalId: string;
  readonly constructPath?: string;
}

export class FaultPlan {
  private readonly faults: readonly Fault[];

  constructor(faults: readonly (string | Fault)[] = []) {
    this.faults = faults.map((fault) => typeof fault === 'string' ? { target: fault } : fault);
  }

  /** A misspelt target would look like a deployment that goes well. */
  public check(subjects: readonly FaultSubject[], place: string): void {
    for (const fault of this.faults) {
      if (!subjects.some((subject) => matches(fault, subject))) {
        throw rehearsalError('DD-REHEARSAL-008', place, `No resource has the logical ID or construct path ${fault.target}.`, {
          value: fault.target, fix: 'Use a logical ID of the template, or the construct path in the aws:cdk:path metadata of the resource.',
        });
      }
    }
  }

  public raise(subject: FaultSubject, operation: 'create' | 'update' | 'delete', when: 'before' | 'after', during: 'forward' | 'backward', physicalId?: string): void {
    const hit = this.faults.some((fault) => matches(fault, subject)
      && (fault.when ?? 'before') === when
      && (fault.operation ?? operation) === operation
      && (fault.during ?? 'forward') === during);
    if (hit) {
      throw new ResourceFailure(`Rehearsed failure: this resource was told to fail (${when} ${operation}).`, physicalId);
    }
  }
}

/** The last components of a construct path that name the CloudFormation resource itself may be left out. */
function matches(fault: Fault, subject: FaultSubject): boolean {
  return fault.target === subject.logicalId
    || subject.constructPath !== undefined && shortPath(fault.target) === shortPath(subject.constructPath);
}

/** The path of the construct that a person wrote: `Shop/Api` for `Shop/Api/Resource/Default`. */
function shortPath(path: string): string {
  return path.replace(/(\/(Resource|Default))+$/, '');
}
