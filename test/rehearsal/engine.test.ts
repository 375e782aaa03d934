import { custom, customStack, deploy, handlerFunction, NO_ECR, received, removeAssemblies, requests, StackSource, story, writeAssembly } from './assembly-builder';
import { isDrydockError } from '../../src/errors';
import { rehearse, RehearsalResult } from '../../src/rehearsal';

afterAll(removeAssemblies);

const assemblyOf = (source: StackSource) => writeAssembly({ S: source });
const physicalIds = (result: RehearsalResult) => Object.fromEntries(result.stacks[0].resources.map((r) => [r.logicalId, r.physicalId]));

describe('creating a stack', () => {
  test('resources are created after those that they refer to by Ref, GetAtt, Sub or DependsOn, whatever the order of the template', async () => {
    const result = await deploy(assemblyOf(customStack({
      ByDependsOn: custom({}, { DependsOn: 'BySub' }),
      BySub: custom({ Text: { 'Fn::Sub': 'a ${ByGetAtt.Answer} b' } }),
      ByGetAtt: custom({ Nested: [{ Value: { 'Fn::GetAtt': ['ByRef', 'Text'] } }] }),
      ByRef: custom({ Value: { Ref: 'First' } }),
      First: custom({ PhysicalId: 'first-id' }),
    })));
    expect(requests(result)).toEqual(['Create First', 'Create ByRef', 'Create ByGetAtt', 'Create BySub', 'Create ByDependsOn']);
    const byName = Object.fromEntries(received(result).map((e) => [e.LogicalResourceId, e.ResourceProperties]));
    expect(byName.ByRef.Value).toBe('first-id');
    expect(byName.ByGetAtt.Nested).toEqual([{ Value: 'grüße' }]);
    expect(byName.BySub.Text).toBe('a 42 b');
    expect(story(result)).toEqual([
      'CREATE_IN_PROGRESS S',
      ...['First', 'ByRef', 'ByGetAtt', 'BySub', 'ByDependsOn'].flatMap((id) => [`CREATE_IN_PROGRESS ${id}`, `CREATE_COMPLETE ${id}`]),
      'CREATE_COMPLETE S',
    ]);
    expect(result).toMatchObject({ ok: true, stacks: [{ stackName: 'S', status: 'CREATE_COMPLETE' }] });
  });

  test('a resource whose condition does not hold is not made, and a DependsOn on it is ignored', async () => {
    const result = await deploy(assemblyOf(customStack(
      { A: custom({}, { Condition: 'Never' }), B: custom({ Value: { 'Fn::If': ['Never', { Ref: 'A' }, { Ref: 'AWS::NoValue' }] } }, { DependsOn: ['A'] }) },
      { Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } }, Outputs: { OfA: { Condition: 'Never', Value: { Ref: 'A' } }, OfB: { Value: { Ref: 'B' } } } },
    )));
    expect(requests(result)).toEqual(['Create B']);
    expect(received(result)[0].ResourceProperties).not.toHaveProperty('Value');
    expect(result.stacks[0].outputs).toEqual({ OfB: 'made-B' });
  });

  test.each<[string, object, RegExp]>([
    ['that go in a circle', { A: { 'Fn::Not': [{ Condition: 'B' }] }, B: { 'Fn::Not': [{ Condition: 'A' }] } }, /Circular dependencies for condition A/],
    ['that cannot be decided', { A: { 'Fn::Equals': [{ 'Fn::FindInMap': ['M', 'x', 'y'] }, '1'] } }, /Unable to get mapping for M::x::y/],
  ])('conditions %s are an error of the template, before anything is done', async (_, Conditions, message) => {
    const source = customStack({ R: custom({}, { Condition: 'A' }) }, { Conditions });
    await expect(deploy(assemblyOf(source))).rejects.toThrow(/^DD-ASSEMBLY-003 at S\/Conditions/);
    await expect(deploy(assemblyOf(source))).rejects.toThrow(message);
  });

  test('an attribute that the handler did not answer fails the resource that asks for it, by name', async () => {
    const result = await deploy(assemblyOf(customStack({ A: custom(), B: custom({ Value: { 'Fn::GetAtt': ['A', 'Nothing'] } }) })));
    expect(result.ok).toBe(false);
    expect(result.events.find((e) => e.logicalId === 'B' && e.status === 'CREATE_FAILED')?.reason).toMatch(/Vendor response doesn't contain Nothing attribute in object arn:.*\|A/);
    expect(result.stacks[0].status).toBe('ROLLBACK_COMPLETE');
  });

  test('dynamic references are filled in with what is known of SSM, and otherwise left and reported', async () => {
    const result = await deploy(
      assemblyOf(customStack({ A: custom({ Known: 'a-{{resolve:ssm:/k:2}}-b', Unknown: ['{{resolve:ssm:/u}}', '{{resolve:secretsmanager:s:SecretString:p}}'] }) })),
      { ssmParameters: { '/k': 'value' } },
    );
    expect(received(result)[0].ResourceProperties).toMatchObject({ Known: 'a-value-b', Unknown: ['{{resolve:ssm:/u}}', '{{resolve:secretsmanager:s:SecretString:p}}'] });
    expect(result.notices.map((n) => [n.code, n.value])).toEqual([
      ['DD-REHEARSAL-105', '{{resolve:ssm:/u}}'], ['DD-REHEARSAL-105', '{{resolve:secretsmanager:s:SecretString:p}}'],
    ]);
  });

  test('events carry the construct path of the resource', async () => {
    const result = await deploy(assemblyOf(customStack({ A: custom({}, { Metadata: { 'aws:cdk:path': 'S/Thing/A/Default' } }) })));
    expect(result.events.filter((e) => e.logicalId === 'A').map((e) => e.constructPath)).toEqual(['S/Thing/A/Default', 'S/Thing/A/Default']);
    expect(result.stacks[0].resources.find((r) => r.logicalId === 'A')?.constructPath).toBe('S/Thing/A/Default');
  });

  test('events are told as they happen', async () => {
    const told: string[] = [];
    const result = await deploy(assemblyOf(customStack({ A: custom() })), {
      onEvent: (e) => told.push(`${e.status} ${e.logicalId}`),
      onHandlerLog: (_, log) => told.push(`log ${log.logicalId}`),
    });
    expect(told.filter((t) => !t.endsWith('Handler'))).toEqual(['CREATE_IN_PROGRESS S', 'CREATE_IN_PROGRESS A', 'log A', 'CREATE_COMPLETE A', 'CREATE_COMPLETE S']);
    expect(result.handlerLogs).toHaveLength(1);
  });

  test('with a seed, ids and generated names are the same in every run; without, they differ', async () => {
    const assembly = assemblyOf(customStack({ A: custom() }));
    const [one, two, three] = [await deploy(assembly, { seed: 'x' }), await deploy(assembly, { seed: 'x' }), await deploy(assembly)];
    expect(physicalIds(one)).toEqual(physicalIds(two));
    expect(one.events.map((e) => e.stackId)).toEqual(two.events.map((e) => e.stackId));
    expect(physicalIds(one)).not.toEqual(physicalIds(three));
  });

  test('several at a time: nothing begins before what it depends on', async () => {
    const result = await deploy(assemblyOf(customStack({
      A: custom(), B: custom(), C: custom({ Value: { 'Fn::GetAtt': ['A', 'Id'] } }), D: custom({}, { DependsOn: ['B', 'C'] }),
    })), { concurrency: 3 });
    const order = story(result);
    for (const [first, then] of [['A', 'C'], ['B', 'D'], ['C', 'D']]) {
      expect(order.indexOf(`CREATE_COMPLETE ${first}`)).toBeLessThan(order.indexOf(`CREATE_IN_PROGRESS ${then}`));
    }
    expect(order.indexOf('CREATE_IN_PROGRESS B')).toBeLessThan(order.indexOf('CREATE_COMPLETE A'));
    expect(result.ok).toBe(true);
  });
});

