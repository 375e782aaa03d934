import { ResourceOutcome, ResourceProvider, ResourceRequest } from './provider';
import { SimulatedTypes } from './simulated-types';
import { ResourceRecord, StackRecord } from './state';

/** Users, roles and policies: ids as for any simulated type. One that has been replaced is there until the clean-up deletes it. */
export class IamResources extends SimulatedTypes implements ResourceProvider {
  /** `replaced`: those that wait for the clean-up, for the whole session. */
  constructor(suffix: () => string, private readonly replaced: Map<string, { stack: StackRecord; record: ResourceRecord }>) {
    super(suffix);
  }

  public async create(request: ResourceRequest): Promise<ResourceOutcome> {
    const { stack, logicalId } = request;
    const former = stack.resources.get(logicalId);
    const outcome = await super.create(request);
    if (former !== undefined) {
      this.replaced.set(keyOf(stack, former), { stack, record: former });
    }
    return outcome;
  }

  public async delete(stack: StackRecord, record: ResourceRecord): Promise<void> {
    this.replaced.delete(keyOf(stack, record));
  }
}

const keyOf = ({ stackId }: StackRecord, { logicalId, physicalId }: ResourceRecord) => `${stackId}|${logicalId}|${physicalId}`;
