import { DeployedFacts, DeployedResource, Environment } from './deployed';
import { DesiredReader } from './desired-reader';
import { UnresolvedValue } from '../assembly/partial';
import { Template } from '../assembly/template';
import { PlanFinding, PlanPlace } from '../report/plan';

export type { Hanging, UnresolvedValue } from '../assembly/partial';

/** What a synthesized app says of ECR, before anything is asked of AWS. */
export interface DesiredApp {
  readonly directory: string;
  /** In deployment order, each nested stack behind the one that holds it. */
  readonly stacks: readonly DesiredStack[];
  /** Stacks that could not be read: none of their resources are in here. */
  readonly findings: readonly PlanFinding[];
  /** Those stacks. */
  readonly unread: readonly (Environment & { readonly stackName: string })[];
}

export interface DesiredStack extends Environment {
  /** Unique in the app: the artifact behind the folder of its stage; a nested stack has the logical ID of its resource behind that. */
  readonly id: string;
  /** Of a nested stack, the name of the outermost one. */
  readonly stackName: string;
  /** The construct path, as the CDK CLI shows it. */
  readonly displayName: string;
  /** Below the app's folder. */
  readonly templateFile: string;
  readonly template: Template;
  /** Tags that CloudFormation puts on every resource. */
  readonly tags: Readonly<Record<string, string>>;
  /** For a nested stack: the resource that stands for it. */
  readonly nestedIn?: { readonly stackId: string; readonly logicalId: string };
  /** What ECR holds or is governed by, in the order of the template. */
  readonly resources: readonly DesiredResource[];
}

export interface DesiredResource extends Environment {
  readonly at: PlanPlace;
  /** `DesiredStack.id`. */
  readonly stackId: string;
  readonly type: string;
  /** Resolved where that is possible; the rest are function calls as the template has them, and in `unresolved`. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** Pointers are below `properties`. */
  readonly unresolved: readonly UnresolvedValue[];
  readonly deletionPolicy: string;
  readonly updateReplacePolicy: string;
  /** By property (and `Condition`): parameters, as `Stack:Parameter`, of which the default of the template was taken. */
  readonly assumed: Readonly<Record<string, readonly string[]>>;
  /** Logical IDs, as DependsOn names them. */
  readonly dependsOn: readonly string[];
  /** Set where nobody can say whether the resource is there. */
  readonly undecidedCondition?: string;
  /** As the stack has it now; `none`: it is not deployed yet. Absent where CloudFormation was not asked. */
  readonly deployed?: DeployedResource | 'none';
}

export interface DesiredOptions {
  /** Stack names or construct paths, with `*`; all stacks without. */
  readonly stacks?: readonly string[];
  /** Values of template parameters, by `Name` or `StackName:Name`. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** For stacks that are for any account or Region. */
  readonly environment?: Environment;
  /** What is deployed now. */
  readonly deployed?: DeployedFacts;
  /**
   * Templates in place of those of the folder, by `environmentKey:stack name`, nested ones by their ARN in place of the name: the app as it is deployed. A stack
   * that has none is not deployed.
   */
  readonly templates?: ReadonlyMap<string, Template>;
}

/** Resource types that say something of a registry. Types that are only named in a review have no analysis behind them. */
export const ECR_TYPES = [
  'Custom::DrydockRepository', 'Custom::DrydockRepositoryPolicy', 'Custom::DrydockLifecyclePolicy', 'Custom::DrydockLifecyclePolicyPreview', 'Custom::DrydockPreviewGate',
  'AWS::ECR::Repository', 'AWS::ECR::RepositoryCreationTemplate', 'AWS::ECR::RegistryPolicy', 'AWS::ECR::ReplicationConfiguration', 'AWS::ECR::PublicRepository',
  'AWS::ECR::PullThroughCacheRule', 'AWS::ECR::RegistryScanningConfiguration', 'AWS::ECR::SigningConfiguration', 'AWS::ECR::PullTimeUpdateExclusion',
] as const;

/** Every resource of the app that has to do with ECR. Reads the folder, and nothing else. Throws where there is no synthesized app. */
export function readDesired(directory: string, options: DesiredOptions = {}): DesiredApp {
  return new DesiredReader(directory, options).read();
}

/** What stands in the way of knowing a property: its own unresolved value, or one inside or around it. */
export function unresolvedIn(resource: Pick<DesiredResource, 'unresolved'>, pointer: string): UnresolvedValue | undefined {
  return resource.unresolved.find((value) => value.pointer === pointer || value.pointer.startsWith(`${pointer}/`) || pointer.startsWith(`${value.pointer}/`) || value.pointer === '');
}

/** A property that is text and known. */
export function textOf(resource: DesiredResource, property: string): string | undefined {
  const value = resource.properties[property];
  return typeof value === 'string' && unresolvedIn(resource, `/${property}`) === undefined ? value : undefined;
}
