import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { clientOptions, Connection } from './client';
import { isExecutionAlreadyExists } from './errors';
import { Budget } from './retry';

/**
 * Starts an execution. The name makes it the same one, however often it is started; that an execution of this name ran before is as good as starting it.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export async function startExecution({ options }: Connection, budget: Budget, stateMachineArn: string, name: string, input: unknown): Promise<'started' | 'known'> {
  const client = new SFNClient(clientOptions(options, 'stepFunctions'));
  try {
    await budget.call('states:StartExecution', (abortSignal) =>
      client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }), { abortSignal }));
    return 'started';
  } catch (error) {
    if (isExecutionAlreadyExists(error)) {
      return 'known';
    }
    throw error;
  } finally {
    client.destroy();
  }
}
