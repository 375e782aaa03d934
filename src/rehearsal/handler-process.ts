import { ChildProcess, spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { RUNNER_SOURCE } from './handler-runner';
import { MarkedLines } from './marked-lines';

/** What a Lambda function is to the rehearsal. */
export interface FunctionSettings {
  readonly functionName: string;
  readonly functionArn: string;
  readonly roleArn: string;
  readonly handler: string;
  readonly runtime: string;
  readonly codeDirectory: string;
  readonly memorySize: number;
  readonly timeoutSeconds: number;
  readonly logGroupName: string;
  /** The complete environment of the process. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface Invocation {
  readonly outcome: 'done' | 'error' | 'init-error' | 'timeout' | 'exit';
  /** What the function returned, as JSON. */
  readonly result?: string;
  readonly errorType?: string;
  readonly errorMessage?: string;
  /** The last lines of stderr. */
  readonly stderr: readonly string[];
}

/** What runs Lambda functions. */
export interface FunctionRuntime {
  /** One invocation, to its end. `onLine`: told of every line that the function writes to stdout. */
  invoke(settings: FunctionSettings, requestId: string, event: unknown, onLine: (line: string) => void): Promise<Invocation>;
  stop(): Promise<void>;
}

interface RunnerMessage {
  readonly id: string;
  readonly outcome: 'done' | 'error' | 'init-error';
  readonly result?: string;
  readonly errorType?: string;
  readonly errorMessage?: string;
}

const STDERR_LINES = 20;

/** Processes of Lambda functions: one a function, kept warm; a second one only for a call that comes while the first is busy. */
export class HandlerProcesses implements FunctionRuntime {
  private readonly idle = new Map<string, HandlerProcess[]>();
  private readonly all = new Set<HandlerProcess>();

  /** `fresh`: every call in a process of its own, as after a cold start. */
  constructor(private readonly fresh = false) {}

  public async invoke(settings: FunctionSettings, requestId: string, event: unknown, onLine: (line: string) => void): Promise<Invocation> {
    const key = JSON.stringify(settings);
    const handler = this.takeIdle(key) ?? new HandlerProcess(settings);
    this.all.add(handler);
    const invocation = await handler.invoke(requestId, event, onLine);
    if (handler.isAlive() && !this.fresh) {
      // Processes with earlier code or settings of the function are of no use any more.
      for (const [otherKey, others] of this.idle) {
        if (otherKey !== key && others.some((o) => o.functionArn === settings.functionArn)) {
          this.idle.delete(otherKey);
          others.forEach((o) => this.discard(o));
        }
      }
      this.idle.set(key, [...this.idle.get(key) ?? [], handler]);
    } else {
      this.discard(handler);
    }
    return invocation;
  }

  public async stop(): Promise<void> {
    await Promise.all([...this.all].map((handler) => handler.stop()));
    this.all.clear();
    this.idle.clear();
  }

  private takeIdle(key: string): HandlerProcess | undefined {
    for (let handler = this.idle.get(key)?.pop(); handler !== undefined; handler = this.idle.get(key)?.pop()) {
      if (handler.isAlive()) {
        return handler;
      }
      this.discard(handler);
    }
    return undefined;
  }

  private discard(handler: HandlerProcess): void {
    this.all.delete(handler);
    void handler.stop();
  }
}

class HandlerProcess {
  public readonly functionArn: string;
  private readonly child: ChildProcess;
  private readonly exited: Promise<string>;
  private readonly stdout: MarkedLines;
  private readonly stderr: MarkedLines;

  constructor(private readonly settings: FunctionSettings) {
    this.functionArn = settings.functionArn;
    this.child = spawn(process.execPath, ['-e', RUNNER_SOURCE], {
      cwd: settings.codeDirectory,
      env: { ...settings.environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.exited = new Promise((resolve) => {
      this.child.once('error', (error) => resolve(error.message));
      this.child.once('exit', (code, signal) => resolve(signal === null ? `exit status ${code}` : `signal ${signal}`));
    });
    this.stdout = new MarkedLines(this.child.stdout as Readable);
    this.stderr = new MarkedLines(this.child.stderr as Readable);
  }

  public isAlive(): boolean {
    return this.child.connected && this.child.exitCode === null && this.child.signalCode === null;
  }

  public async invoke(requestId: string, event: unknown, onLine: (line: string) => void): Promise<Invocation> {
    const stderr: string[] = [];
    this.stdout.listener = onLine;
    this.stderr.listener = (line) => {
      stderr.push(line);
      stderr.splice(0, stderr.length - STDERR_LINES);
    };
    const { functionName, functionArn, memorySize, logGroupName, environment, timeoutSeconds } = this.settings;
    let timer: NodeJS.Timeout | undefined;
    const onMessage = new Promise<RunnerMessage>((resolve) => this.child.on('message', function listen(this: ChildProcess, message: RunnerMessage) {
      if (message.id === requestId) {
        this.removeListener('message', listen);
        resolve(message);
      }
    }));
    const message = await Promise.race<RunnerMessage | 'timeout' | { exit: string }>([
      onMessage,
      this.exited.then((exit) => ({ exit })),
      new Promise((resolve) => {
        timer = setTimeout(() => resolve('timeout'), timeoutSeconds * 1000);
        this.send({
          id: requestId,
          event,
          context: {
            functionName,
            invokedFunctionArn: functionArn,
            functionVersion: '$LATEST',
            memoryLimitInMB: String(memorySize),
            awsRequestId: requestId,
            logGroupName,
            logStreamName: environment.AWS_LAMBDA_LOG_STREAM_NAME,
            timeoutMillis: timeoutSeconds * 1000,
          },
        });
      }),
    ]);
    clearTimeout(timer);
    if (message === 'timeout') {
      await this.stop();
      return { outcome: 'timeout', errorType: 'Sandbox.Timedout', errorMessage: `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`, stderr };
    }
    if ('exit' in message) {
      await Promise.all([this.stdout.ended, this.stderr.ended]);
      return { outcome: 'exit', errorType: 'Runtime.ExitError', errorMessage: `Runtime exited with error: ${message.exit}`, stderr };
    }
    await Promise.all([this.stdout.mark(requestId), this.stderr.mark(requestId)]);
    return { outcome: message.outcome, result: message.result, errorType: message.errorType, errorMessage: message.errorMessage, stderr };
  }

  public async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGKILL');
    }
    await this.exited;
  }

  private send(message: object): void {
    // A process that has just gone is told by `exited`.
    this.child.send(message, () => undefined);
  }
}
