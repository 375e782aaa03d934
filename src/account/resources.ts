import { ResourceRecord, StackRecord, Stacks } from '../rehearsal/state';

/** What the stacks of the account hold, for the services that answer for it. Nothing else exists. */
export class StackResources {
  constructor(private readonly stacks: () => Stacks) {}

  public of(type: string): { readonly record: ResourceRecord; readonly stack: StackRecord }[] {
    return this.stacks().all().flatMap((stack) => [...stack.resources.values()]
      .filter((record) => record.type === type && !record.status.startsWith('DELETE_')).map((record) => ({ record, stack })));
  }

  /** Names and values of SSM parameters. */
  public ssmParameters(): Record<string, string> {
    return Object.fromEntries(this.of('AWS::SSM::Parameter').map(({ record }) => [record.physicalId, String(record.properties.Value)]));
  }

  public hasBucket(name: string): boolean {
    return this.of('AWS::S3::Bucket').some(({ record }) => record.physicalId === name);
  }

  public hasRole(arn: string): boolean {
    return this.of('AWS::IAM::Role').some(({ record }) => record.attributes.Arn === arn);
  }
}
