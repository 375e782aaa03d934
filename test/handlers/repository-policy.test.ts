import { failing, seedOf, throttled, World, WorldOptions } from './support';
import { Intercept } from '../../src/emulator';
import { REPOSITORY_POLICY_TYPE } from '../../src/resources';

const NAME = 'shop/web';
const ID = `drydock:repository-policy:-:${NAME}:Resource`;
const PULL = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];

const statement = (Sid: string, account = '111122223333', more: Record<string, unknown> = {}) => ({
  Sid, Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: PULL, ...more,
});
const lambda = {
  Sid: 'LambdaECRImageRetrievalPolicy',
  Effect: 'Allow',
  Principal: { Service: 'lambda.amazonaws.com' },
  Action: PULL,
  Condition: { StringLike: { 'aws:sourceArn': 'arn:aws:lambda:us-east-1:123456789012:function:*' } },
};
const nameless = { Effect: 'Allow', Principal: '*', Action: 'ecr:DescribeImages', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } };
const properties = (...statements: Record<string, unknown>[]) => ({ RepositoryName: NAME, Statements: statements, AllowLockOut: false });
const policyOf = (...statements: Record<string, unknown>[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });

const start = (options: WorldOptions = {}, foreign: Record<string, unknown>[] = []) => World.start({
  seed: seedOf(NAME, 0, foreign.length === 0 ? {} : { repositoryPolicyText: policyOf(...foreign) }), ...options,
});
const create = (world: World, ...statements: Record<string, unknown>[]) => world.create(REPOSITORY_POLICY_TYPE, properties(...statements));
const sids = (world: World) => world.statements(NAME).map(({ Sid }) => Sid);

/** Somebody else adds a statement, as careful as most: not at all. */
async function foreignAdd(world: World, added: Record<string, unknown>): Promise<void> {
  await world.foreign('SetRepositoryPolicy', { repositoryName: NAME, policyText: policyOf(...world.statements(NAME), added) });
}