describe('updating a stack', () => {
  test('only resources whose resolved properties have changed are updated, and what depends on their new attributes', async () => {
    const stack = (answer: string) => assemblyOf(customStack({
      A: custom({ Answer: answer }), B: custom({ Value: { 'Fn::GetAtt': ['A', 'Answer'] } }), C: custom({ Value: { 'Fn::GetAtt': ['A', 'Text'] } }),
    }));
    const result = await deploy([stack('one'), stack('two')]);
    expect(requests(result)).toEqual(['Update A made-A', 'Update B made-B']);
    expect(received(result)[1]).toMatchObject({ ResourceProperties: { Value: 'two' }, OldResourceProperties: { Value: 'one' } });
    expect(story(result)).toEqual([
      'UPDATE_IN_PROGRESS S', 'UPDATE_IN_PROGRESS A', 'UPDATE_COMPLETE A', 'UPDATE_IN_PROGRESS B', 'UPDATE_COMPLETE B',
      'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS S', 'UPDATE_COMPLETE S',
    ]);
  });

  test('the same template with the same parameters is no update', async () => {
    const assembly = assemblyOf(customStack({ A: custom() }));
    const result = await deploy([assembly, assembly]);
    expect(result).toMatchObject({ ok: true, events: [], stacks: [{ status: 'CREATE_COMPLETE' }] });
  });

  test('numbers and booleans that became strings are no change to a custom resource', async () => {
    const result = await deploy([assemblyOf(customStack({ A: custom({ Value: [1, true] }) })), assemblyOf(customStack({ A: custom({ Value: ['1', 'true'] }), B: custom() }))]);
    expect(requests(result)).toEqual(['Create B']);
  });

  test('a parameter that changes updates what uses it', async () => {
    const assembly = assemblyOf(customStack({ A: custom({ Value: { Ref: 'P' } }), B: custom() }, { Parameters: { P: { Type: 'String', Default: 'one' } } }));
    const result = await deploy([assembly, assembly], {}, { parameters: { P: 'two' } });
    expect(requests(result)).toEqual(['Update A made-A']);
    expect(received(result)[0].OldResourceProperties?.Value).toBe('one');
  });

  test('what the new template has no more is deleted after all updates, in reverse order of the old dependencies, with its old properties', async () => {
    const result = await deploy([
      assemblyOf(customStack({ A: custom({ Value: 'old' }), B: custom({ Value: { Ref: 'A' } }), C: custom({}, { DependsOn: 'B' }), Kept: custom({ Value: '1' }) })),
      assemblyOf(customStack({ Kept: custom({ Value: '2' }), New: custom() })),
    ]);
    expect(requests(result)).toEqual(['Update Kept made-Kept', 'Create New', 'Delete C made-C', 'Delete B made-B', 'Delete A made-A']);
    expect(received(result).at(-1)?.ResourceProperties).toMatchObject({ Value: 'old' });
    expect(story(result).slice(-8)).toEqual([
      'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS S',
      ...['C', 'B', 'A'].flatMap((id) => [`DELETE_IN_PROGRESS ${id}`, `DELETE_COMPLETE ${id}`]),
      'UPDATE_COMPLETE S',
    ]);
    expect(physicalIds(result)).toMatchObject({ Kept: 'made-Kept', New: 'made-New' });
    expect(physicalIds(result)).not.toHaveProperty('A');
  });

  test.each(['Retain', 'RetainExceptOnCreate'])('a removed resource with DeletionPolicy %s is left alone', async (policy) => {
    const before = assemblyOf(customStack({ A: custom({}, { DeletionPolicy: policy }), B: custom() }));
    const result = await deploy([before, assemblyOf(customStack({ B: custom() }))]);
    expect(requests(result)).toEqual([]);
    expect(story(result)).toContain('DELETE_SKIPPED A');
    expect(physicalIds(result)).not.toHaveProperty('A');
  });

  test('another physical id is a replacement: dependants are updated, then the old one is deleted with its old properties', async () => {
    const stack = (id: string) => assemblyOf(customStack({ A: custom({ PhysicalId: id }), B: custom({ Value: { Ref: 'A' } }) }));
    const result = await deploy([stack('a-1'), stack('a-2')]);
    expect(requests(result)).toEqual(['Update A a-1', 'Update B made-B', 'Delete A a-1']);
    expect(received(result)[2].ResourceProperties).toMatchObject({ PhysicalId: 'a-1' });
    expect(physicalIds(result).A).toBe('a-2');
    expect(result.events.find((e) => e.logicalId === 'A' && e.reason !== undefined)).toMatchObject({
      status: 'UPDATE_IN_PROGRESS', physicalId: 'a-2', reason: 'Requested update required the provider to create a new physical resource',
    });
  });

  test('UpdateReplacePolicy Retain keeps the old one of a replacement; DeletionPolicy does not', async () => {
    const stack = (id: string, policies: object) => assemblyOf(customStack({ A: custom({ PhysicalId: id }, policies as never) }));
    const kept = await deploy([stack('a-1', { UpdateReplacePolicy: 'Retain' }), stack('a-2', { UpdateReplacePolicy: 'Retain' })]);
    expect(requests(kept)).toEqual(['Update A a-1']);
    expect(story(kept)).toContain('DELETE_SKIPPED A');
    const gone = await deploy([stack('a-1', { DeletionPolicy: 'Retain' }), stack('a-2', { DeletionPolicy: 'Retain' })]);
    expect(requests(gone)).toEqual(['Update A a-1', 'Delete A a-1']);
  });

  test('a delete that fails in the clean-up is reported, does not fail the stack, and the resource is forgotten', async () => {
    const result = await deploy([assemblyOf(customStack({ A: custom({ OnDelete: 'fail' }), B: custom() })), assemblyOf(customStack({ B: custom() }))]);
    expect(result).toMatchObject({ ok: true, stacks: [{ status: 'UPDATE_COMPLETE' }] });
    expect(story(result)).toContain('DELETE_FAILED A');
    expect(result.notices).toEqual([expect.objectContaining({ code: 'DD-REHEARSAL-108', pointer: 'S/A' })]);
    expect(physicalIds(result)).not.toHaveProperty('A');
  });

  test('another type under the same logical ID is refused before anything is done', async () => {
    const state = (await deploy(assemblyOf(customStack({ A: custom() })))).state;
    const next = assemblyOf(customStack({ A: { Type: 'AWS::SNS::Topic' } }));
    await expect(rehearse({ assembly: next, ecrEndpoint: NO_ECR, state })).rejects.toThrow(/DD-REHEARSAL-009 .*resource type of the following resources: \[A\]/);
  });

  test('the service token of a custom resource cannot be changed', async () => {
    const two = { Handler: handlerFunction(), Other: handlerFunction() };
    const using = (name: string) => assemblyOf({ template: { Resources: { ...two, A: custom({ ServiceToken: { 'Fn::GetAtt': [name, 'Arn'] } }) } } });
    const result = await deploy([using('Handler'), using('Other')]);
    expect(result.events.find((e) => e.status === 'UPDATE_FAILED')?.reason).toBe('Modifying service token is not allowed.');
    expect(result.stacks[0].status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(requests(result)).toEqual([]);
  });

  test('a change of dependencies alone is not an update, but counts for the next deletion', async () => {
    const result = await deploy([
      assemblyOf(customStack({ A: custom(), B: custom() })),
      assemblyOf(customStack({ A: custom({}, { DependsOn: 'B' }), B: custom() })),
      assemblyOf({ template: { Resources: { Handler: handlerFunction() } } }),
    ]);
    expect(requests(result)).toEqual(['Delete A made-A', 'Delete B made-B']);
  });

  test('state survives being stored as JSON', async () => {
    const stack = (value: string) => assemblyOf(customStack({ A: custom({ Value: value }) }));
    const first = await deploy(stack('1'));
    const second = await deploy(stack('2'), { state: JSON.parse(JSON.stringify(first.state)) });
    expect(requests(second)).toEqual(['Update A made-A']);
  });

  test('a state of another form is refused', async () => {
    const error = await deploy(assemblyOf(customStack({ A: custom() })), { state: { version: 2 } as never }).catch((e: unknown) => e);
    expect(isDrydockError(error) && error.code).toBe('DD-REHEARSAL-011');
  });
});

describe('destroying a stack', () => {
  test('everything goes in reverse order, except what is to be retained', async () => {
    const assembly = assemblyOf(customStack({ A: custom(), B: custom({ Value: { Ref: 'A' } }), R: custom({}, { DeletionPolicy: 'Retain' }), E: custom({}, { DeletionPolicy: 'RetainExceptOnCreate' }) }));
    const result = await deploy([assembly, assembly], {}, { action: 'destroy' });
    expect(requests(result)).toEqual(['Delete B made-B', 'Delete A made-A']);
    expect(story(result).filter((e) => e.startsWith('DELETE_SKIPPED')).sort()).toEqual(['DELETE_SKIPPED E', 'DELETE_SKIPPED R']);
    expect(result).toMatchObject({ ok: true, stacks: [{ status: 'DELETE_COMPLETE', resources: [] }], state: { stacks: [] } });
  });

  test('what cannot be deleted, and what it needs, stays; the rest goes; a second attempt goes on', async () => {
    const stack = (behaviour: string) => assemblyOf(customStack({ A: custom(), B: custom({ Value: { Ref: 'A' }, OnDelete: behaviour }), C: custom() }));
    const failing = stack('fail');
    const first = await deploy([failing, failing], {}, { action: 'destroy' });
    expect(first).toMatchObject({ ok: false, stacks: [{ status: 'DELETE_FAILED', reason: 'The following resource(s) failed to delete: [B].' }] });
    expect(requests(first)).toEqual(['Delete C made-C', 'Delete B made-B']);
    const again = await deploy(failing, { state: first.state, action: 'destroy' });
    expect(requests(again)).toEqual(['Delete B made-B']);
  });

  test('a stack that does not exist is nothing to destroy', async () => {
    const result = await deploy(assemblyOf(customStack({ A: custom() })), { action: 'destroy' });
    expect(result).toMatchObject({ ok: true, stacks: [], events: [] });
  });
});
