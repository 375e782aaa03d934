import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Emulator, EmulatorOptions, startEmulator } from '../../src/emulator';
import { Decision, Demand } from '../../src/iam/model';
import { OperationOptions, RehearsalResult, RehearsalSession, SessionOptions } from '../../src/rehearsal';
import { rolesOf } from '../../src/rehearsal/principals';
import { Stacks } from '../../src/rehearsal/state';
import { temporaryDirectory } from '../rehearsal/assembly-builder';

export const NOW = '2026-01-31T12:00:00Z';
export const ACCOUNT = '123456789012';

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

export const keyOf = ({ role, action, resource }: Grant) => `${role} ${action} ${resource}`;

/** A registry and a CloudFormation that ask IAM, and what was allowed and asked for in them. */
export class IamWorld {
  public static async open({ emulator: options, session, change }: WorldOptions = {}): Promise<IamWorld> {
    const asked: Asked[] = [];
    const emulator = await startEmulator({ now: NOW, allowMissingLayers: true, onAuthorization: (one) => asked.push(one), ...options });
    const handlerEnv = { NODE_OPTIONS: `--require=${join(__dirname, '..', 'rehearsal', 'fixtures', 'fast-timers.js')}` };
    const opened = await RehearsalSession.open({
      ecrEndpoint: emulator.endpoint, handlerEnv, stateMachineWaitMillis: 1, seed: 'iam', onAuthorization: (one) => asked.push(one), ...session,
    });
    return new IamWorld(emulator, opened, asked, change);
  }

  /** What the policies of the roles have allowed, after each run. */
  public readonly granted = new Map<string, Grant>();
  private readonly roles = new Map<string, string>();
  public last?: RehearsalResult;

  private constructor(
    public readonly emulator: Emulator, private readonly session: RehearsalSession, public readonly asked: Asked[], private readonly change: WorldOptions['change'],
  ) {}

  public async run(build: (stack: Stack) => void, options: Partial<OperationOptions> = {}): Promise<RehearsalResult> {
    const app = new App({ outdir: temporaryDirectory() });
    build(new Stack(app, 'Shop', { env: { account: ACCOUNT, region: 'us-east-1' } }));
    const { directory } = app.synth();
    if (this.change !== undefined) {
      for (const file of readdirSync(directory).filter((name) => name.endsWith('.template.json'))) {
        const template = JSON.parse(readFileSync(join(directory, file), 'utf8')) as Template;
        this.change(template);
        writeFileSync(join(directory, file), JSON.stringify(template));
      }
    }
    this.last = await this.session.run({ assembly: directory, ...options });
    this.collect(this.last);
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

  private collect({ state }: RehearsalResult): void {
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
