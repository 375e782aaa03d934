import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  custom, customStack, deploy, handlerFunction, HANDLER_DIRECTORY, NO_ECR, received, removeAssemblies, requests, StackSource, temporaryDirectory,
  writeAssembly,
} from './assembly-builder';
import { rehearse, RehearsalOptions, RehearsalResult, RehearsalSession } from '../../src/rehearsal';

afterAll(removeAssemblies);

const assemblyOf = (source: StackSource) => writeAssembly({ S: source });
const one = (properties: Record<string, unknown>, fn: Record<string, unknown> = {}) =>
  assemblyOf({ template: { Resources: { Handler: handlerFunction(fn), A: custom(properties) } } });
const logged = (result: RehearsalResult, member: string) =>
  result.handlerLogs.find((log) => log.record[member] !== undefined)?.record[member] as never;
const failure = (result: RehearsalResult) => result.events.find((e) => e.status === 'CREATE_FAILED')?.reason;
const codes = (result: RehearsalResult) => result.notices.map((n) => n.code);
const inTime: Partial<RehearsalOptions> = { timeLimits: { functionSeconds: 20, serviceSeconds: 20 } };

describe('the event', () => {
  test('has the members that CloudFormation gives, and no others; scalars are strings all the way down', async () => {
    const result = await deploy(one({ ServiceTimeout: 30, Number: 1.5, Flag: false, Text: 'x', List: [1, { Deep: true }], Nothing: { Ref: 'AWS::NoValue' } }));
    const [event] = received(result);
    expect(event).toEqual({
      RequestType: 'Create',
      ServiceToken: expect.stringMatching(/^arn:aws:lambda:us-east-1:123456789012:function:S-Handler-[A-Z0-9]{12}$/),
      StackId: expect.stringMatching(/^arn:aws:cloudformation:us-east-1:123456789012:stack\/S\/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      RequestId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      LogicalResourceId: 'A',
      ResourceType: 'Custom::Thing',
      ResourceProperties: { ServiceToken: event.ServiceToken, ServiceTimeout: '30', Number: '1.5', Flag: 'false', Text: 'x', List: ['1', { Deep: 'true' }] },
    });
    expect(logged(result, 'responseUrl')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/.+X-Amz-Signature=[0-9a-f]{64}$/);
  });

  test('of an update holds the old properties and the physical id; of a delete the physical id', async () => {
    const stack = (v: number) => assemblyOf(customStack({ A: custom({ V: v }), B: custom() }));
    const result = await deploy([stack(1), stack(2), assemblyOf(customStack({ B: custom() }))]);
    const [remove] = received(result);
    expect(Object.keys(remove).sort()).toEqual(['LogicalResourceId', 'PhysicalResourceId', 'RequestId', 'RequestType', 'ResourceProperties', 'ResourceType', 'ServiceToken', 'StackId']);
    const update = received(await deploy([stack(1), stack(2)]))[0];
    expect(update).toMatchObject({ PhysicalResourceId: 'made-A', ResourceProperties: { V: '2' }, OldResourceProperties: { V: '1', ServiceToken: update.ServiceToken } });
  });

  test('of AWS::CloudFormation::CustomResource names that type', async () => {
    const result = await deploy(assemblyOf(customStack({ A: { ...custom(), Type: 'AWS::CloudFormation::CustomResource' } })));
    expect(received(result)[0].ResourceType).toBe('AWS::CloudFormation::CustomResource');
  });
});

describe('the process', () => {
  test('has the environment of Lambda, with fake credentials and local endpoints, and nothing of its parent', async () => {
    process.env.DRYDOCK_TEST_SECRET = 'must not leak';
    const result = await deploy(one({}, { Environment: { Variables: { MINE: 'yes', NUMBER: 1 } } }), { handlerEnv: { EXTRA: 'given' } });
    delete process.env.DRYDOCK_TEST_SECRET;
    const environment = logged(result, 'environment') as Record<string, string>;
    expect(environment).toMatchObject({
      AWS_REGION: 'us-east-1',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x',
      AWS_LAMBDA_FUNCTION_NAME: expect.stringMatching(/^S-Handler-/),
      _HANDLER: 'index.handler',
      TZ: ':UTC',
      LAMBDA_TASK_ROOT: HANDLER_DIRECTORY,
      AWS_ENDPOINT_URL_ECR: NO_ECR,
      MINE: 'yes',
      NUMBER: '1',
      EXTRA: 'given',
      AWS_SECRET_ACCESS_KEY: 'rehearsal',
    });
    for (const name of ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_CLOUDFORMATION']) {
      expect(environment[name]).toMatch(/^http:\/\/127\.0\.0\.1:\d+/);
    }
    for (const name of ['HOME', 'DRYDOCK_TEST_SECRET', 'NODE_OPTIONS', 'NODE_ENV', 'NODE_CHANNEL_FD']) {
      expect(environment).not.toHaveProperty(name);
    }
  });

  test('has other credentials for another role', async () => {
    const keyOf = async (role: string) => (logged(await deploy(one({}, { Role: role })), 'environment') as Record<string, string>).AWS_ACCESS_KEY_ID;
    expect(await keyOf('arn:aws:iam::1:role/a')).toBe(await keyOf('arn:aws:iam::1:role/a'));
    expect(await keyOf('arn:aws:iam::1:role/a')).not.toBe(await keyOf('arn:aws:iam::1:role/b'));
  });

  test('gets the context of Lambda', async () => {
    const result = await deploy(one({}, { MemorySize: 512, Timeout: 40 }));
    expect(logged(result, 'context')).toEqual({
      functionName: expect.stringMatching(/^S-Handler-/), awsRequestId: received(result)[0].RequestId, invokedFunctionArn: received(result)[0].ServiceToken, memoryLimitInMB: '512',
    });
    expect(logged(result, 'remaining')).toBeGreaterThan(30_000);
    expect(logged(result, 'remaining')).toBeLessThanOrEqual(40_000);
  });

  test('is one for all requests to a function; with freshHandlers, one a request', async () => {
    const assembly = assemblyOf(customStack({ A: custom(), B: custom(), C: custom() }));
    const calls = async (options: object) => (await deploy(assembly, options)).handlerLogs.map((log) => log.record.calls);
    expect(await calls({})).toEqual([1, 2, 3]);
    expect(await calls({ freshHandlers: true })).toEqual([1, 1, 1]);
  });

  test('stays warm from one rehearsal of a session to the next, until the function changes', async () => {
    const session = await RehearsalSession.open({ ecrEndpoint: NO_ECR });
    const calls = async (v: string, memory: number) => {
      const result = await session.run({ assembly: one({ V: v }, { MemorySize: memory }) });
      return result.handlerLogs.map((log) => log.record.calls);
    };
    expect([await calls('1', 128), await calls('2', 128), await calls('3', 256)]).toEqual([[1], [2], [1]]);
    await session.close();
  });

  test('runs ES modules, inline code and callback handlers', async () => {
    const code = temporaryDirectory();
    const answer = `import http from 'node:http';
      export const handler = (event, context, callback) => {
        const body = JSON.stringify({ Status: 'SUCCESS', PhysicalResourceId: 'from-module', StackId: event.StackId, RequestId: event.RequestId, LogicalResourceId: event.LogicalResourceId });
        http.request(event.ResponseURL, { method: 'PUT', headers: { 'content-length': Buffer.byteLength(body) } }, (r) => { r.resume(); r.on('end', () => callback()); }).end(body);
      };`;
    writeFileSync(join(code, 'app.mjs'), answer);
    const module = await deploy(writeAssembly({ S: { template: { Resources: { Handler: handlerFunction({ Handler: 'app.handler' }), A: custom() } } } }, { code }));
    expect(module.stacks[0].resources.find((r) => r.logicalId === 'A')?.physicalId).toBe('from-module');

    const inline = answer.replace(/import http from 'node:http';/, 'const http = require("node:http");').replace('export const handler', 'exports.handler').replace('from-module', 'from-inline');
    const result = await deploy(one({}, { Code: { ZipFile: inline } }));
    expect(result.stacks[0].resources.find((r) => r.logicalId === 'A')?.physicalId).toBe('from-inline');
    const directory = result.state.stacks[0].resources.find((r) => r.logicalId === 'Handler')?.codeDirectory as string;
    expect(existsSync(directory)).toBe(false);
  });

  test('of a version or alias of the function is that of the function', async () => {
    const result = await deploy(assemblyOf(customStack({ A: custom({ ServiceToken: { 'Fn::Sub': '${Handler.Arn}:live' } }) })));
    expect(requests(result)).toEqual(['Create A']);
  });
});

describe('an answer', () => {
  test('gives physical id and attributes', async () => {
    const result = await deploy(assemblyOf(customStack({ A: custom({ PhysicalId: 'p', Answer: 'a' }) }, { Outputs: { O: { Value: { 'Fn::Sub': '${A} ${A.Answer} ${A.Text}' } } } })));
    expect(result.stacks[0].outputs).toEqual({ O: 'p a grüße' });
  });

  test('with NoEcho is remembered as such', async () => {
    const result = await deploy(one({ NoEcho: 'yes' }));
    expect(result.state.stacks[0].resources.find((r) => r.logicalId === 'A')?.noEcho).toBe(true);
  });

  test.each<[string, RegExp, string]>([
    ['too-long', /^Response object is too long\.$/, 'S-A-'],
    ['characters', /the body is not JSON\. \(Is Content-Length counted in bytes\?\)/, 'S-A-'],
    ['not-json', /the body is not JSON/, 'S-A-'],
    ['no-id', /^Invalid PhysicalResourceId$/, 'S-A-'],
    ['wrong-request', /RequestId must be/, 'made-A'],
    ['no-reason', /Reason is required/, 'made-A'],
  ])('that is %s fails the resource and is reported; the Delete of the rollback carries the id that is known', async (behaviour, reason, id) => {
    const result = await deploy(one({ OnCreate: behaviour }));
    expect(failure(result)).toMatch(reason);
    expect(codes(result)).toContain('DD-REHEARSAL-107');
    expect(requests(result)[1].startsWith(`Delete A ${id}`)).toBe(true);
  });

  test.each<[string, number]>([['chunked', 411], ['content-type', 403]])('sent %s is refused as S3 does, and so there is none', async (behaviour, status) => {
    const result = await deploy(one({ OnCreate: behaviour }));
    expect(logged(result, 'status')).toBe(status);
    expect(failure(result)).toMatch(/did not receive a response from your Custom Resource.*The function ended without answering/);
  });

  test('that comes a second time is recorded; the first counts', async () => {
    const result = await deploy(one({ OnCreate: 'twice' }));
    expect(result.ok).toBe(true);
    expect(codes(result)).toEqual(['DD-REHEARSAL-106']);
  });

  test('is all that counts; that the handler fails afterwards is reported', async () => {
    const result = await deploy(one({ OnCreate: 'answer-then-throw' }));
    expect(result.ok).toBe(true);
    expect(codes(result)).toEqual(['DD-REHEARSAL-109']);
    expect(requests(result)).toEqual(['Create A']);
  });
});

describe('no answer', () => {
  test.each<[string, RegExp]>([
    ['throw', /The function failed: TypeError: thrown by the handler/],
    ['exit', /The function failed: Runtime\.ExitError: Runtime exited with error: exit status 3/],
  ])('because the handler does %s: Lambda tries three times with the same request, then the resource fails without further waiting', async (behaviour, reason) => {
    const result = await deploy(one({ OnCreate: behaviour }));
    const creates = received(result).filter((e) => e.RequestType === 'Create');
    expect(creates).toHaveLength(3);
    expect(new Set(creates.map((e) => e.RequestId)).size).toBe(1);
    expect(failure(result)).toMatch(reason);
    expect(requests(result).at(-1)).toMatch(/^Delete A S-A-[A-Z0-9]{12}$/);
    expect(result.stacks[0].status).toBe('ROLLBACK_COMPLETE');
  });

  test('because the handler ends silently fails the resource', async () => {
    expect(failure(await deploy(one({ OnCreate: 'silent' })))).toMatch(/The function ended without answering/);
  });

  test('because the code cannot be loaded fails the resource with the error of the import', async () => {
    const code = temporaryDirectory();
    writeFileSync(join(code, 'index.js'), 'require("./not-there");');
    const result = await deploy(writeAssembly({ S: customStack({ A: custom() }) }, { code }));
    expect(failure(result)).toMatch(/Cannot find module '\.\/not-there'/);
  });

  test('because there is no such handler fails the resource', async () => {
    expect(failure(await deploy(one({}, { Handler: 'index.nothing' })))).toMatch(/Runtime\.HandlerNotFound: index\.nothing is undefined or not exported/);
    expect(failure(await deploy(one({}, { Handler: 'nothing.handler' })))).toMatch(/Runtime\.ImportModuleError: Cannot find module 'nothing'/);
  });

  test('before the function\'s own timeout: it is stopped, three times', async () => {
    const result = await deploy(one({ OnCreate: 'hang' }, { Timeout: 1 }), { timeLimits: { functionSeconds: 1 } });
    expect(failure(result)).toMatch(/Sandbox\.Timedout: Task timed out after 1\.00 seconds/);
    expect(received(result).filter((e) => e.RequestType === 'Create')).toHaveLength(3);
  });

  test('before the service timeout fails the resource while the function is still running', async () => {
    const result = await deploy(one({ OnCreate: 'hang', ServiceTimeout: 1 }));
    expect(failure(result)).toMatch(/No answer within 1 seconds/);
    expect(received(result).filter((e) => e.RequestType === 'Create')).toHaveLength(1);
    expect(result.stacks[0].status).toBe('ROLLBACK_COMPLETE');
  });
});

describe('duplicate delivery', () => {
  test.each(['sequential', 'concurrent'] as const)('%s: every event comes twice, with the same request, and one answer counts', async (duplicates) => {
    const result = await deploy(one({}), { duplicates, ...inTime });
    const events = received(result);
    expect(events.map((e) => e.RequestType)).toEqual(['Create', 'Create']);
    expect(events[0]).toEqual(events[1]);
    expect(new Set(result.handlerLogs.map((log) => log.record.pid)).size).toBe(duplicates === 'concurrent' ? 2 : 1);
    expect(result.ok).toBe(true);
  });
});

describe('a custom resource that cannot be run is simulated and reported', () => {
  test.each<[string, string, RegExp]>([
    ['of another runtime', one({}, { Runtime: 'python3.13' }), /runtime python3\.13/],
    ['of a container image', one({}, { Runtime: undefined, Code: { ImageUri: 'x' } }), /of a container image/],
    ['whose code is no asset', one({}, { Code: { S3Bucket: 'b', S3Key: 'unknown.zip' } }), /not a folder of the assembly/],
    ['whose token is elsewhere', one({ ServiceToken: 'arn:aws:lambda:us-east-1:999999999999:function:theirs' }), /function:theirs is not a function of these stacks/],
  ])('%s', async (_, assembly, why) => {
    const result = await deploy(assembly);
    expect(result.ok).toBe(true);
    expect(result.notices).toEqual([expect.objectContaining({ code: 'DD-REHEARSAL-101', pointer: 'S/A', message: expect.stringMatching(why) })]);
    expect(result.stacks[0].resources.find((r) => r.logicalId === 'A')).toMatchObject({ simulated: true, physicalId: expect.stringMatching(/^S-A-/) });
  });

  test('because its handler calls a service that is not there: the call ends on this machine', async () => {
    const result = await deploy(one({ OnCreate: 's3' }));
    expect(result.notices).toEqual([expect.objectContaining({ code: 'DD-REHEARSAL-102', message: expect.stringContaining('its handler called s3') })]);
    expect(result.ok).toBe(true);
  });

  test('because its handler expects the SDK of the runtime', async () => {
    const code = temporaryDirectory();
    writeFileSync(join(code, 'index.js'), 'require("@aws-sdk/client-s3");');
    const result = await deploy(writeAssembly({ S: customStack({ A: custom() }) }, { code }));
    expect(codes(result)).toEqual(['DD-REHEARSAL-101']);
  });

  test('and neither updated nor deleted by a handler later; its attributes are made up', async () => {
    const stack = (v: string) => assemblyOf(customStack({ A: custom({ OnCreate: 's3', V: v }) }, { Outputs: { O: { Value: { 'Fn::GetAtt': ['A', 'Anything'] } } } }));
    const state = (await deploy([stack('1'), stack('2')])).state;
    const result = await rehearse({ assembly: stack('2'), ecrEndpoint: NO_ECR, state, action: 'destroy' });
    expect(requests(result)).toEqual([]);
    expect(result.ok).toBe(true);
    expect(state.stacks[0].outputs.O).toBe('A.Anything');
  });
});
