import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { LoadWorld } from './world';
import { createHandler } from '../../src/handlers/dispatch';
import { CustomResourceEvent } from '../../src/handlers/protocol';
import { Timing } from '../../src/handlers/timing';

/** One invocation of the function, in an instance of its own. */
export type Invoke = (event: CustomResourceEvent) => Promise<void>;

const CREDENTIALS = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' };
/** As the provider makes the function. */
const TIMEOUT_MILLIS = 900_000;

export function inProcess(world: LoadWorld, timing: Partial<Timing> = {}): Invoke {
  return async (event) => {
    const handler = createHandler({ endpoints: world.endpoints, region: 'us-east-1', credentials: CREDENTIALS, timing, log: () => undefined });
    const deadline = Date.now() + TIMEOUT_MILLIS;
    await handler(event, { getRemainingTimeInMillis: () => deadline - Date.now() });
  };
}

/** The bundle that is shipped, as Lambda runs it. */
export function inProcessOfItsOwn(world: LoadWorld): Invoke {
  const code = `require(process.env.LAMBDA_TASK_ROOT + '/index.js').handler(JSON.parse(process.env.EVENT), { getRemainingTimeInMillis: () => ${TIMEOUT_MILLIS} })
    .then(() => process.exit(0), (error) => { console.error(error); process.exit(3); });`;
  const LAMBDA_TASK_ROOT = join(__dirname, '..', '..', 'assets', 'handler');
  return (event) => new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['-e', code], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        LAMBDA_TASK_ROOT,
        EVENT: JSON.stringify(event),
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
        AWS_ENDPOINT_URL_ECR: world.endpoints.ecr,
        AWS_ENDPOINT_URL_CLOUDFORMATION: world.endpoints.cloudFormation,
      },
    });
    let told = '';
    child.stderr.on('data', (chunk) => { told += chunk; });
    child.once('error', reject);
    child.once('close', (exitCode) => (exitCode === 0 ? resolve() : reject(new Error(`The function ended with ${exitCode}: ${told}`))));
  });
}
