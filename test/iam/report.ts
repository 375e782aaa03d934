import { Scenario } from './scenarios';
import { Grant, IamWorld, keyOf, WorldOptions } from './world';

/** Permissions that no rehearsal can use, each with its reason. */
export const NOT_WALKED: readonly { readonly construct?: string; readonly action: string; readonly resource: RegExp; readonly reason: string }[] = [
  { action: 'logs:CreateLogStream', resource: /:log-group:/, reason: 'the Lambda runtime begins a log stream' },
  { action: 'logs:PutLogEvents', resource: /:log-group:/, reason: 'the Lambda runtime writes what the function logs' },
];

/** Wildcards that cannot be narrower, each with its reason. */
export const WILDCARDS: readonly { readonly action: RegExp; readonly resource: RegExp; readonly reason: string }[] = [
  { action: /^ecr:GetAuthorizationToken$/, resource: /^\*$/, reason: 'knows no resource' },
  { action: /^ecs:(?:DescribeTaskDefinition|ListClusters|ListServices|ListTasks)$/, resource: /^\*$/, reason: 'knows no resource' },
  { action: /^lambda:ListFunctions$/, resource: /^\*$/, reason: 'knows no resource' },
  { action: /^ecs:Describe(?:Services|Tasks)$/, resource: /^arn:aws:ecs:[^:*]+:\d{12}:(?:service|task)\/\*$/, reason: 'any service or task may run the image' },
  { action: /^lambda:GetFunction$/, resource: /^arn:aws:lambda:[^:*]+:\d{12}:function:\*$/, reason: 'any function may run the image' },
  { action: /^logs:/, resource: /:log-group:[^*]+:\*$/, reason: 'a log stream gets its name when the function starts' },
  { action: /^ecr:/, resource: /^arn:aws:ecr:[^:*]+:\d{12}:repository\/[^*]+\*$/, reason: 'the name is made by CloudFormation, after the gate' },
];

export interface Outcome {
  readonly scenario: Scenario;
  readonly granted: readonly Grant[];
  readonly used: number;
  readonly notWalked: readonly Grant[];
  readonly unused: readonly string[];
  readonly missing: readonly string[];
  /** Deployments that ended otherwise than they should. */
  readonly surprises: readonly string[];
  /** Wildcards without a reason. */
  readonly wide: readonly string[];
}

/** Walks a scenario and says what came of its permissions. */
export async function walk(scenario: Scenario, change?: WorldOptions['change']): Promise<Outcome> {
  const worlds: IamWorld[] = [];
  try {
    await scenario.walk(async (options = {}) => {
      const world = await IamWorld.open({ ...options, change });
      worlds.push(world);
      return world;
    });
    const granted = new Map(worlds.flatMap((world) => [...world.granted]));
    const used = new Set(worlds.flatMap((world) => [...world.used()]));
    const all = [...granted.values()];
    const notWalked = all.filter((grant) => !used.has(keyOf(grant)) && NOT_WALKED.some(({ construct = scenario.construct, action, resource }) => (
      construct === scenario.construct && action === grant.action && resource.test(grant.resource)
    )));
    return {
      scenario,
      granted: all,
      used: all.filter((grant) => used.has(keyOf(grant))).length,
      notWalked,
      unused: all.filter((grant) => !used.has(keyOf(grant)) && !notWalked.includes(grant)).map(keyOf).sort(),
      // A walk that made no role has shown nothing.
      missing: all.length === 0 ? ['everything: no role was there after any of the deployments'] : [...new Set(worlds.flatMap((world) => world.missing()))].sort(),
      surprises: worlds.flatMap((world) => world.surprises),
      wide: all.filter(({ action, resource }) => /[*?]/.test(action + resource) && !WILDCARDS.some((one) => one.action.test(action) && one.resource.test(resource))).map(keyOf).sort(),
    };
  } finally {
    await Promise.all(worlds.map((world) => world.close()));
  }
}
