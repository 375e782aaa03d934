import { problem } from './codes';
import { EngineContext } from './provider';
import { attributeOf } from './simulated-types';
import { StackRecord } from './state';
import { ResolutionFailure, Scope } from '../assembly/intrinsics';
import { partitionOf } from '../assembly/partition';
import { PreparedTemplate } from '../assembly/prepared';

/** What intrinsic functions of a stack's template find at this moment. */
export class StackScope implements Scope {
  constructor(
    private readonly context: EngineContext,
    private readonly stack: StackRecord,
    private readonly parameters: ReadonlyMap<string, unknown>,
    private readonly plan: PreparedTemplate | undefined,
  ) {}

  public parameter(name: string): unknown {
    const { account, region, stackId, stackName } = this.stack;
    const china = region.startsWith('cn-');
    switch (name) {
      case 'AWS::AccountId': return account;
      case 'AWS::Region': return region;
      case 'AWS::StackId': return stackId;
      case 'AWS::StackName': return stackName;
      case 'AWS::Partition': return partitionOf(region);
      case 'AWS::URLSuffix': return china ? 'amazonaws.com.cn' : 'amazonaws.com';
      case 'AWS::NotificationARNs': return [];
      default: return this.parameters.get(name);
    }
  }

  public condition(name: string): boolean {
    return this.plan?.condition(name) ?? false;
  }

  public mapping(map: string, first: string, second: string): unknown {
    return this.plan?.mapping(map, first, second);
  }

  public ref(logicalId: string): unknown {
    return this.record(logicalId).physicalId;
  }

  public attribute(logicalId: string, attribute: string): unknown {
    const record = this.record(logicalId);
    if (Object.hasOwn(record.attributes, attribute)) {
      return record.attributes[attribute];
    }
    if (!record.simulated) {
      throw new ResolutionFailure(isCustomResource(record.type)
        ? `CustomResource attribute error: Vendor response doesn't contain ${attribute} attribute in object ${this.stack.stackId}|${logicalId}`
        : `Template error: resource ${logicalId} does not support attribute type ${attribute} in Fn::GetAtt`);
    }
    const { value, madeUp } = attributeOf(record, attribute, this.stack);
    if (madeUp) {
      this.context.notice(problem('DD-REHEARSAL-103', `${this.stack.stackName}/${logicalId}`,
        `The attribute ${attribute} of ${record.type} was made up: ${value}.`, { value, fix: 'Nothing, unless something that is executed depends on it.' }));
    }
    return value;
  }

  public importValue(name: string): unknown {
    const found = this.context.stacks.exported(name);
    if (found === undefined) {
      throw new ResolutionFailure(`No export named ${name} found.`);
    }
    if (!this.stack.imports.includes(name)) {
      this.stack.imports.push(name);
    }
    return found.value;
  }

  private record(logicalId: string) {
    const record = this.stack.resources.get(logicalId);
    if (record === undefined) {
      throw new ResolutionFailure(`Unresolved resource dependencies [${logicalId}] in the Resources block of the template`);
    }
    return record;
  }
}

export function isCustomResource(type: string): boolean {
  return type === 'AWS::CloudFormation::CustomResource' || type.startsWith('Custom::');
}