describe('Create', () => {
  test('puts the statements into the policy and gives the registry', async () => {
    const world = await start();
    const answer = await create(world, statement('Ours'));
    expect(answer).toMatchObject({ status: 'SUCCESS', physicalId: ID, data: { RepositoryName: NAME, RegistryId: '123456789012' } });
    expect(sids(world)).toEqual(['Ours']);
  });

  test('keeps every statement of others as it means', async () => {
    const world = await start({}, [lambda, nameless]);
    const before = world.statements(NAME);
    await create(world, statement('Ours'));
    expect(world.statements(NAME)).toEqual([...before, expect.objectContaining({ Sid: 'Ours' })]);
  });

  test('sends nothing when they are there, however ECR writes them', async () => {
    const world = await start({}, [statement('Ours', '111122223333', { Principal: { AWS: ['111122223333'] }, Action: [...PULL].reverse() })]);
    expect((await create(world, statement('Ours'))).status).toBe('SUCCESS');
    expect(world.callsOf('SetRepositoryPolicy')).toEqual([]);
  });

  test('does not touch a statement of somebody else with the same Sid; the rollback does not either', async () => {
    const world = await start({}, [statement('Ours', '999999999999')]);
    const before = world.repository(NAME);
    const answer = await create(world, statement('Ours'), statement('More'));
    expect(answer).toMatchObject({ status: 'FAILED', physicalId: 'drydock:create-failed:request-1' });
    expect(answer.reason).toContain('DD-ACCESS-015');
    expect(world.repository(NAME)).toEqual(before);
    world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
    await world.delete(REPOSITORY_POLICY_TYPE, properties(statement('Ours'), statement('More')), { physicalId: answer.physicalId });
    expect(world.repository(NAME)).toEqual(before);
  });

  test('that is delivered once more when it has failed and the stack rolls back sets nothing', async () => {
    const world = await start();
    const before = world.repository(NAME);
    world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
    const answer = await create(world, statement('Ours'));
    expect(answer).toMatchObject({ status: 'FAILED', physicalId: 'drydock:create-failed:request-1', reason: expect.stringContaining('DD-HANDLER-304') });
    expect(world.repository(NAME)).toEqual(before);
    expect(world.callsOf('SetRepositoryPolicy')).toEqual([]);
  });

  test('tells every problem of the statements at once', async () => {
    const world = await start();
    const answer = await create(world, { Effect: 'Allow', Principal: '*', Action: 's3:GetObject' }, { Sid: 'A', Effect: 'Deny', Action: 'ecr:*' });
    for (const part of ['DD-HANDLER-002 at Statements/0/Sid', 'DD-ACCESS-006 at Statements/0/Action', 'DD-ACCESS-003 at Statements/1']) {
      expect(answer.reason).toContain(part);
    }
    expect(world.calls).toEqual([]);
  });

  test('refuses a statement that locks the owner out; allowed, it sends force', async () => {
    const world = await start();
    const deny = { Sid: 'Nobody', Effect: 'Deny', Principal: '*', Action: 'ecr:SetRepositoryPolicy' };
    expect((await create(world, deny)).reason).toContain('DD-ACCESS-013');
    expect((await world.create(REPOSITORY_POLICY_TYPE, { ...properties(deny), AllowLockOut: true })).status).toBe('SUCCESS');
    expect(world.callsOf('SetRepositoryPolicy').map(({ force }) => force)).toEqual([true]);
  });

  test('on a repository that does not exist says so', async () => {
    const world = await World.start();
    expect((await create(world, statement('Ours'))).reason).toContain('DD-HANDLER-101');
  });

  test('fails when the policy would be too long, and changes nothing', async () => {
    const many = Array.from({ length: 30 }, (_, index) => statement(`Foreign${index}`, String(100000000000 + index)));
    const world = await start({}, many);
    const before = world.repository(NAME);
    const answer = await create(world, ...Array.from({ length: 30 }, (_, index) => statement(`Ours${index}`, String(200000000000 + index))));
    expect(answer.reason).toContain('DD-ACCESS-012');
    expect(world.repository(NAME)).toEqual(before);
  });

  test('that fails after it has set the policy takes its statements out again', async () => {
    const world = await start({}, [lambda]);
    const before = world.statements(NAME);
    let armed = true;
    world.faults.push(({ operation, phase }) => armed && operation === 'GetRepositoryPolicy' && phase === 'before' && world.callsOf('SetRepositoryPolicy').length > 0
      ? (armed = false, { error: { type: 'InvalidParameterException', message: 'odd' } })
      : undefined);
    expect(await create(world, statement('Ours'))).toMatchObject({ status: 'FAILED', physicalId: 'drydock:create-failed:request-1' });
    expect(world.statements(NAME)).toEqual(before);
  });

  test('that fails, and cannot take its statements out again, says what failed first', async () => {
    const world = await start({}, [lambda]);
    let reads = 0;
    world.faults.push(({ operation, phase }) => {
      if (operation !== 'GetRepositoryPolicy' || phase !== 'before' || world.callsOf('SetRepositoryPolicy').length === 0) {
        return undefined;
      }
      reads += 1;
      return { error: { type: 'AccessDeniedException', message: reads === 1 ? 'the first reason' : 'another reason', statusCode: 400 } };
    });
    const { status, reason, physicalId } = await create(world, statement('Ours'));
    expect({ status, physicalId }).toEqual({ status: 'FAILED', physicalId: ID });
    expect(reason).toContain('the first reason');
    expect(reason).not.toContain('another reason');
    expect(world.logs).toContainEqual(expect.objectContaining({ level: 'error', reason: expect.stringContaining('another reason') }));
  });
});

test('a statement that its own Delete took out is not put back by the creation that a rollback has overtaken', async () => {
  const world = await start();
  world.cloudFormation.status = 'CREATE_IN_PROGRESS';
  let isFirst = true;
  world.faults.push(({ operation, phase }) => {
    if (operation === 'SetRepositoryPolicy' && phase === 'after' && isFirst) {
      isFirst = false;
      world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
      // What the Delete does, in another invocation.
      void world.foreign('DeleteRepositoryPolicy', { repositoryName: NAME });
    }
  });
  expect((await create(world, statement('Ours'))).reason).toMatch(/DD-HANDLER-304/);
  expect(sids(world)).toEqual([]);
});

