import { StackStatus } from './events';
import { EngineContext } from './provider';
import { ResourceRecord, StackRecord } from './state';

/** A stack that is being worked on: its statuses, and those of its resources, told as events and remembered. */
export class StackOperation {
  constructor(public readonly context: EngineContext, public readonly stack: StackRecord) {}

  public setStatus(status: StackStatus, reason?: string): void {
    this.stack.status = status;
    this.stack.reason = reason;
    const { stackName, stackId } = this.stack;
    this.context.events.emit({ stackName, stackId, logicalId: stackName, type: 'AWS::CloudFormation::Stack', status, physicalId: stackId, reason });
  }

  public emit(resource: Pick<ResourceRecord, 'logicalId' | 'type' | 'constructPath'>, status: ResourceRecord['status'], physicalId?: string, reason?: string): void {
    const { stackName, stackId } = this.stack;
    const { logicalId, type, constructPath } = resource;
    this.context.events.emit({ stackName, stackId, logicalId, constructPath, type, status, physicalId, reason });
    const record = this.stack.resources.get(logicalId);
    if (record !== undefined && record.physicalId === physicalId) {
      this.stack.resources.set(logicalId, { ...record, status });
    }
  }
}
