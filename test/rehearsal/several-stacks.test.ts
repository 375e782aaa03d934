import { custom, deploy, handlerFunction, received, removeAssemblies, requests, story, StackSource, writeAssembly } from './assembly-builder';
import { RehearsalResult } from '../../src/rehearsal';

afterAll(removeAssemblies);

const statuses = (result: RehearsalResult) => Object.fromEntries(result.stacks.map((s) => [s.stackName, s.status]));
const producer = (value: string, properties = {}, name = 'shared'): StackSource => ({
  template: {
    Resources: { Handler: handlerFunction(), A: custom({ Answer: value, ...properties }) },
    Outputs: { O: { Value: { 'Fn::GetAtt': ['A', 'Answer'] }, Export: { Name: name } }, Fn: { Value: { 'Fn::GetAtt': ['Handler', 'Arn'] }, Export: { Name: 'fn' } } },
  },
});
const consumer = (properties = {}): StackSource => ({
  template: { Resources: { B: custom({ ServiceToken: { 'Fn::ImportValue': 'fn' }, Value: { 'Fn::ImportValue': 'shared' }, ...properties }) } },
  dependencies: ['P'],
});

describe('exports', () => {
  test('reach the stacks that import them; a handler may live in another stack', async () => {
    const result = await deploy(writeAssembly({ C: consumer(), P: producer('x') }));
    expect(requests(result)).toEqual(['Create A', 'Create B']);
    expect(received(result)[1].ResourceProperties.Value).toBe('x');
    expect(statuses(result)).toEqual({ P: 'CREATE_COMPLETE', C: 'CREATE_COMPLETE' });
  });

  test('that are in use can be neither changed nor removed: the update rolls back', async () => {
    const first = writeAssembly({ C: consumer(), P: producer('x') });
    const changed = await deploy([first, writeAssembly({ C: consumer(), P: producer('y') })]);
    expect(changed.stacks).toMatchObject([
      { stackName: 'P', status: 'UPDATE_ROLLBACK_COMPLETE', reason: 'Export shared cannot be updated as it is in use by C', outputs: { O: 'x' } },
      { stackName: 'C', status: 'NOT_DEPLOYED', reason: 'P has failed, and this stack depends on it.' },
    ]);
    const removed = await deploy([first, writeAssembly({ C: consumer(), P: producer('x', {}, 'renamed') })]);
    expect(removed.stacks[0].reason).toBe('Export shared cannot be deleted as it is in use by C');
  });

  test('that nobody exports fail the resource that imports them', async () => {
    const result = await deploy(writeAssembly({ C: { ...consumer(), dependencies: [] } }));
    expect(result.events.find((e) => e.status === 'CREATE_FAILED')?.reason).toMatch(/^No export named (fn|shared) found\.$/);
  });

  test('of the same name in two stacks are refused', async () => {
    const result = await deploy(writeAssembly({ P: producer('x'), Q: producer('y') }));
    expect(result.stacks[1]).toMatchObject({ status: 'ROLLBACK_COMPLETE', reason: expect.stringContaining('is already exported by stack P') });
  });
});

test('a stack that fails stops those that depend on it, directly or not, and no others', async () => {
  const result = await deploy(writeAssembly({
    P: producer('x', { OnCreate: 'fail' }),
    C: consumer(),
    D: { template: { Resources: { T: { Type: 'AWS::SNS::Topic' } } }, dependencies: ['C'] },
    E: { template: { Resources: { T: { Type: 'AWS::SNS::Topic' } } } },
  }));
  expect(result.ok).toBe(false);
  expect(statuses(result)).toEqual({ P: 'ROLLBACK_COMPLETE', C: 'NOT_DEPLOYED', D: 'NOT_DEPLOYED', E: 'CREATE_COMPLETE' });
});

