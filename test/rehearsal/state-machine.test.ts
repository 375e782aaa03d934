import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { custom, deploy, handlerFunction, removeAssemblies, temporaryDirectory, writeAssembly } from './assembly-builder';
import { RehearsalResult } from '../../src/rehearsal';
import { ExecutionFailure, runStateMachine } from '../../src/rehearsal/state-machine';

afterAll(removeAssemblies);

const ARN = 'arn:aws:lambda:us-east-1:123456789012:function:F';
const call = (rest: object) => ({ Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters: { 'FunctionName': ARN, 'Payload.$': '$' }, ...rest });
const walk = (states: Record<string, object>, input: unknown, invoke: (payload: any, count: number) => unknown) => {
  let count = 0;
  return runStateMachine({ StartAt: Object.keys(states)[0], States: states }, input, {
    maximumWaitMillis: 1, invoke: async ({ payload }) => invoke(payload, count += 1),
  });
};

describe('a state machine is walked', () => {
  test('round and round until the choice says that it is done; each round gets what the one before it gave', async () => {
    const seen: unknown[] = [];
    const output = await walk({
      'Go': call({ ResultSelector: { 'Done.$': '$.Payload.Done', 'N.$': '$.Payload.N' }, ResultPath: '$.Step', Next: 'Done?' }),
      'Done?': { Type: 'Choice', Choices: [{ Variable: '$.Step.Done', BooleanEquals: true, Next: 'End' }], Default: 'Go' },
      'End': { Type: 'Succeed' },
    }, { Name: 'x' }, (payload, count) => {
      seen.push(payload);
      return { Done: count === 3, N: count };
    });
    expect(seen).toEqual([{ Name: 'x' }, { Name: 'x', Step: { Done: false, N: 1 } }, { Name: 'x', Step: { Done: false, N: 2 } }]);
    expect(output).toEqual({ Name: 'x', Step: { Done: true, N: 3 } });
  });

  test('an error is retried as often as the first retrier that names it says, then caught with its name and cause', async () => {
    const calls: unknown[] = [];
    const output = walk({
      Go: call({
        Retry: [{ ErrorEquals: ['Other'], MaxAttempts: 9 }, { ErrorEquals: ['States.ALL'], MaxAttempts: 2 }],
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.Failure', Next: 'Tell' }],
        End: true,
      }),
      Tell: { Type: 'Pass', End: true },
    }, { A: 1 }, (payload) => {
      calls.push(payload);
      throw new ExecutionFailure('Runtime.ExitError', 'killed');
    });
    expect(await output).toEqual({ A: 1, Failure: { Error: 'Runtime.ExitError', Cause: 'killed' } });
    expect(calls).toHaveLength(3);
  });

  test.each([
    ['a Map state', { Go: { Type: 'Map', End: true } }, /states of type Map/],
    ['a call that is not of Lambda', { Go: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage', End: true } }, /not arn:aws:states:::sqs/],
    ['an intrinsic function', { Go: { Type: 'Pass', Parameters: { 'A.$': 'States.UUID()' }, End: true } }, /the path States.UUID/],
    ['JSONata', { Go: { Type: 'Pass', Output: {}, End: true } }, /does not know Output/],
    ['a path to nothing', { Go: { Type: 'Pass', Parameters: { 'A.$': '$.b.c' }, End: true } }, /leads to nothing/],
    ['no matching choice', { Go: { Type: 'Choice', Choices: [{ Variable: '$.n', NumericGreaterThan: 3, Next: 'Go' }] } }, /no choice matched/],
    ['a Fail state', { Go: { Type: 'Fail', Error: 'Mine', Cause: 'so it is' } }, /^Mine: so it is$/],
  ])('%s is refused, not passed over', async (_, states, message) => {
    await expect(walk(states, { n: 1 }, () => undefined)).rejects.toThrow(message);
  });
});

/** Starts an execution instead of answering; called by the state machine, answers in the third round. */
const HANDLER = `
const put = (url, body) => fetch(url, { method: 'PUT', body: Buffer.from(JSON.stringify(body)), headers: { 'content-type': '' } });
const sfn = async (operation, body) => {
  const response = await fetch(process.env.AWS_ENDPOINT_URL_SFN, { method: 'POST', headers: { 'x-amz-target': 'AWSStepFunctions.' + operation }, body: JSON.stringify(body) });
  return response.json();
};
exports.handler = async (event) => {
  const { ResponseURL, StackId, RequestId, LogicalResourceId, ResourceProperties: { Machine, Behaviour }, Step } = event;
  const answer = (Status, Reason) => put(ResponseURL, { Status, Reason, StackId, RequestId, LogicalResourceId, PhysicalResourceId: 'made', Data: { Rounds: String(Step ? Step.N + 1 : 0) } });
  console.log(JSON.stringify({ message: 'round', n: Step && Step.N, failure: event.Failure }));
  if (event.RequestType === 'Delete') return answer('SUCCESS');
  if (event.Failure) return answer('FAILED', event.Failure.Error);
  if (!Step) {
    const start = { stateMachineArn: Machine, name: RequestId, input: JSON.stringify({ ...event, Step: { N: 0, Done: false } }) };
    const first = await sfn('StartExecution', start);
    const second = await sfn('StartExecution', start);
    console.log(JSON.stringify({ message: 'started', same: first.executionArn === second.executionArn, executionArn: first.executionArn }));
    return;
  }
  if (Behaviour === 'crash') process.exit(7);
  if (Step.N === 2) await answer('SUCCESS');
  return { N: Step.N + 1, Done: Step.N === 2 };
};`;

function assembly(behaviour = 'ok'): string {
  const code = temporaryDirectory();
  writeFileSync(join(code, 'index.js'), HANDLER);
  const definition = {
    StartAt: 'Go',
    States: {
      'Go': {
        ...call({
          ResultSelector: { 'Done.$': '$.Payload.Done', 'N.$': '$.Payload.N' }, ResultPath: '$.Step', Next: 'Done?',
          Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }], Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.Failure', Next: 'Tell' }],
        }),
        Parameters: { 'FunctionName': '${Handler}', 'Payload.$': '$' },
      },
      'Done?': { Type: 'Choice', Choices: [{ Variable: '$.Step.Done', BooleanEquals: true, Next: 'End' }], Default: 'Go' },
      'Tell': { ...call({ Next: 'Lost' }), Parameters: { 'FunctionName': '${Handler}', 'Payload.$': '$' } },
      'Lost': { Type: 'Fail', Error: 'Lost', Cause: 'told' },
      'End': { Type: 'Succeed' },
    },
  };
  return writeAssembly({
    S: {
      template: {
        Resources: {
          Handler: handlerFunction(),
          Machine: {
            Type: 'AWS::StepFunctions::StateMachine',
            Properties: { RoleArn: 'arn:aws:iam::123456789012:role/x', DefinitionString: JSON.stringify(definition), DefinitionSubstitutions: { Handler: { 'Fn::GetAtt': ['Handler', 'Arn'] } } },
          },
          A: custom({ Machine: { Ref: 'Machine' }, Behaviour: behaviour }),
        },
        Outputs: { Rounds: { Value: { 'Fn::GetAtt': ['A', 'Rounds'] } } },
      },
    },
  }, { code });
}

