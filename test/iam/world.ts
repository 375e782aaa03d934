import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnWaitConditionHandle, Stack } from 'aws-cdk-lib';
import { Emulator, EmulatorOptions, startEmulator } from '../../src/emulator';
import { Decision, Demand } from '../../src/iam/model';
import { OperationOptions, RehearsalResult, RehearsalSession, RehearsalState, SessionOptions } from '../../src/rehearsal';
import { rolesOf } from '../../src/rehearsal/principals';
import { Stacks } from '../../src/rehearsal/state';
import { temporaryDirectory } from '../rehearsal/assembly-builder';

export const NOW = '2026-01-31T12:00:00Z';
export const ACCOUNT = '123456789012';
const LAST = 'Last';

/** One action on one resource that a policy of a role allows. */
export interface Grant {
  /** Logical id of the role. */
  readonly role: string;
  readonly action: string;
  readonly resource: string;
}

export interface Asked {
  readonly operation: string;
  readonly principalArn: string;
  readonly demand: Demand;
  readonly decision: Decision;
}

export type Template = { Resources: Record<string, { Type: string; DependsOn?: string | string[]; Properties: any }> };

export interface WorldOptions {
  readonly emulator?: EmulatorOptions;
  readonly session?: Partial<SessionOptions>;
  /** Changes every template before it is deployed. */
  readonly change?: (template: Template) => void;
}

export interface RunOptions extends Partial<OperationOptions> {
  /** Something fails after everything else, so that all of it is rolled back. */
  readonly rollsBack?: boolean;
}

/** Ids and names that CloudFormation makes up differ from one stack to the next; the permission is the same. */
const MADE_UP = /(?<=[-/])(?:[0-9a-f]{8}-[0-9a-f-]{27}|[0-9A-Z]{12}(?![0-9A-Za-z])|[0-9a-z]{12}(?=$))/g;
export const keyOf = ({ role, action, resource }: Grant) => `${role} ${action} ${resource.replace(MADE_UP, '<made up>')}`;

/** With these a call was let through that nobody has judged. */
const UNJUDGED = ['DD-REHEARSAL-112', 'DD-REHEARSAL-113', 'DD-REHEARSAL-114'];

/** A registry and a CloudFormation that ask IAM, and what was allowed and asked for in them. */
export class IamWorld {
  public static async open({ emulator: options, session, change }: WorldOptions = {}): Promise<IamWorld> {
    const asked: Asked[] = [];
    const emulator = await startEmulator({ now: NOW, allowMissingLayers: true, onAuthorization: (one) => asked.push(one), ...options });
    const handlerEnv = { NODE_OPTIONS: `--require=${join(__dirname, '..', 'rehearsal', 'fixtures', 'fast-timers.js')}` };
    const opened: RehearsalSession = await RehearsalSession.open({
      ecrEndpoint: emulator.endpoint, handlerEnv, stateMachineWaitMillis: 1, seed: 'iam', onAuthorization: (one) => asked.push(one),
      // A role may be gone again at the end of the run.
      onEvent: ({ type, status }) => type.startsWith('Custom::') && status.endsWith('_IN_PROGRESS') && world.collect(opened.state),
      ...session,
    });
    const world: IamWorld = new IamWorld(emulator, opened, asked, change);
    return world;
  }

  /** What the policies of the roles have allowed, whenever a resource was worked on and after each run. */
  public readonly granted = new Map<string, Grant>();
  /** Deployments that ended otherwise than they should, and what was not judged in them. */
  public readonly surprises: string[] = [];
  private readonly roles = new Map<string, string>();
  private runs = 0;
  public last?: RehearsalResult;

  private constructor(
    public readonly emulator: Emulator, private readonly session: RehearsalSession, public readonly asked: Asked[], private readonly change: WorldOptions['change'],
  ) {}

