import { createHash } from 'node:crypto';
import { ResourceOutcome, ResourceProvider, ResourceRequest } from './provider';
import { ResourceRecord, StackRecord } from './state';
import { partitionOf } from '../assembly/partition';

type Place = Pick<StackRecord, 'account' | 'region'>;

interface Simulation {
  /** Property that names the resource: its change is a replacement. */
  readonly name?: string;
  /** What Ref gives, where that is not the name. */
  readonly ref?: (name: string, place: Place) => string;
  readonly attributes?: (name: string, place: Place, properties: Record<string, unknown>) => Record<string, string>;
}

const arn = (place: Place, service: string, rest: string, regional = true): string =>
  `arn:${partitionOf(place.region)}:${service}:${regional ? place.region : ''}:${place.account}:${rest}`;
const iam = (place: Place, rest: string) => arn(place, 'iam', rest, false);

/** Types that often stand beside an ECR repository. The rest gets an id and attributes by rule of thumb. */
const SIMULATIONS = new Map<string, Simulation>(Object.entries<Simulation>({
  'AWS::IAM::Role': { name: 'RoleName', attributes: (n, p, { Path }) => ({ Arn: iam(p, `role${path(Path)}${n}`), RoleId: `AROA${stableId(n, 17).toUpperCase()}` }) },
  'AWS::IAM::User': { name: 'UserName', attributes: (n, p, { Path }) => ({ Arn: iam(p, `user${path(Path)}${n}`) }) },
  'AWS::IAM::Group': { name: 'GroupName', attributes: (n, p, { Path }) => ({ Arn: iam(p, `group${path(Path)}${n}`) }) },
  'AWS::IAM::ManagedPolicy': { name: 'ManagedPolicyName', ref: (n, p) => iam(p, `policy/${n}`), attributes: (n, p) => ({ PolicyArn: iam(p, `policy/${n}`) }) },
  'AWS::IAM::InstanceProfile': { name: 'InstanceProfileName', attributes: (n, p) => ({ Arn: iam(p, `instance-profile/${n}`) }) },
  'AWS::Lambda::Function': { name: 'FunctionName', attributes: (n, p) => ({ Arn: arn(p, 'lambda', `function:${n}`) }) },
  'AWS::Lambda::LayerVersion': { name: 'LayerName', ref: (n, p) => arn(p, 'lambda', `layer:${n}:1`), attributes: (n, p) => ({ LayerVersionArn: arn(p, 'lambda', `layer:${n}:1`) }) },
  'AWS::Logs::LogGroup': { name: 'LogGroupName', attributes: (n, p) => ({ Arn: arn(p, 'logs', `log-group:${n}:*`) }) },
  'AWS::KMS::Key': {
    ref: (n) => uuidOf(n),
    attributes: (n, p) => ({ Arn: arn(p, 'kms', `key/${uuidOf(n)}`), KeyId: uuidOf(n) }),
  },
  'AWS::KMS::Alias': { name: 'AliasName' },
  'AWS::S3::Bucket': {
    name: 'BucketName',
    ref: (n) => n.toLowerCase(),
    attributes: (n, p) => ({
      Arn: `arn:${partitionOf(p.region)}:s3:::${n.toLowerCase()}`,
      DomainName: `${n.toLowerCase()}.s3.amazonaws.com`,
      RegionalDomainName: `${n.toLowerCase()}.s3.${p.region}.amazonaws.com`,
      WebsiteURL: `http://${n.toLowerCase()}.s3-website-${p.region}.amazonaws.com`,
    }),
  },
  'AWS::SQS::Queue': {
    name: 'QueueName',
    ref: (n, p) => `https://sqs.${p.region}.amazonaws.com/${p.account}/${n}`,
    attributes: (n, p) => ({ Arn: arn(p, 'sqs', n), QueueName: n, QueueUrl: `https://sqs.${p.region}.amazonaws.com/${p.account}/${n}` }),
  },
  'AWS::SNS::Topic': { name: 'TopicName', ref: (n, p) => arn(p, 'sns', n), attributes: (n, p) => ({ TopicArn: arn(p, 'sns', n), TopicName: n }) },
  'AWS::SSM::Parameter': { name: 'Name', attributes: (_n, _p, { Type, Value }) => ({ Type: String(Type), Value: String(Value) }) },
  'AWS::Events::Rule': { name: 'Name', attributes: (n, p) => ({ Arn: arn(p, 'events', `rule/${n}`) }) },
  'AWS::SecretsManager::Secret': { name: 'Name', ref: (n, p) => arn(p, 'secretsmanager', `secret:${n}`), attributes: (n, p) => ({ Id: arn(p, 'secretsmanager', `secret:${n}`) }) },
  'AWS::StepFunctions::StateMachine': {
    name: 'StateMachineName',
    ref: (n, p) => arn(p, 'states', `stateMachine:${n}`),
    attributes: (n, p) => ({ Arn: arn(p, 'states', `stateMachine:${n}`), Name: n }),
  },
  'AWS::CodeBuild::Project': { name: 'Name', attributes: (n, p) => ({ Arn: arn(p, 'codebuild', `project/${n}`) }) },
  'AWS::ECS::Cluster': { name: 'ClusterName', attributes: (n, p) => ({ Arn: arn(p, 'ecs', `cluster/${n}`) }) },
  'AWS::ECS::TaskDefinition': { ref: (n, p) => arn(p, 'ecs', `task-definition/${n}:1`), attributes: (n, p) => ({ TaskDefinitionArn: arn(p, 'ecs', `task-definition/${n}:1`) }) },
  'AWS::ECS::Service': { name: 'ServiceName', ref: (n, p) => arn(p, 'ecs', `service/${n}`), attributes: (n, p) => ({ ServiceArn: arn(p, 'ecs', `service/${n}`), Name: n }) },
  'AWS::CloudFormation::WaitConditionHandle': { ref: (n) => `https://cloudformation-waitcondition.invalid/${n}` },
  'AWS::EC2::VPC': { ref: (n) => `vpc-${stableId(n, 17)}`, attributes: (n, _p, { CidrBlock }) => ({ VpcId: `vpc-${stableId(n, 17)}`, CidrBlock: String(CidrBlock) }) },
  'AWS::EC2::Subnet': { ref: (n) => `subnet-${stableId(n, 17)}`, attributes: (n, _p, { AvailabilityZone }) => ({ SubnetId: `subnet-${stableId(n, 17)}`, AvailabilityZone: String(AvailabilityZone) }) },
  'AWS::EC2::SecurityGroup': { ref: (n) => `sg-${stableId(n, 17)}`, attributes: (n) => ({ GroupId: `sg-${stableId(n, 17)}` }) },
}));

