import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HandlerLog, RehearsalOptions, RehearsalResult, rehearse } from '../../src/rehearsal';

type Json = Record<string, unknown>;

export interface StackSource {
  readonly template: Json;
  readonly dependencies?: readonly string[];
  readonly environment?: string;
  readonly tags?: Record<string, string>;
}

/** A port on which nothing listens: for rehearsals that have no repository. */
export const NO_ECR = 'http://127.0.0.1:9';

export const HANDLER_DIRECTORY = join(__dirname, 'fixtures', 'handler');

const directories: string[] = [];

/** Removes what the tests of a file have written. */
export function removeAssemblies(): void {
  directories.splice(0).forEach((directory) => rmSync(directory, { recursive: true, force: true }));
}

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'drydock-test-'));
  directories.push(directory);
  return directory;
}

/** Writes a cdk.out by hand: stacks, and the fixture handler as asset `handler.zip`; `nested` templates become assets, too. */
export function writeAssembly(
  stacks: Record<string, StackSource>, options: { nested?: Record<string, Json>; code?: string; directory?: string } = {},
): string {
  const directory = options.directory ?? temporaryDirectory();
  mkdirSync(directory, { recursive: true });
  const write = (name: string, json: unknown) => writeFileSync(join(directory, name), JSON.stringify(json));
  const file = (path: string, packaging: string, objectKey: string) => ({ source: { path, packaging }, destinations: { current: { bucketName: 'assets', objectKey } } });
  const files: Json = { handler: file(options.code ?? HANDLER_DIRECTORY, 'zip', 'handler.zip') };
  for (const [name, template] of Object.entries(options.nested ?? {})) {
    write(`${name}.nested.template.json`, template);
    files[name] = file(`${name}.nested.template.json`, 'file', `${name}.json`);
  }
  write('assets.json', { version: '36.0.0', files });
  const artifacts: Json = { Assets: { type: 'cdk:asset-manifest', properties: { file: 'assets.json' } } };
  for (const [name, { template, dependencies, environment, tags }] of Object.entries(stacks)) {
    write(`${name}.template.json`, template);
    artifacts[name] = {
      type: 'aws:cloudformation:stack',
      environment: environment ?? 'aws://unknown-account/unknown-region',
      properties: { templateFile: `${name}.template.json`, ...tags === undefined ? {} : { tags } },
      dependencies: ['Assets', ...dependencies ?? []],
      displayName: name,
    };
  }
  write('manifest.json', { version: '36.0.0', artifacts });
  return directory;
}

/** A function that runs the fixture handler. */
export function handlerFunction(properties: Json = {}): Json {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Code: { S3Bucket: { 'Fn::Sub': 'assets-${AWS::AccountId}' }, S3Key: 'handler.zip' },
      Handler: 'index.handler',
      Runtime: 'nodejs22.x',
      Role: 'arn:aws:iam::123456789012:role/handler',
      Timeout: 60,
      ...properties,
    },
  };
}

/** A custom resource of that function. */
export function custom(properties: Json = {}, rest: Json = {}): Json {
  return { Type: 'Custom::Thing', Properties: { ServiceToken: { 'Fn::GetAtt': ['Handler', 'Arn'] }, ...properties }, ...rest };
}

/** A stack of custom resources and their function. */
export function customStack(resources: Record<string, Json>, rest: Json = {}): StackSource {
  return { template: { Resources: { Handler: handlerFunction(), ...resources }, ...rest } };
}

/** Rehearses one assembly, or several one after another on the same stacks; the last result. */
export async function deploy(
  assemblies: string | readonly string[], options: Partial<RehearsalOptions> = {}, lastOnly: Partial<RehearsalOptions> = {},
): Promise<RehearsalResult> {
  let result: RehearsalResult | undefined;
  const all = [assemblies].flat();
  for (const [index, assembly] of all.entries()) {
    const only = index === all.length - 1 ? lastOnly : {};
    result = await rehearse({ assembly, ecrEndpoint: NO_ECR, iam: false, ...options, state: result?.state ?? options.state, ...only });
  }
  return result as RehearsalResult;
}

export interface LoggedEvent {
  readonly RequestType: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly RequestId: string;
  readonly ResourceProperties: Record<string, unknown>;
  readonly OldResourceProperties?: Record<string, unknown>;
  readonly [member: string]: unknown;
}

/** The events that the fixture handler got. */
export function received(result: { readonly handlerLogs: readonly HandlerLog[] }): LoggedEvent[] {
  return result.handlerLogs.flatMap((log) => log.record.event === undefined ? [] : [log.record.event as LoggedEvent]);
}

/** `Create A`, `Update B made-B`: request, resource and, where there is one, physical id. */
export function requests(result: { readonly handlerLogs: readonly HandlerLog[] }): string[] {
  return received(result).map((e) => [e.RequestType, e.LogicalResourceId, e.PhysicalResourceId].filter((part) => part !== undefined).join(' '));
}

/** `CREATE_COMPLETE A`: the story, without the simulated function. */
export function story(result: RehearsalResult): string[] {
  return result.events.filter((e) => e.logicalId !== 'Handler').map((e) => `${e.status} ${e.logicalId}`);
}
