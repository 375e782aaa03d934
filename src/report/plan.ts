import { Finding, Preview } from './preview';
import { GateSettings } from '../lifecycle/gate';
import { Inventory, PolicyDocument, Verdict } from '../lifecycle/model';

/**
 * Everything that a deployment would do to ECR, as data. One Plan becomes a terminal's text, Markdown, JSON, SARIF and a page. Its texts are as they
 * came; what shows them makes them safe.
 */
export interface Plan {
  readonly formatVersion: 1;
  readonly kind: 'preview' | 'review';
  /** The moment that it holds for, ISO 8601. */
  readonly now: string;
  /** The folder of the synthesized app, as it was given. */
  readonly app: string;
  /** What it was compared with. */
  readonly against: PlanBasis;
  readonly outcome: PlanOutcome;
  /** Sorted by stack, then construct path. */
  readonly repositories: readonly RepositoryPlan[];
  /** About the app as a whole; what is about a repository is with it. */
  readonly findings: readonly PlanFinding[];
}

/** `undetermined`: something could not be checked. Exit codes 0, 2, 1. */
export type PlanOutcome = 'passed' | 'blocked' | 'undetermined';

export interface PlanBasis {
  readonly kind: 'registry' | 'inventory' | 'nothing';
  /** The file of the inventory, the endpoint or the Region: in words. */
  readonly text: string;
  /** Calls that were made, by operation. */
  readonly calls?: Readonly<Record<string, number>>;
}

export interface PlanFinding extends Finding {
  /** It decides the outcome: `block` stops the deployment, `undetermined` means that nobody can say. */
  readonly effect?: 'block' | 'undetermined';
  readonly at?: PlanPlace;
  readonly repositoryName?: string;
}

/** A resource of a template, as its author knows it. */
export interface PlanPlace {
  /** As in the app: `Stage/Stack/Construct`. */
  readonly constructPath: string;
  readonly stackName: string;
  readonly logicalId: string;
  readonly resourceType: string;
  /** Path of the template below the app's folder. */
  readonly templateFile: string;
}

/** `leave`: out of the app, and kept in the registry. `unknown`: what there is could not be read. */
export type RepositoryChange = 'create' | 'adopt' | 'update' | 'replace' | 'delete' | 'leave' | 'none' | 'unknown';

export interface RepositoryPlan {
  /** Absent where it could not be resolved. */
  readonly repositoryName?: string;
  /** The name, or what is known of it. */
  readonly title: string;
  readonly account?: string;
  readonly region?: string;
  readonly change: RepositoryChange;
  /** The resources that say something about it. */
  readonly places: readonly PlanPlace[];
  readonly imageCount?: number;
  readonly imageSizeInBytes?: number;
  readonly settings: readonly SettingChange[];
  readonly access?: AccessPlan;
  readonly lifecycle?: LifecyclePlan;
  readonly findings: readonly PlanFinding[];
}

export interface SettingChange {
  /** AWS's word: `imageTagMutability`, `tags/team`. */
  readonly name: string;
  readonly before?: string;
  readonly after?: string;
  /** Cannot be changed in place. */
  readonly replaces?: boolean;
}

export interface AccessPlan {
  /** False where a policy has parts that only the deployment knows. */
  readonly complete: boolean;
  readonly changes: readonly AccessSentence[];
}

export interface AccessSentence {
  readonly change: 'gains' | 'loses' | 'differs';
  /** `account 111122223333`, `role ci of account 111122223333`, `everybody`, `service lambda.amazonaws.com`. */
  readonly who: string;
  /** `ecr:BatchGetImage`. */
  readonly actions: readonly string[];
  /** `not allowed`, `denied`, or conditions in words (`if ...`, `unless ...`), before and after; empty: allowed always. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly marks: readonly ('public' | 'cross-account' | 'service-without-source')[];
  /** All of it as one sentence. */
  readonly text: string;
}

export interface LifecyclePlan {
  /** `keep`: the policy in force is already this one. `preview`: it is only previewed, by a resource for that. */
  readonly change: 'put' | 'delete' | 'keep' | 'preview';
  readonly at: PlanPlace;
  readonly policy?: PolicyDocument;
  readonly policyHash?: string;
  readonly policyInForce?: PolicyDocument;
  /** What the gate of the deployment checks; absent where there is none. */
  readonly gate?: GateSettings;
  /** Absent where the images are not known. */
  readonly preview?: Preview;
  /** What the previews are made of, for whoever wants to try another policy. */
  readonly inventory?: Inventory;
  /** Every image, in the order of the inventory. */
  readonly images?: readonly PlanImage[];
}

/** An image with what becomes of it, and why, in a sentence. */
export interface PlanImage extends Verdict {
  readonly explanation: string;
  /** Who runs it: `ECS service prod/api`. */
  readonly inUseBy?: readonly string[];
}
