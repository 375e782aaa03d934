import { DescribeStackResourceCommand, DescribeStacksCommand, Stack } from '@aws-sdk/client-cloudformation';
import { Connection } from './client';
import { isStackOrResourceNotFound } from './errors';
import { Budget } from './retry';

/** `unknown`: CloudFormation could not be asked. */
export type Direction = 'forward' | 'rolling-back' | 'unknown';

/**
 * Statuses in which what an operation has begun is being undone.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-console-view-stack-data-resources-status-codes
 */
const ROLLING_BACK: ReadonlySet<string> = new Set([
  'ROLLBACK_IN_PROGRESS', 'ROLLBACK_FAILED', 'ROLLBACK_COMPLETE',
  'UPDATE_ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_FAILED', 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_ROLLBACK_IN_PROGRESS', 'IMPORT_ROLLBACK_FAILED', 'IMPORT_ROLLBACK_COMPLETE',
]);

/** What the handler asks CloudFormation about the stack of its resource. */
export class StackReader {
  constructor(private readonly connection: Connection, private readonly budget: Budget, private readonly stackId: string) {}

  /**
   * Whether the stack goes forward or back. A nested stack that its parent takes back is simply DELETE_IN_PROGRESS, so there the
   * outermost stack decides.
   */
  public async direction(): Promise<Direction> {
    try {
      const own = await this.describe(this.stackId);
      if (own?.StackStatus === undefined) {
        return 'unknown';
      }
      const rootId = own.RootId ?? own.ParentId;
      if (ROLLING_BACK.has(own.StackStatus) || rootId === undefined || rootId === this.stackId) {
        return ROLLING_BACK.has(own.StackStatus) ? 'rolling-back' : 'forward';
      }
      const root = await this.describe(rootId);
      if (root?.StackStatus === undefined) {
        return 'unknown';
      }
      return ROLLING_BACK.has(root.StackStatus) ? 'rolling-back' : 'forward';
    } catch (error) {
      this.budget.check(error);
      return 'unknown';
    }
  }

  /** Physical id of another resource of the stack; undefined when it has none (yet). */
  public async physicalIdOf(logicalId: string): Promise<string | undefined> {
    try {
      const { StackResourceDetail } = await this.budget.call('cloudformation:DescribeStackResource', (abortSignal) =>
        this.connection.cloudFormation.send(new DescribeStackResourceCommand({
          StackName: this.stackId, LogicalResourceId: logicalId,
        }), { abortSignal }));
      return StackResourceDetail?.PhysicalResourceId || undefined;
    } catch (error) {
      if (isStackOrResourceNotFound(error)) {
        return undefined;
      }
      throw error;
    }
  }

  private async describe(stackName: string): Promise<Stack | undefined> {
    const { Stacks } = await this.budget.call('cloudformation:DescribeStacks', (abortSignal) =>
      this.connection.cloudFormation.send(new DescribeStacksCommand({ StackName: stackName }), { abortSignal }));
    return Stacks?.[0];
  }
}