describe('a principal that IAM does not know yet', () => {
  const role = (Sid: string) => statement(Sid, '123456789012', { Principal: { AWS: 'arn:aws:iam::123456789012:role/fresh' } });

  test('is waited for', async () => {
    let unknown = 4;
    const world = await start({ unknownPrincipals: () => unknown-- > 0, timing: { principalWindowMillis: 10_000 } });
    expect((await create(world, role('Ours'))).status).toBe('SUCCESS');
    expect(world.callsOf('SetRepositoryPolicy').length).toBeGreaterThan(2);
  });

  test('is not waited for once the stack rolls back: the Delete of the creation may have come and gone', async () => {
    let unknown = 2;
    const world: World = await start({
      unknownPrincipals: () => {
        world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
        return unknown-- > 0;
      },
      timing: { principalWindowMillis: 10_000 },
    });
    world.cloudFormation.status = 'CREATE_IN_PROGRESS';
    const answer = await create(world, role('Ours'));
    expect(answer).toMatchObject({ status: 'FAILED', physicalId: expect.stringMatching(/^drydock:create-failed:/) });
    expect(answer.reason).toMatch(/DD-HANDLER-304/);
    expect(sids(world)).toEqual([]);
  });

  test('keeps us waiting only so long, and the reason says which call refused it and why', async () => {
    const world = await start({ unknownPrincipals: ['arn:aws:iam::123456789012:role/fresh'] });
    const answer = await create(world, role('Ours'));
    expect(answer.reason).toContain('DD-HANDLER-201');
    expect(answer.reason).toContain('Principal not found');
    expect(sids(world)).toEqual([]);
  });

  test('does not keep a statement from being told at once that names no role or user', async () => {
    const world = await start();
    world.faults.push(failing('SetRepositoryPolicy', 99, { error: { type: 'InvalidParameterException', message: 'Invalid repository policy provided' } }));
    expect((await create(world, statement('Ours'))).reason).toContain('DD-HANDLER-008 at ecr:SetRepositoryPolicy');
    expect(world.callsOf('SetRepositoryPolicy')).toHaveLength(1);
  });

  test('that belongs to a statement of somebody else and no longer exists is named', async () => {
    const world = await start({}, [lambda]);
    world.faults.push(({ operation, phase, output }) => operation === 'GetRepositoryPolicy' && phase === 'after' && output
      ? { output: { ...output, policyText: policyOf(statement('Theirs', '1', { Principal: { AWS: 'AROAEXAMPLEEXAMPLE12' } })) } }
      : undefined);
    const answer = await create(world, statement('Ours'));
    expect(answer.reason).toContain('DD-ACCESS-016');
    expect(answer.reason).toContain('Theirs');
    expect(world.callsOf('SetRepositoryPolicy')).toEqual([]);
  });
});

