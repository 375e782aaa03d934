import { custom, customStack, deploy, received, removeAssemblies, requests, StackSource, story, writeAssembly } from './assembly-builder';
import { RehearsalOptions, RehearsalResult } from '../../src/rehearsal';

afterAll(removeAssemblies);

const assemblyOf = (source: StackSource) => writeAssembly({ S: source });
const reasonOf = (result: RehearsalResult, logicalId: string, status: string) =>
  result.events.find((e) => e.logicalId === logicalId && e.status === status)?.reason;
const resources = (result: RehearsalResult) => Object.fromEntries(result.stacks[0].resources.map((r) => [r.logicalId, r.physicalId]));

describe('a creation that fails', () => {
  test('is taken back, last made first; the failed custom resource gets a Delete with the id that it answered', async () => {
    const result = await deploy(assemblyOf(customStack({
      A: custom(), B: custom({ Value: { Ref: 'A' } }), C: custom({ Value: { Ref: 'B' }, OnCreate: 'fail-new-id', Reason: 'no room' }), D: custom({}, { DependsOn: 'C' }),
    })));
    expect(requests(result)).toEqual(['Create A', 'Create B', 'Create C', 'Delete C made-C-half-made', 'Delete B made-B', 'Delete A made-A']);
    expect(reasonOf(result, 'C', 'CREATE_FAILED')).toMatch(/^Received response status \[FAILED\] from custom resource\. Message returned: no room \(RequestId: [0-9a-f-]{36}\)$/);
    expect(result).toMatchObject({ ok: false, stacks: [{ status: 'ROLLBACK_COMPLETE', reason: 'The following resource(s) failed to create: [C].', resources: [] }] });
    expect(story(result)).not.toContain('CREATE_IN_PROGRESS D');
  });

  test('leaves what has DeletionPolicy Retain, and deletes what has RetainExceptOnCreate', async () => {
    const result = await deploy(assemblyOf(customStack({
      Kept: custom({}, { DeletionPolicy: 'Retain' }), Gone: custom({}, { DeletionPolicy: 'RetainExceptOnCreate' }), Bad: custom({ OnCreate: 'fail' }, { DependsOn: ['Kept', 'Gone'] }),
    })));
    expect(requests(result).filter((r) => r.startsWith('Delete'))).toEqual(['Delete Bad made-Bad', 'Delete Gone made-Gone']);
    expect(story(result)).toContain('DELETE_SKIPPED Kept');
  });

  test('ends in ROLLBACK_FAILED when something cannot be deleted, and what that needs stays', async () => {
    const result = await deploy(assemblyOf(customStack({
      A: custom(), B: custom({ Value: { Ref: 'A' }, OnDelete: 'fail' }), C: custom(), Bad: custom({ OnCreate: 'fail' }, { DependsOn: ['B', 'C'] }),
    })));
    expect(result.stacks[0]).toMatchObject({ status: 'ROLLBACK_FAILED', reason: 'The following resource(s) failed to delete: [B].' });
    expect(requests(result).filter((r) => r.startsWith('Delete'))).toEqual(['Delete Bad made-Bad', 'Delete C made-C', 'Delete B made-B']);
  });

  test('is deleted and made anew by the next deployment, under another stack id', async () => {
    const result = await deploy([assemblyOf(customStack({ A: custom(), B: custom({ OnCreate: 'fail' }) })), assemblyOf(customStack({ A: custom(), B: custom() }))]);
    expect(story(result).slice(0, 3)).toEqual(['DELETE_IN_PROGRESS S', 'DELETE_COMPLETE S', 'CREATE_IN_PROGRESS S']);
    expect(new Set(result.events.map((e) => e.stackId)).size).toBe(2);
    expect(result.stacks).toMatchObject([{ status: 'CREATE_COMPLETE' }]);
  });
});

