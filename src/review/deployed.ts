/** An account and Region, as far as they are known. */
export interface Environment {
  readonly account?: string;
  readonly region?: string;
}

/** A stack as CloudFormation has it now. */
export interface DeployedStack {
  readonly stackName: string;
  readonly stackId: string;
  readonly status: string;
  /** Values of SSM parameters as they were resolved; those that are hidden (NoEcho) are left out. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  /** By logical ID. */
  readonly resources: Readonly<Record<string, DeployedResource>>;
}

export interface DeployedResource {
  readonly type: string;
  readonly physicalId: string;
}

/** What CloudFormation knows of the stacks that are there; `src/ecr/deployed.ts` asks it. */
export interface DeployedNames {
  /** By name, or by ARN where it is nested. Undefined: there is none. */
  stack(environment: Environment, nameOrId: string): Promise<DeployedStack | undefined>;
  /** All exports of the environment. */
  exports(environment: Environment): Promise<Readonly<Record<string, string>>>;
  /** The template as it was deployed, JSON or YAML. Undefined: there is no such stack. */
  template(environment: Environment, nameOrId: string): Promise<string | undefined>;
}

/** The same, read beforehand: what names are resolved with. */
export interface DeployedFacts {
  /** By `environmentKey`. */
  readonly environments: ReadonlyMap<string, {
    /** By stack name, nested ones by ARN; undefined where there is none. */
    readonly stacks: ReadonlyMap<string, DeployedStack | undefined>;
    /** Undefined: not read. */
    readonly exports?: Readonly<Record<string, string>>;
  }>;
}

export function environmentKey({ account = '*', region = '*' }: Environment): string {
  return `${account}/${region}`;
}

/** `123456789012/eu-west-1`, or what is known of it. */
export function environmentText({ account, region }: Environment): string {
  return account === undefined && region === undefined ? 'an unknown environment' : `${account ?? 'unknown account'}/${region ?? 'unknown Region'}`;
}