describe('writers of one policy at the same time', () => {
  /** A busy machine must not make the pause shorter than the window that it covers. */
  const UNHURRIED = { timing: { settleMillis: 250, settleJitterMillis: 60, staleAfterMillis: 60 }, remainingMillis: 200_000 };

  test('two keep both their statements, even where each has read before the other set', async () => {
    const world = await start(UNHURRIED, [lambda]);
    let waiting: (() => void) | undefined;
    let reads = 0;
    // Both read, then both set.
    world.faults.push(async ({ operation, phase }) => {
      if (operation === 'GetRepositoryPolicy' && phase === 'after' && ++reads <= 2) {
        await new Promise<void>((resolve) => {
          if (waiting) {
            waiting();
            resolve();
          } else {
            waiting = resolve;
          }
        });
      }
    });
    const answers = await Promise.all(['A', 'B'].map((sid) => world.deliver(
      world.event('Create', REPOSITORY_POLICY_TYPE, properties(statement(sid)), { logicalId: sid, stackId: `arn:aws:cloudformation:us-east-1:123456789012:stack/${sid}/1` }),
      world.newHandler(),
    )));
    expect(answers.map(({ status }) => status)).toEqual(['SUCCESS', 'SUCCESS']);
    expect(world.callsOf('SetRepositoryPolicy').length).toBeGreaterThan(2);
    expect(sids(world).sort()).toEqual(['A', 'B', 'LambdaECRImageRetrievalPolicy']);
  });

  test('ten keep all their statements, with slow calls', async () => {
    const world = await start({ ...UNHURRIED, latencyMs: 3 }, [lambda]);
    const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => world.deliver(
      world.event('Create', REPOSITORY_POLICY_TYPE, properties(statement(`S${index}`, String(100000000000 + index))), { logicalId: `L${index}` }),
      world.newHandler(),
    )));
    expect(answers.map(({ status, reason }) => [status, reason])).toEqual(Array(10).fill(['SUCCESS', '']));
    expect(sids(world).sort()).toEqual(['LambdaECRImageRetrievalPolicy', ...Array.from({ length: 10 }, (_, index) => `S${index}`)]);
  });

  test('of whom one removes and the other adds end with what both meant', async () => {
    const world = await start(UNHURRIED, [lambda]);
    const { physicalId } = await create(world, statement('Old'));
    const event = world.event('Create', REPOSITORY_POLICY_TYPE, properties(statement('New')), { logicalId: 'New' });
    await Promise.all([
      world.delete(REPOSITORY_POLICY_TYPE, properties(statement('Old')), { physicalId }),
      world.deliver(event, world.newHandler()),
    ]);
    expect(sids(world).sort()).toEqual(['LambdaECRImageRetrievalPolicy', 'New']);
  });

  /** Delays the calls of an operation by its number, from 1, before they take effect. */
  const delayed = (operation: string, millis: Record<number, number>): Intercept => async ({ operation: called, phase, number }) => {
    if (called === operation && phase === 'before' && millis[number] !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, millis[number]));
    }
  };

  /** The first two reads are answered together. */
  function readTogether(): Intercept {
    let waiting: (() => void) | undefined;
    let reads = 0;
    return async ({ operation, phase }) => {
      if (operation === 'GetRepositoryPolicy' && phase === 'after' && ++reads <= 2) {
        await new Promise<void>((resolve) => {
          if (waiting) {
            waiting();
            resolve();
          } else {
            waiting = resolve;
          }
        });
      }
    };
  }

  const both = (world: World) => Promise.all(['A', 'B'].map((sid) => world.deliver(
    world.event('Create', REPOSITORY_POLICY_TYPE, properties(statement(sid)), { logicalId: sid, stackId: `arn:aws:cloudformation:us-east-1:123456789012:stack/${sid}/1` }),
    world.newHandler(),
  )));

  test('of whom one is slow to set lose nothing where the calls of the other are slow as well: it looks again the later', async () => {
    const world = await start({ timing: { settleMillis: 200, settleJitterMillis: 20, staleAfterMillis: 100 }, remainingMillis: 200_000 }, [lambda]);
    world.faults.push(readTogether(), delayed('SetRepositoryPolicy', { 1: 300, 2: 900 }));
    expect((await both(world)).map(({ status }) => status)).toEqual(['SUCCESS', 'SUCCESS']);
    expect(sids(world).sort()).toEqual(['A', 'B', 'LambdaECRImageRetrievalPolicy']);
  });

  test('of whom one is slow to set lose nothing where the other sees that somebody else is at work: it looks again', async () => {
    const world = await start({ timing: { settleMillis: 300, settleJitterMillis: 20, staleAfterMillis: 100 }, remainingMillis: 200_000 }, [lambda]);
    // Read by both; set by one; then a third adds a statement, the one looks and finds its own; only then the other sets what it made of the first read.
    world.faults.push(readTogether(), delayed('SetRepositoryPolicy', { 2: 450 }), async ({ operation, phase, number }) => {
      if (operation === 'SetRepositoryPolicy' && phase === 'after' && number === 1) {
        setTimeout(() => void foreignAdd(world, statement('Third', '444455556666')), 50);
      }
    });
    expect((await both(world)).map(({ status }) => status)).toEqual(['SUCCESS', 'SUCCESS']);
    expect(sids(world)).toEqual(expect.arrayContaining(['A', 'B', 'LambdaECRImageRetrievalPolicy']));
  });

  test('a policy that was read a while ago is read again before it is set', async () => {
    const world = await start({}, [lambda]);
    world.cloudFormation.status = 'UPDATE_IN_PROGRESS';
    const old = properties(statement('Gone'));
    await foreignAdd(world, statement('Gone', '444455556666'));
    // Asking CloudFormation takes longer than a read may be old; meanwhile somebody else writes.
    world.cloudFormation.meanwhile = async () => {
      await foreignAdd(world, statement('Meanwhile'));
      await new Promise((resolve) => setTimeout(resolve, 80));
    };
    const answer = await world.update(REPOSITORY_POLICY_TYPE, properties(statement('Ours')), { physicalId: ID, old });
    expect(answer.status).toBe('SUCCESS');
    expect(sids(world).sort()).toEqual(['LambdaECRImageRetrievalPolicy', 'Meanwhile', 'Ours']);
  });

  test('an attempt that failed is not sent again with what was merged before', async () => {
    const world = await start({}, [lambda]);
    let once = true;
    world.faults.push(async ({ operation, phase }) => {
      if (operation === 'SetRepositoryPolicy' && phase === 'before' && once) {
        once = false;
        await foreignAdd(world, statement('Meanwhile'));
        return throttled();
      }
      return undefined;
    });
    expect((await create(world, statement('Ours'))).status).toBe('SUCCESS');
    expect(sids(world).sort()).toEqual(['LambdaECRImageRetrievalPolicy', 'Meanwhile', 'Ours']);
  });

  test('an attempt whose answer was lost counts', async () => {
    const world = await start();
    world.faults.push(failing('SetRepositoryPolicy', 1, { disconnect: true }, 'after'));
    expect((await create(world, statement('Ours'))).status).toBe('SUCCESS');
    expect(world.callsOf('SetRepositoryPolicy')).toHaveLength(1);
  });
});

