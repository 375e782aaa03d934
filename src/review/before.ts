import { DeployedFacts, DeployedNames, DeployedStack, environmentKey } from './deployed';
import { DesiredApp, DesiredOptions, DesiredStack, readDesired } from './desired';
import { Before, stackKey } from './pairs';
import { ReviewChangeCode } from './review-codes';
import { readTemplate, Template } from '../assembly/template';
import { isDrydockError } from '../errors';
import { PlanFinding } from '../report/plan';

export interface ReadBefore extends Before {
  readonly findings: readonly PlanFinding[];
}

/** The app as it was when another folder was synthesized. Its stacks are those that are reviewed, however they were chosen. */
export function beforeFromFolder(directory: string, options: DesiredOptions): ReadBefore {
  const { stacks: _, ...rest } = options;
  const app = readDesired(directory, rest);
  return { app: { ...app, findings: [] }, unknownStacks: new Set(app.unread.map(stackKey)), findings: app.findings };
}

/** The stacks of the app as CloudFormation has them now. */
export async function beforeFromDeployed(after: DesiredApp, options: DesiredOptions, facts: DeployedFacts, names: DeployedNames): Promise<ReadBefore> {
  const reader = new DeployedTemplates(facts, names);
  for (const stack of after.stacks.filter(({ nestedIn }) => nestedIn === undefined)) {
    await reader.read(stack);
  }
  // Deployed with the values that it has, not with those that are given for the next deployment.
  const { parameters: _, ...rest } = options;
  const app = readDesired(after.directory, { ...rest, deployed: reader.facts, templates: reader.templates });
  const unknownStacks = new Set([...reader.unknown, ...app.unread.map(stackKey)]);
  return { app: { ...app, findings: [] }, unknownStacks, findings: [...reader.findings, ...app.findings] };
}

/** Templates of deployed stacks, nested ones by their ARN. */
class DeployedTemplates {
  public readonly templates = new Map<string, Template>();
  public readonly unknown = new Set<string>();
  public readonly findings: PlanFinding[] = [];
  private readonly known: Map<string, { stacks: Map<string, DeployedStack | undefined>; exports?: Readonly<Record<string, string>> }>;

  constructor(facts: DeployedFacts, private readonly names: DeployedNames) {
    this.known = new Map([...facts.environments].map(([key, { stacks, exports }]) => [key, { stacks: new Map(stacks), ...(exports && { exports }) }]));
  }

  public get facts(): DeployedFacts {
    return { environments: this.known };
  }

  public async read(stack: DesiredStack): Promise<void> {
    try {
      await this.readStack(stack, stack.stackName);
    } catch (error) {
      if (!isDrydockError(error)) {
        throw error;
      }
      const code: ReviewChangeCode = 'DD-REVIEW-250';
      this.unknown.add(stackKey(stack));
      this.findings.push({
        severity: 'error', code, effect: 'undetermined', place: stack.displayName,
        message: `What is deployed of ${stack.stackName} could not be read: ${error.problems[0].message}`,
        fix: error.problems[0].fix ?? 'Give the app as it was deployed with --before.',
      });
    }
  }

  private async readStack(stack: DesiredStack, nameOrId: string): Promise<void> {
    const key = environmentKey(stack);
    const place = this.known.get(key) ?? { stacks: new Map<string, DeployedStack | undefined>() };
    this.known.set(key, place);
    if (!place.stacks.has(nameOrId)) {
      place.stacks.set(nameOrId, await this.names.stack(stack, nameOrId));
    }
    const deployed = place.stacks.get(nameOrId);
    const text = deployed && await this.names.template(stack, deployed.stackId || nameOrId);
    if (deployed === undefined || text === undefined) {
      return;
    }
    this.templates.set(`${key}:${nameOrId}`, readTemplate(parse(text), `template of ${deployed.stackName}`));
    for (const { type, physicalId } of Object.values(deployed.resources)) {
      if (type === 'AWS::CloudFormation::Stack') {
        await this.readStack(stack, physicalId);
      }
    }
  }
}

/** What is no JSON is refused with the reason for all that is no template. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