describe('an update that fails', () => {
  test('brings the others back with old and new properties swapped, the failed one too, and deletes what it had created in the clean-up', async () => {
    const before = assemblyOf(customStack({ A: custom({ Value: '1' }), B: custom({ Value: '1' }), Removed: custom() }));
    const after = assemblyOf(customStack({
      A: custom({ Value: '2' }), New: custom({}, { DependsOn: 'A' }), B: custom({ Value: '2', OnUpdate: 'fail' }, { DependsOn: 'New' }),
    }));
    const result = await deploy([before, after]);
    expect(requests(result)).toEqual(['Update A made-A', 'Create New', 'Update B made-B', 'Update B made-B', 'Update A made-A', 'Delete New made-New']);
    const back = received(result)[4];
    expect(back).toMatchObject({ ResourceProperties: { Value: '1' }, OldResourceProperties: { Value: '2' } });
    expect(back.RequestId).not.toBe(received(result)[0].RequestId);
    expect(story(result)).toEqual([
      'UPDATE_IN_PROGRESS S', 'UPDATE_IN_PROGRESS A', 'UPDATE_COMPLETE A', 'CREATE_IN_PROGRESS New', 'CREATE_COMPLETE New', 'UPDATE_IN_PROGRESS B', 'UPDATE_FAILED B',
      'UPDATE_ROLLBACK_IN_PROGRESS S', 'UPDATE_IN_PROGRESS B', 'UPDATE_COMPLETE B', 'UPDATE_IN_PROGRESS A', 'UPDATE_COMPLETE A',
      'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS S', 'DELETE_IN_PROGRESS New', 'DELETE_COMPLETE New', 'UPDATE_ROLLBACK_COMPLETE S',
    ]);
    expect(result).toMatchObject({ ok: false, stacks: [{ status: 'UPDATE_ROLLBACK_COMPLETE', reason: 'The following resource(s) failed to update: [B].' }] });
    expect(resources(result)).toMatchObject({ A: 'made-A', B: 'made-B', Removed: 'made-Removed' });
  });

  test('names what failed to be created and what failed to be updated', async () => {
    const result = await deploy([assemblyOf(customStack({ A: custom() })), assemblyOf(customStack({ A: custom({ OnUpdate: 'fail' }), B: custom({ OnCreate: 'fail' }) }))], { concurrency: 2 });
    expect(result.stacks[0].reason).toBe('The following resource(s) failed to create: [B]. The following resource(s) failed to update: [A].');
  });

  test('leaves the stack as it was: the next update compares with the old properties, and outputs are the old ones', async () => {
    const stack = (value: string, behaviour: string) => assemblyOf(customStack({ A: custom({ Answer: value }), B: custom({ V: value, OnUpdate: behaviour }, { DependsOn: 'A' }) }, {
      Outputs: { Answer: { Value: { 'Fn::GetAtt': ['A', 'Answer'] } } },
    }));
    const failed = await deploy([stack('1', 'ok'), stack('2', 'fail')]);
    expect(failed.stacks[0].outputs).toEqual({ Answer: '1' });
    const third = await deploy(stack('3', 'ok'), { state: failed.state });
    expect(received(third)[0]).toMatchObject({ ResourceProperties: { Answer: '3' }, OldResourceProperties: { Answer: '1' } });
    expect(third.stacks[0]).toMatchObject({ status: 'UPDATE_COMPLETE', outputs: { Answer: '3' } });
  });

  const replacing = [
    assemblyOfReplacement('a-1', 'ok'),
    assemblyOfReplacement('a-2', 'fail'),
  ];
  function assemblyOfReplacement(id: string, behaviour: string): StackSource {
    return customStack({ A: custom({ PhysicalId: id }), B: custom({ Value: { Ref: 'A' }, OnUpdate: behaviour }) });
  }

  test('takes the old one of a replaced custom resource back as it is, and sends Delete to the new one with the new properties', async () => {
    const result = await deploy(replacing.map(assemblyOf));
    expect(requests(result)).toEqual(['Update A a-1', 'Update B made-B', 'Update B made-B', 'Delete A a-2']);
    expect(received(result)[3].ResourceProperties).toMatchObject({ PhysicalId: 'a-2' });
    expect(resources(result).A).toBe('a-1');
  });

  test('asked so, first sends an Update back to the new id, and deletes what that does not answer', async () => {
    const behaviour: RehearsalOptions['behaviour'] = { replacedInRollback: 'update-then-delete' };
    const result = await deploy(replacing.map(assemblyOf), { behaviour });
    expect(requests(result)).toEqual(['Update A a-1', 'Update B made-B', 'Update B made-B', 'Update A a-2', 'Delete A a-2']);
    expect(received(result)[3]).toMatchObject({ ResourceProperties: { PhysicalId: 'a-1' }, OldResourceProperties: { PhysicalId: 'a-2' } });
    expect(resources(result).A).toBe('a-1');
  });

  test('sends Delete to the id that a failed Update answered, when that is a new one, and no Update to the old', async () => {
    const stack = (value: string) => assemblyOf(customStack({ A: custom({ PhysicalId: 'a', Value: value, OnUpdate: 'fail-new-id' }) }));
    const result = await deploy([stack('1'), stack('2')]);
    expect(requests(result)).toEqual(['Update A a', 'Delete A a-half-made']);
    expect(resources(result).A).toBe('a');
    expect(result.stacks[0].status).toBe('UPDATE_ROLLBACK_COMPLETE');
  });

  test('deletes the resource that nobody needs any more, when the way back leads to a third id', async () => {
    // The id of an update is remembered on the way there, and another one is answered on the way back.
    const stack = (id: string | undefined, behaviour: string) => assemblyOf(customStack({
      A: custom({ ...id === undefined ? {} : { PhysicalId: id }, V: behaviour }), B: custom({ V: behaviour, OnUpdate: behaviour }, { DependsOn: 'A' }),
    }));
    const first = await deploy(stack('a', 'ok'));
    const drifted = { ...first.state, stacks: first.state.stacks.map((s) => ({ ...s, resources: s.resources.map((r) => r.logicalId === 'A' ? { ...r, properties: { ...r.properties, PhysicalId: 'third' } } : r) })) };
    const result = await deploy(stack(undefined, 'fail'), { state: drifted });
    expect(requests(result)).toEqual(['Update A a', 'Update B made-B', 'Update B made-B', 'Update A a', 'Delete A a']);
    expect(resources(result).A).toBe('third');
  });

  test('a resource that could not be resolved is not touched on the way back', async () => {
    const result = await deploy([
      assemblyOf(customStack({ A: custom(), B: custom() })),
      assemblyOf(customStack({ A: custom({ V: '2' }), B: custom({ Value: { 'Fn::GetAtt': ['A', 'Nothing'] } }) })),
    ]);
    expect(requests(result)).toEqual(['Update A made-A', 'Update A made-A']);
    expect(result.stacks[0].resources.find((r) => r.logicalId === 'B')?.status).toBe('CREATE_COMPLETE');
  });

  test('ends in UPDATE_ROLLBACK_FAILED when a resource cannot be brought back; nothing is cleaned up, and no update is taken any more', async () => {
    const before = assemblyOf(customStack({ A: custom({ V: '1', OnUpdate: 'fail' }), B: custom() }));
    const after = assemblyOf(customStack({ A: custom({ V: '2' }), New: custom({}, { DependsOn: 'A' }), B: custom({ OnUpdate: 'fail' }, { DependsOn: 'New' }) }));
    const result = await deploy([before, after]);
    expect(requests(result)).toEqual(['Update A made-A', 'Create New', 'Update B made-B', 'Update B made-B', 'Update A made-A']);
    expect(result.stacks[0]).toMatchObject({ status: 'UPDATE_ROLLBACK_FAILED', reason: 'The following resource(s) failed to update: [A].' });
    const next = await deploy(after, { state: result.state });
    expect(next).toMatchObject({ ok: false, events: [], stacks: [{ reason: expect.stringContaining('is in UPDATE_ROLLBACK_FAILED state and can not be updated.') }] });
  });

  test('a delete that fails in its clean-up does not change the outcome', async () => {
    const result = await deploy([
      assemblyOf(customStack({ B: custom() })),
      assemblyOf(customStack({ New: custom({ OnDelete: 'fail' }), B: custom({ OnUpdate: 'fail' }, { DependsOn: 'New' }) })),
    ]);
    expect(result.stacks[0].status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(result.notices).toEqual([expect.objectContaining({ code: 'DD-REHEARSAL-108', pointer: 'S/New' })]);
  });

  test('asked so, brings resources back in the order in which they were updated', async () => {
    const stack = (v: string, behaviour: string) => assemblyOf(customStack({ A: custom({ V: v }), B: custom({ V: v }, { DependsOn: 'A' }), C: custom({ OnUpdate: behaviour }, { DependsOn: 'B' }) }));
    const result = await deploy([stack('1', 'ok'), stack('2', 'fail')], { behaviour: { rollbackOrder: 'forward' } });
    expect(requests(result).slice(3)).toEqual(['Update A made-A', 'Update B made-B', 'Update C made-C']);
  });

  test('the same template again, after a rollback, is tried again', async () => {
    const failing = assemblyOf(customStack({ A: custom({ V: '2', OnUpdate: 'fail' }) }));
    const result = await deploy([assemblyOf(customStack({ A: custom({ V: '1' }) })), failing, failing]);
    expect(requests(result)).toEqual(['Update A made-A', 'Update A made-A']);
  });
});

describe('failures on request', () => {
  const stack = (v: string) => assemblyOf(customStack({
    A: custom({ V: v }), B: custom({ V: v }, { DependsOn: 'A', Metadata: { 'aws:cdk:path': 'S/My/B/Default' } }),
  }));

  test.each(['B', 'S/My/B', 'S/My/B/Default'])('before: %s is not invoked, and gets no Delete, because nothing was made', async (failAt) => {
    const result = await deploy(stack('1'), { failAt: [failAt] });
    expect(requests(result)).toEqual(['Create A', 'Delete A made-A']);
    expect(reasonOf(result, 'B', 'CREATE_FAILED')).toBe('Rehearsed failure: this resource was told to fail (before create).');
  });

  test('after: the resource has been made, and is deleted again', async () => {
    const result = await deploy(stack('1'), { failAt: [{ target: 'B', when: 'after' }] });
    expect(requests(result)).toEqual(['Create A', 'Create B', 'Delete B made-B', 'Delete A made-A']);
  });

  test('an update that fails before its effect is updated back nevertheless', async () => {
    const result = await deploy([stack('1'), stack('2')], {}, { failAt: ['B'] });
    expect(requests(result)).toEqual(['Update A made-A', 'Update B made-B', 'Update A made-A']);
    expect(received(result)[1]).toMatchObject({ ResourceProperties: { V: '1' }, OldResourceProperties: { V: '2' } });
  });

  test('in the rollback: it ends in UPDATE_ROLLBACK_FAILED', async () => {
    const result = await deploy([stack('1'), stack('2')], {}, { failAt: ['B', { target: 'A', during: 'backward', operation: 'update' }] });
    expect(result.stacks[0].status).toBe('UPDATE_ROLLBACK_FAILED');
  });

  test('in the clean-up: the resource is left behind', async () => {
    const result = await deploy([stack('1'), assemblyOf(customStack({ A: custom({ V: '1' }) }))], {}, { failAt: [{ target: 'B', during: 'backward', operation: 'delete' }] });
    expect(requests(result)).toEqual([]);
    expect(result).toMatchObject({ ok: true, notices: [{ code: 'DD-REHEARSAL-108' }] });
  });

  test('a target that does not exist is an error, not a deployment that goes well', async () => {
    await expect(deploy(stack('1'), { failAt: ['Bee'] })).rejects.toThrow(/DD-REHEARSAL-008 .*No resource has the logical ID or construct path Bee/);
  });
});