const messages = (result: RehearsalResult) => result.handlerLogs.map(({ record }) => record.message);
const HASTE = { stateMachineWaitMillis: 1, timeLimits: { functionSeconds: 20, serviceSeconds: 20 } };

describe('a custom resource that is answered by a state machine', () => {
  test('is complete when the last round has answered; what the rounds log belongs to it', async () => {
    const result = await deploy(assembly(), HASTE);
    expect(result.events.filter(({ status }) => status === 'CREATE_FAILED')).toEqual([]);
    expect(result.stacks[0].outputs).toEqual({ Rounds: '3' });
    expect(messages(result)).toEqual(['round', 'started', 'round', 'round', 'round']);
    expect(result.handlerLogs[1].record).toMatchObject({ same: true, executionArn: expect.stringMatching(/:execution:S-Machine-\w+:[0-9a-f-]{36}$/) });
    expect(result.handlerLogs.map(({ logicalId }) => logicalId)).toEqual(Array(5).fill('A'));
    expect(result.notices).toEqual([]);
  });

  test('is told that it has failed when its function dies in every round, and the execution is noted', async () => {
    const result = await deploy(assembly('crash'), HASTE);
    expect(result.events.find(({ status }) => status === 'CREATE_FAILED')?.reason).toContain('Runtime.ExitError');
    expect(result.stacks[0].status).toBe('ROLLBACK_COMPLETE');
    expect(result.notices).toEqual([expect.objectContaining({ code: 'DD-REHEARSAL-110', pointer: 'S/Machine', message: expect.stringContaining('Lost: told') })]);
  });
});
