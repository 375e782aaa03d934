import { ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';

/** Other people's Secrets Manager, S3 and Step Functions: moto, from pip (`moto[server]`). */
export const haveMoto = (() => {
  try {
    execFileSync('sh', ['-c', 'command -v moto_server'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

export interface Moto {
  readonly endpoint: string;
  /** A call in one of the JSON protocols. */
  call(target: string, input: object): Promise<any>;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * `lambdaPort`: where the Lambda service is that state machines call; moto's interpreter of the Amazon States Language calls its services at the port that
 * MOTO_PORT names.
 */
export async function startMoto({ lambdaPort }: { lambdaPort?: number } = {}): Promise<Moto> {
  const port = await freePort();
  const child: ChildProcess = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore', env: { ...process.env, ...lambdaPort === undefined ? {} : { MOTO_PORT: String(lambdaPort) } },
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const endpoint = `http://127.0.0.1:${port}`;
  const post = (path: string, body: object, headers = {}) => fetch(`${endpoint}${path}`, { method: 'POST', body: JSON.stringify(body), headers });
  for (let attempt = 0; ; attempt += 1) {
    try {
      await post('/moto-api/config', { stepfunctions: { execute_state_machine: true } });
      break;
    } catch (error) {
      if (attempt > 600 || child.exitCode !== null) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return {
    endpoint,
    async call(target, input) {
      const service = target.startsWith('secretsmanager') ? 'secretsmanager' : 'states';
      const response = await post('/', input, {
        'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target,
        'authorization': `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260131/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
      });
      const body: any = await response.json();
      if (!response.ok) {
        throw new Error(`${target}: ${JSON.stringify(body)}`);
      }
      return body;
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