test('what is wrong in a later stack is said before the first is touched', async () => {
  const events: unknown[] = [];
  const assembly = writeAssembly({ P: producer('x'), C: { template: { Parameters: { Needed: { Type: 'String' } }, Resources: { T: { Type: 'AWS::SNS::Topic' } } }, dependencies: ['P'] } });
  await expect(deploy(assembly, { onEvent: (e) => events.push(e) })).rejects.toThrow(/DD-REHEARSAL-007 at C\/Parameters\/Needed/);
  expect(events).toEqual([]);
});

test('stacks are destroyed in reverse order; one that cannot be deleted keeps what it depends on', async () => {
  const assembly = writeAssembly({ C: consumer(), P: producer('x') });
  const gone = await deploy([assembly, assembly], {}, { action: 'destroy' });
  expect(requests(gone)).toEqual(['Delete B made-B', 'Delete A made-A']);
  expect(gone.state.stacks).toEqual([]);

  const failing = writeAssembly({ C: consumer({ OnDelete: 'fail' }), P: producer('x') });
  const kept = await deploy([failing, failing], {}, { action: 'destroy' });
  expect(kept.stacks.map((s) => [s.stackName, s.status, s.reason])).toEqual([
    ['C', 'DELETE_FAILED', 'The following resource(s) failed to delete: [B].'],
    ['P', 'CREATE_COMPLETE', 'C could not be deleted, and it depends on this stack.'],
  ]);
});

test('a stack is not destroyed while another one imports from it', async () => {
  const assembly = writeAssembly({ C: { ...consumer(), dependencies: [] }, P: producer('x') });
  const state = (await deploy([writeAssembly({ P: producer('x') }), assembly])).state;
  const result = await deploy(assembly, { state, action: 'destroy', stacks: ['P'] });
  expect(result).toMatchObject({ ok: false, stacks: [{ status: 'CREATE_COMPLETE', reason: 'Export shared cannot be deleted as it is in use by C' }] });
});