describe('Update', () => {
  const created = async (...statements: Record<string, unknown>[]) => {
    const world = await start({}, [lambda]);
    await create(world, ...statements);
    world.cloudFormation.status = 'UPDATE_IN_PROGRESS';
    return world;
  };
  const update = (world: World, from: Record<string, unknown>[], to: Record<string, unknown>[]) =>
    world.update(REPOSITORY_POLICY_TYPE, properties(...to), { physicalId: ID, old: properties(...from) });

  test('adds, changes and removes ours', async () => {
    const world = await created(statement('A'), statement('B'));
    const answer = await update(world, [statement('A'), statement('B')], [statement('B', '444455556666'), statement('C')]);
    expect(answer).toMatchObject({ status: 'SUCCESS', physicalId: ID });
    expect(sids(world)).toEqual(['LambdaECRImageRetrievalPolicy', 'B', 'C']);
    expect(JSON.stringify(world.statements(NAME)[1])).toContain('444455556666');
  });

  test('puts back a statement of ours that somebody has changed or removed', async () => {
    const world = await created(statement('A'), statement('B'));
    await world.foreign('SetRepositoryPolicy', { repositoryName: NAME, policyText: policyOf(lambda, statement('A', '999999999999')) });
    await update(world, [statement('A'), statement('B')], [statement('A'), statement('B')]);
    expect(sids(world).sort()).toEqual(['A', 'B', 'LambdaECRImageRetrievalPolicy']);
    expect(JSON.stringify(world.statements(NAME))).not.toContain('999999999999');
  });

  test.each(['UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS'])('removes a statement of ours whose role has been deleted since (%s)', async (status) => {
    const gone = 'arn:aws:iam::123456789012:role/gone';
    let deleted = false;
    const world = await start({ unknownPrincipals: (principal) => deleted && principal === gone }, [lambda]);
    const ours = statement('A', '123456789012', { Principal: { AWS: [gone, 'arn:aws:iam::123456789012:role/stays'] } });
    await create(world, ours, statement('B'));
    deleted = true;
    expect(JSON.stringify(await world.foreign('GetRepositoryPolicy', { repositoryName: NAME }))).toContain('AROA');
    world.cloudFormation.status = status;
    expect((await update(world, [ours, statement('B')], [statement('B')])).status).toBe('SUCCESS');
    expect(sids(world)).toEqual(['LambdaECRImageRetrievalPolicy', 'B']);
  });

  test('that failed because a Sid was taken rolls back without touching the statement that has it', async () => {
    const world = await created(statement('A'));
    await foreignAdd(world, statement('Taken', '999999999999'));
    const before = world.statements(NAME);
    const wanted = [statement('A'), statement('Taken')];
    expect((await update(world, [statement('A')], wanted)).reason).toContain('DD-ACCESS-015');
    world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    expect((await update(world, wanted, [statement('A')])).status).toBe('SUCCESS');
    expect(world.statements(NAME)).toEqual(before);
  });

  test('in a rollback leaves whoever has taken the Sid of a statement that was to come back', async () => {
    const world = await created(statement('A'));
    await update(world, [statement('A')], [statement('B')]);
    await foreignAdd(world, statement('A', '999999999999'));
    world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    expect((await update(world, [statement('B')], [statement('A')])).status).toBe('SUCCESS');
    expect(sids(world)).toEqual(['LambdaECRImageRetrievalPolicy', 'A']);
    expect(JSON.stringify(world.statements(NAME))).toContain('999999999999');
  });

  test('rolled back is the inverse', async () => {
    const world = await created(statement('A'), statement('B'));
    const before = world.statements(NAME);
    await update(world, [statement('A'), statement('B')], [statement('B', '444455556666'), statement('C')]);
    world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    await update(world, [statement('B', '444455556666'), statement('C')], [statement('A'), statement('B')]);
    const bySid = (list: Record<string, any>[]) => [...list].sort((a, b) => a.Sid < b.Sid ? -1 : 1);
    expect(bySid(world.statements(NAME))).toEqual(bySid(before));
  });

  test('to another repository leaves the old place to the Delete that follows, which leaves the new one', async () => {
    const world = await World.start({ seed: { repositories: [{ repositoryName: NAME }, { repositoryName: 'shop/api' }], imageDetails: [] } });
    await create(world, statement('A'));
    const moved = { ...properties(statement('A')), RepositoryName: 'shop/api' };
    const answer = await world.update(REPOSITORY_POLICY_TYPE, moved, { physicalId: ID, old: properties(statement('A')) });
    expect(answer).toMatchObject({ status: 'SUCCESS', physicalId: 'drydock:repository-policy:-:shop/api:Resource' });
    world.cloudFormation.status = 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';
    await world.delete(REPOSITORY_POLICY_TYPE, properties(statement('A')), { physicalId: ID });
    expect([world.statements(NAME), world.statements('shop/api').map(({ Sid }) => Sid)]).toEqual([[], ['A']]);
  });

  test('to a repository where somebody else has the Sid fails with the old id, and both stay', async () => {
    const world = await World.start({
      seed: {
        repositories: [{ repositoryName: NAME }, { repositoryName: 'shop/api', repositoryPolicyText: policyOf(statement('A', '999999999999')) }], imageDetails: [],
      },
    });
    await create(world, statement('A'));
    const answer = await world.update(REPOSITORY_POLICY_TYPE, { ...properties(statement('A')), RepositoryName: 'shop/api' }, { physicalId: ID, old: properties(statement('A')) });
    expect(answer).toMatchObject({ status: 'FAILED', physicalId: ID });
    expect(JSON.stringify(world.statements('shop/api'))).toContain('999999999999');
  });
});