  public async run(build: (stack: Stack) => void, { rollsBack = false, ...options }: RunOptions = {}): Promise<RehearsalResult> {
    const app = new App({ outdir: temporaryDirectory() });
    const stack = new Stack(app, 'Shop', { env: { account: ACCOUNT, region: 'us-east-1' } });
    build(stack);
    if (rollsBack) {
      // New in each deployment that has it: what does not change is not touched, and cannot fail.
      const before = stack.node.children.filter(({ node }) => !node.id.startsWith('Drydock'));
      new CfnWaitConditionHandle(stack, LAST).node.addDependency(...before);
    }
    const { directory } = app.synth();
    if (this.change !== undefined) {
      for (const file of readdirSync(directory).filter((name) => name.endsWith('.template.json'))) {
        const template = JSON.parse(readFileSync(join(directory, file), 'utf8')) as Template;
        this.change(template);
        writeFileSync(join(directory, file), JSON.stringify(template));
      }
    }
    this.last = await this.session.run({ assembly: directory, ...(rollsBack && { failAt: [LAST] }), ...options });
    this.runs += 1;
    this.collect(this.last.state);
    this.surprises.push(...surprisesIn(this.last, rollsBack).map((what) => `deployment ${this.runs}: ${what}`));
    return this.last;
  }

  /** Keys of the grants that let a call through. */
  public used(): Set<string> {
    return new Set(this.asked.filter(({ decision }) => decision.allowed).flatMap(({ principalArn, decision }) => decision.allows.flatMap(({ actions, resources }) => (
      actions.flatMap((action) => resources.map((resource) => keyOf({ role: this.roles.get(principalArn) ?? principalArn, action, resource })))
    ))));
  }

  /** What was asked for and is not allowed. */
  public missing(): string[] {
    return [...new Set(this.asked.filter(({ decision, demand }) => !decision.allowed && demand.optional !== true)
      .map(({ principalArn, demand }) => keyOf({ role: this.roles.get(principalArn) ?? principalArn, action: demand.action, resource: demand.resource })))];
  }

  public async close(): Promise<void> {
    await this.session.close();
    await this.emulator.stop();
  }

  private collect(state: RehearsalState): void {
    const held = Stacks.from(state).all().flatMap((stack) => [...stack.resources.values()].map((record) => ({ stack, record })));
    for (const { record } of held.filter((one) => one.record.type === 'AWS::IAM::Role')) {
      this.roles.set(String(record.attributes.Arn), record.logicalId);
    }
    for (const { arn, policies = [] } of rolesOf(held)) {
      for (const statement of policies.flatMap(({ document }) => (document as { Statement: Record<string, string | string[]>[] }).Statement)) {
        for (const action of [statement.Action].flat()) {
          for (const resource of [statement.Resource].flat()) {
            const grant = { role: this.roles.get(arn)!, action, resource };
            this.granted.set(keyOf(grant), grant);
          }
        }
      }
    }
  }
}

function surprisesIn({ ok, stacks: [{ stackName, status }], events, notices }: RehearsalResult, rollsBack: boolean): string[] {
  const failed = events.filter((event) => event.status.endsWith('_FAILED') && !(rollsBack && event.logicalId === LAST));
  return [
    ...(rollsBack ? /^(?:UPDATE_)?ROLLBACK_COMPLETE$/.test(status) : ok) ? [] : [`${stackName} is ${status}`],
    ...failed.map(({ logicalId, status: became, reason }) => `${logicalId} is ${became}: ${reason}`),
    ...notices.filter(({ code }) => UNJUDGED.includes(code)).map(({ code, message }) => `${code}: ${message}`),
  ];
}

export const failures = (result: RehearsalResult) => result.events.filter(({ status }) => status.endsWith('_FAILED')).map(({ reason }) => reason ?? '');

/** Every statement of the policies of a template. */
export function statementsOf(template: Template): Record<string, any>[] {
  return Object.values(template.Resources).flatMap(({ Type, Properties }) => {
    const documents = Type === 'AWS::IAM::Role' ? (Properties.Policies ?? []).map((policy: any) => policy.PolicyDocument) : /^AWS::IAM::(Managed)?Policy$/.test(Type) ? [Properties.PolicyDocument] : [];
    return documents.flatMap((document: any) => document.Statement);
  });
}

/** Takes an action out of every policy of a template. */
export function withoutAction(action: string): (template: Template) => void {
  return (template) => {
    for (const statement of statementsOf(template)) {
      statement.Action = [statement.Action].flat().filter((one: string) => one !== action);
    }
  };
}