describe('nested stacks', () => {
  const inner = (v: unknown, rest = {}, properties = {}) => ({
    Parameters: { Token: { Type: 'String' }, Value: { Type: 'String' } },
    Resources: { In: custom({ ServiceToken: { Ref: 'Token' }, Value: { Ref: 'Value' }, V: v, ...properties }), ...rest },
    Outputs: { Id: { Value: { Ref: 'In' } } },
  });
  const nestedStack = (value: unknown = 'given', url = 'inner') => ({
    Type: 'AWS::CloudFormation::Stack',
    Properties: {
      TemplateURL: { 'Fn::Join': ['', ['https://s3.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }, `/bucket/${url}.json`]] },
      Parameters: { Token: { 'Fn::GetAtt': ['Handler', 'Arn'] }, Value: value },
    },
  });
  const outer = (after = {}, value?: unknown, url?: string) => ({
    template: { Resources: { Handler: handlerFunction(), N: nestedStack(value, url), After: custom({ Id: { 'Fn::GetAtt': ['N', 'Outputs.Id'] }, ...after }) } },
  });

  test('take parameters and give outputs; they are listed behind the stack that holds them', async () => {
    const result = await deploy(writeAssembly({ S: outer() }, { nested: { inner: inner(1) } }));
    expect(requests(result)).toEqual(['Create In', 'Create After']);
    expect(received(result)[0].ResourceProperties.Value).toBe('given');
    expect(received(result)[1].ResourceProperties.Id).toBe('made-In');
    expect(result.stacks.map((s) => s.stackName)).toEqual(['S', expect.stringMatching(/^S-N-[A-Z0-9]{12}$/)]);
    expect(result.stacks[0].resources.find((r) => r.logicalId === 'N')?.physicalId).toMatch(/^arn:aws:cloudformation:.*:stack\/S-N-/);
  });

  const first = { nested: { one: inner(1, { Old: custom({ ServiceToken: { Ref: 'Token' } }) }) } };
  const second = { nested: { two: inner(2, { New: custom({ ServiceToken: { Ref: 'Token' } }) }) } };

  test('clean up when the outermost stack does, not before', async () => {
    const result = await deploy([writeAssembly({ S: outer({}, 'v', 'one') }, first), writeAssembly({ S: outer({ V: 2 }, 'v', 'two') }, second)]);
    expect(requests(result)).toEqual(['Update In made-In', 'Create New', 'Update After made-After', 'Delete Old made-Old']);
    expect(statuses(result)).toMatchObject({ S: 'UPDATE_COMPLETE' });
    expect(Object.values(statuses(result))).toEqual(['UPDATE_COMPLETE', 'UPDATE_COMPLETE']);
  });

  test('that were updated are rolled back when the stack that holds them fails later', async () => {
    const result = await deploy([writeAssembly({ S: outer({}, 'v', 'one') }, first), writeAssembly({ S: outer({ OnUpdate: 'fail' }, 'v', 'two') }, second)]);
    expect(requests(result)).toEqual(['Update In made-In', 'Create New', 'Update After made-After', 'Update After made-After', 'Update In made-In', 'Delete New made-New']);
    expect(received(result)[4].ResourceProperties.V).toBe('1');
    expect(Object.values(statuses(result))).toEqual(['UPDATE_ROLLBACK_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE']);
    expect(result.stacks[1].resources.map((r) => r.logicalId)).toEqual(['In', 'Old']);
  });

  test('that fail to update are rolled back with the stack that holds them', async () => {
    const failing = { nested: { two: inner(2, { New: custom({ ServiceToken: { Ref: 'Token' }, OnCreate: 'fail' }, { DependsOn: 'In' }) }) } };
    const result = await deploy([writeAssembly({ S: outer({}, 'v', 'one') }, first), writeAssembly({ S: outer({}, 'v', 'two') }, failing)]);
    expect(requests(result)).toEqual(['Update In made-In', 'Create New', 'Update In made-In', 'Delete New made-New']);
    expect(result.events.find((e) => e.logicalId === 'N' && e.status === 'UPDATE_FAILED')?.reason).toMatch(/^Embedded stack .* was not successfully updated.*failed to create: \[New\]/);
    expect(Object.values(statuses(result))).toEqual(['UPDATE_ROLLBACK_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE']);
  });

  test('that fail to be created are deleted in the rollback of the stack that holds them', async () => {
    const result = await deploy(writeAssembly({ S: outer() }, { nested: { inner: inner(1, {}, { OnCreate: 'fail' }) } }));
    expect(requests(result)).toEqual(['Create In', 'Delete In made-In']);
    expect(result.events.find((e) => e.logicalId === 'N' && e.status === 'CREATE_FAILED')?.reason).toMatch(/was not successfully created: The following resource\(s\) failed to create: \[In\]/);
    expect(result.state.stacks.map((s) => s.status)).toEqual(['ROLLBACK_COMPLETE']);
  });

  test('a resource inside can be told to fail', async () => {
    const result = await deploy(writeAssembly({ S: outer() }, { nested: { inner: inner(1) } }), { failAt: ['In'] });
    expect(story(result)).toContain('CREATE_FAILED In');
  });

  test('go with the stack that holds them', async () => {
    const assembly = writeAssembly({ S: outer() }, { nested: { inner: inner(1) } });
    const result = await deploy([assembly, assembly], {}, { action: 'destroy' });
    expect(requests(result)).toEqual(['Delete After made-After', 'Delete In made-In']);
    expect(result.state.stacks).toEqual([]);
  });

  test('whose template is not in the assembly, or whose parameters do not fit, fail', async () => {
    const missing = await deploy(writeAssembly({ S: outer({}, 'v', 'elsewhere') }, { nested: { inner: inner(1) } }));
    expect(missing.events.find((e) => e.status === 'CREATE_FAILED')?.reason).toMatch(/DD-ASSEMBLY-008/);
    const other = { ...inner(1), Parameters: { Token: { Type: 'String' }, Another: { Type: 'String' } }, Resources: { In: custom({ ServiceToken: { Ref: 'Token' } }) } };
    const unknown = await deploy(writeAssembly({ S: outer() }, { nested: { inner: other } }));
    expect(unknown.events.find((e) => e.status === 'CREATE_FAILED')?.reason).toBe('Parameters: [Value] do not exist in the template');
  });
});