describe('Delete', () => {
  test('removes ours and leaves the others', async () => {
    const world = await start({}, [lambda, nameless]);
    const before = world.statements(NAME);
    const { physicalId } = await create(world, statement('A'), statement('B'));
    expect((await world.delete(REPOSITORY_POLICY_TYPE, properties(statement('A'), statement('B')), { physicalId })).status).toBe('SUCCESS');
    expect(world.statements(NAME)).toEqual(before);
  });

  test('deletes the policy when nothing is left of it', async () => {
    const world = await start();
    const before = world.repository(NAME);
    const { physicalId } = await create(world, statement('A'));
    await world.delete(REPOSITORY_POLICY_TYPE, properties(statement('A')), { physicalId });
    expect(world.repository(NAME)).toEqual(before);
    expect(world.callsOf('DeleteRepositoryPolicy')).toHaveLength(1);
  });

  test('of what is gone, policy or repository, is a success; twice as well', async () => {
    const world = await start();
    const { physicalId } = await create(world, statement('A'));
    const deletion = () => world.delete(REPOSITORY_POLICY_TYPE, properties(statement('A')), { physicalId });
    expect([(await deletion()).status, (await deletion()).status]).toEqual(['SUCCESS', 'SUCCESS']);
    await world.foreign('DeleteRepository', { repositoryName: NAME });
    expect((await deletion()).status).toBe('SUCCESS');
  });

  test('takes access away also where somebody has changed our statement, unless the stack may be rolling back', async () => {
    const world = await start();
    const { physicalId } = await create(world, statement('A'));
    await world.foreign('SetRepositoryPolicy', { repositoryName: NAME, policyText: policyOf(statement('A', '999999999999')) });
    const deletion = () => world.delete(REPOSITORY_POLICY_TYPE, properties(statement('A')), { physicalId });
    world.cloudFormation.denies = true;
    expect((await deletion()).status).toBe('SUCCESS');
    expect(sids(world)).toEqual(['A']);
    world.cloudFormation.denies = false;
    world.cloudFormation.status = 'DELETE_IN_PROGRESS';
    await deletion();
    expect(sids(world)).toEqual([]);
  });

  test('does not delete the statements of somebody else that came between two attempts', async () => {
    const world = await start();
    const { physicalId } = await create(world, statement('A'));
    let once = true;
    world.faults.push(async ({ operation, phase }) => {
      if (operation === 'DeleteRepositoryPolicy' && phase === 'before' && once) {
        once = false;
        await foreignAdd(world, statement('Meanwhile'));
        return throttled();
      }
      return undefined;
    });
    await world.delete(REPOSITORY_POLICY_TYPE, properties(statement('A')), { physicalId });
    expect(sids(world)).toEqual(['Meanwhile']);
  });

  test('understands properties that lack everything', async () => {
    const world = await start({}, [lambda]);
    const before = world.repository(NAME);
    expect((await world.delete(REPOSITORY_POLICY_TYPE, {}, { physicalId: ID })).status).toBe('SUCCESS');
    expect((await world.delete(REPOSITORY_POLICY_TYPE, { RepositoryName: NAME, Statements: 'none' }, { physicalId: 'Shop-X-1' })).status).toBe('SUCCESS');
    expect(world.repository(NAME)).toEqual(before);
  });
});

test('a duplicate delivery, at once or later, changes nothing more', async () => {
  const world = await start({ latencyMs: 2 }, [lambda]);
  const event = world.event('Create', REPOSITORY_POLICY_TYPE, properties(statement('A')));
  const context = { getRemainingTimeInMillis: () => 30_000 };
  await Promise.all([world.newHandler()(event, context), world.newHandler()(event, context)]);
  await world.deliver(event);
  expect(world.responses.of(event.RequestId).map(({ status, physicalId }) => [status, physicalId])).toEqual(Array(3).fill(['SUCCESS', ID]));
  expect(sids(world)).toEqual(['LambdaECRImageRetrievalPolicy', 'A']);
});
