import { finding, undetermined } from './codes';
import { isRepository } from './declared';
import { DeployedFacts, DeployedNames, DeployedStack, Environment, environmentKey } from './deployed';
import { DesiredApp, DesiredOptions, DesiredResource, DesiredStack, readDesired } from './desired';
import { desiredPolicies } from './policies';
import { isDrydockError } from '../errors';
import { PlanFinding } from '../report/plan';

export interface ResolvedApp {
  readonly app: DesiredApp;
  /** What CloudFormation could not be asked, and which defaults were taken instead. */
  readonly findings: readonly PlanFinding[];
  readonly deployed: DeployedFacts;
}

/** What is to be known of what is deployed: what is open about lifecycle policies, or about anything of ECR, or everything of every stack. */
export type Wanted = 'policies' | 'open' | 'everything';

/** A value that is found may lead to another question; nobody asks more often. */
const ROUNDS = 4;

/** Reads an app, and asks CloudFormation for what its templates leave open. Without `names` nobody is asked. */
export async function readResolved(directory: string, options: DesiredOptions, names: DeployedNames | undefined, wanted: Wanted = 'policies'): Promise<ResolvedApp> {
  const facts = new Facts(names);
  let app = readDesired(directory, { ...options, deployed: facts });
  for (let round = 0; names !== undefined && round < ROUNDS; round += 1) {
    const asked = await facts.answer(questionsOf(app, wanted));
    if (!asked) {
      break;
    }
    app = readDesired(directory, { ...options, deployed: facts });
  }
  return { app, findings: [...facts.findings, ...defaultsOf(app, facts)], deployed: facts };
}

interface Questions {
  readonly stacks: readonly DesiredStack[];
  /** Environments whose exports are needed. */
  readonly exports: readonly Environment[];
}

function questionsOf(app: DesiredApp, wanted: Wanted): Questions {
  const ofPolicies = () => desiredPolicies(app)
    .filter(({ findings, assumed, resource, name, isNew }) => findings.some(({ code }) => /^DD-REVIEW-00[1-4]$/.test(code)) || assumed.length > 0 || (name === undefined && !isNew && resource.deployed === undefined))
    .map(({ resource }) => resource.stackId);
  const ofOthers = () => app.stacks.flatMap(({ resources }) => resources).filter(isOpen).map(({ stackId }) => stackId);
  const open = wanted === 'everything' ? app.stacks : stacksOf(app, [...ofPolicies(), ...wanted === 'open' ? ofOthers() : []]);
  const imports = open.filter((stack) => stack.resources.some(({ unresolved }) => unresolved.some(({ hangsOn }) => hangsOn.kind === 'import')));
  return { stacks: open, exports: imports };
}

/** Something that the deployed stack may know: a value, or the name that CloudFormation has made up. */
function isOpen(resource: DesiredResource): boolean {
  const isUnnamed = isRepository(resource) && resource.properties.RepositoryName === undefined && resource.deployed === undefined;
  return isUnnamed || resource.unresolved.length > 0 || resource.undecidedCondition !== undefined || Object.keys(resource.assumed).length > 0;
}

/** With the stacks that hold them: a nested stack is found through its parent. */
function stacksOf(app: DesiredApp, ids: readonly string[]): DesiredStack[] {
  const wanted = new Set<string>();
  const byId = new Map(app.stacks.map((stack) => [stack.id, stack]));
  for (const id of ids) {
    for (let stack = byId.get(id); stack !== undefined; stack = stack.nestedIn && byId.get(stack.nestedIn.stackId)) {
      wanted.add(stack.id);
    }
  }
  return app.stacks.filter(({ id }) => wanted.has(id));
}

/** What CloudFormation has said so far. */
class Facts implements DeployedFacts {
  public readonly environments = new Map<string, { readonly stacks: Map<string, DeployedStack | undefined>; exports?: Readonly<Record<string, string>> }>();
  public readonly findings: PlanFinding[] = [];
  /** By environment: why it cannot be asked. */
  private readonly refused = new Map<string, string>();
  private readonly told = new Set<string>();

  constructor(private readonly names: DeployedNames | undefined) {}

  /** Whether anything new was learnt. */
  public async answer({ stacks, exports }: Questions): Promise<boolean> {
    let learnt = false;
    const ids = new Map<string, string>();
    for (const stack of stacks) {
      const known = this.of(stack);
      const key = stack.nestedIn === undefined ? stack.stackName : ids.get(stack.id);
      if (key !== undefined && !known.stacks.has(key)) {
        learnt = await this.ask(stack, stack.displayName, async () => void known.stacks.set(key, await this.names!.stack(stack, key))) || learnt;
      }
      const found = key === undefined ? undefined : known.stacks.get(key);
      for (const nested of stacks.filter(({ nestedIn }) => nestedIn?.stackId === stack.id)) {
        const id = found?.resources[nested.nestedIn!.logicalId]?.physicalId;
        if (id !== undefined) {
          ids.set(nested.id, id);
        }
      }
    }
    for (const environment of exports) {
      const known = this.of(environment);
      if (known.exports === undefined) {
        learnt = await this.ask(environment, 'exports', async () => void (known.exports = await this.names!.exports(environment))) || learnt;
      }
    }
    return learnt;
  }

  private async ask(environment: Environment, what: string, call: () => Promise<void>): Promise<boolean> {
    const key = environmentKey(environment);
    try {
      if (this.refused.has(key)) {
        this.refuse(what, this.refused.get(key)!);
        return false;
      }
      await call();
      return true;
    } catch (error) {
      if (!isDrydockError(error)) {
        throw error;
      }
      // Of an answer that is none, the parser has several lines to tell.
      const [why] = error.problems[0].message.split('\n');
      this.refused.set(key, why);
      this.refuse(what, why, error.problems[0].fix);
      return false;
    }
  }

  private refuse(what: string, why: string, fix = 'Give literal names and --parameters, or see docs/preview.md for what is asked and which permissions that needs.'): void {
    if (!this.told.has(what)) {
      this.told.add(what);
      this.findings.push(undetermined('DD-REVIEW-017', `CloudFormation could not be asked about ${what === 'exports' ? 'the exports of other stacks' : `the stack ${what}`}: ${why}`, fix));
    }
  }

  private of(environment: Environment) {
    const key = environmentKey(environment);
    const known = this.environments.get(key) ?? { stacks: new Map<string, DeployedStack | undefined>() };
    this.environments.set(key, known);
    return known;
  }
}

/** Where a stack is deployed already, its own values count, and a deployment keeps them. */
function defaultsOf(app: DesiredApp, facts: Facts): PlanFinding[] {
  const unchecked = desiredPolicies(app).filter(({ assumed, resource }) => assumed.length > 0 && resource.deployed === undefined);
  return unchecked.length === 0 || facts.findings.length > 0 ? [] : unchecked.map(({ assumed, at }) => finding('DD-REVIEW-018', 'note',
    `The default of ${assumed.map((name) => name.split(':')[1]).join(', ')} was taken; if the stack is deployed with another value, that one counts.`, {
      at, fix: `Give it with --parameters ${assumed[0]}=VALUE.`,
    }));
}