/** Resources to which nothing happens: they get the ids and attributes that CloudFormation would plausibly give. */
export class SimulatedTypes implements ResourceProvider {
  constructor(private readonly suffix: () => string) {}

  public async create({ stack, logicalId, type, properties }: ResourceRequest): Promise<ResourceOutcome> {
    const given = nameProperty(type, properties);
    const name = given === undefined ? `${stack.stackName}-${logicalId}-${this.suffix()}` : String(properties[given]);
    return this.outcome(type, name, stack, properties);
  }

  public async update({ stack, type, properties }: ResourceRequest, before: ResourceRecord): Promise<ResourceOutcome> {
    const name = before.attributes[NAME];
    return this.outcome(type, typeof name === 'string' ? name : before.physicalId, stack, properties);
  }

  public async delete(_stack: StackRecord, _record: ResourceRecord): Promise<void> {
    // There is nothing to delete.
  }

  public replacingProperties(type: string, before: Record<string, unknown>, after: Record<string, unknown>): readonly string[] {
    const name = nameOf(type) ?? '';
    return before[name] === after[name] ? [] : [name];
  }

  private outcome(type: string, name: string, stack: StackRecord, properties: Record<string, unknown>): ResourceOutcome {
    const simulation = SIMULATIONS.get(type);
    return {
      physicalId: simulation?.ref?.(name, stack) ?? name,
      attributes: { [NAME]: name, ...simulation?.attributes?.(name, stack, properties) },
      simulated: true,
    };
  }
}

/** Under this key a simulated resource remembers the name from which its ids are made. */
const NAME = '(name)';

/** An attribute of a simulated resource that is not in the table. */
export function attributeOf(record: ResourceRecord, attribute: string, place: Place): { value: string; madeUp: boolean } {
  const [, service, kind] = record.type.split('::');
  const id = record.physicalId.startsWith('arn:') ? record.physicalId : arn(place, (service ?? 'custom').toLowerCase(), `${(kind ?? 'resource').toLowerCase()}/${record.physicalId}`);
  const value = /Arn$/.test(attribute) ? id : /(Id|Name|Ref)$/.test(attribute) ? record.physicalId : `${record.logicalId}.${attribute}`;
  return { value, madeUp: true };
}

function nameProperty(type: string, properties: Record<string, unknown>): string | undefined {
  const name = nameOf(type);
  return name !== undefined && typeof properties[name] === 'string' ? name : undefined;
}

/** The property that names a resource. `AWS::SQS::Queue` is named by `QueueName`, and so are most that are not in the table. */
function nameOf(type: string): string | undefined {
  const simulation = SIMULATIONS.get(type);
  return simulation === undefined ? `${type.slice(type.lastIndexOf(':') + 1)}Name` : simulation.name;
}

function path(value: unknown): string {
  return typeof value === 'string' ? value : '/';
}

function stableId(name: string, length: number): string {
  return createHash('sha256').update(name).digest('hex').slice(0, length);
}

function uuidOf(name: string): string {
  const hex = stableId(name, 32);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
