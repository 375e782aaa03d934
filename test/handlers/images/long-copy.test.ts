import { existsSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { hex, NAME, tagged } from './support';
import { createHandler } from '../../../src/handlers/images/dispatch';
import { CustomResourceEvent } from '../../../src/handlers/protocol';
import { IMAGE_COPY_TYPE } from '../../../src/image-resources';
import { HandlerProcesses, Invocation } from '../../../src/rehearsal/handler-process';
import { Content } from '../../copy/images';
import { scriptedRegistry, ScriptedRegistry } from '../../copy/scripted-registry';
import { haveMoto, Moto, startMoto } from '../../moto';
import { asCloudFormationSends, NOW, Properties, World } from '../support';
import { ImageCopy, ImageSource, Repository } from 'cdk-drydock';

const ASSETS = join(__dirname, '..', '..', '..', 'assets', 'images');
const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:Images';
const LAYERS = 24;

if (!haveMoto) {
  test.skip('moto_server is not installed: the state machine of long copies is not run', () => undefined);
}

/** Lambda as far as a state machine calls it: the shipped bundle, in a process for each call as after a cold start. */
class Lambda {
  public readonly payloads: any[] = [];
  public readonly lines: string[] = [];
  public world!: World;
  public sfn = '';
  /** A quarter of it is for copying. */
  public seconds = 16;
  /** In so many calls the copy gets no further than to a few layers, however long they take. */
  public halted = 1;
  public stopped = false;
  /** In place of the function: what makes a call fail. */
  public breaks?: (payload: any) => boolean;
  private readonly processes = new HandlerProcesses(true);
  private server!: Server;

  public async start(): Promise<number> {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', async () => {
        const { outcome, result, errorType, errorMessage } = await this.invoke(JSON.parse(Buffer.concat(chunks).toString()));
        const failed = outcome === 'done' ? {} : { 'x-amz-function-error': 'Unhandled' };
        response.writeHead(200, { 'content-type': 'application/json', ...failed }).end(outcome === 'done' ? result ?? 'null' : JSON.stringify({ errorType, errorMessage }));
      });
    });
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }

  public async invoke(payload: any): Promise<Invocation> {
    this.payloads.push(payload);
    if (this.breaks?.(payload)) {
      return { outcome: 'exit', errorType: 'Runtime.ExitError', errorMessage: 'Runtime exited with error: signal: killed', stderr: [] };
    }
    return this.processes.invoke({
      roleArn: 'arn:aws:iam::123456789012:role/images', functionName: 'Images', functionArn: FUNCTION, handler: 'index.handler', runtime: 'nodejs24.x', codeDirectory: ASSETS, memorySize: 1024, timeoutSeconds: this.seconds, logGroupName: 'x',
      environment: {
        _HANDLER: 'index.handler', LAMBDA_TASK_ROOT: ASSETS, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'token',
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        AWS_ENDPOINT_URL_ECR: this.world.emulator.endpoint, AWS_ENDPOINT_URL_CLOUDFORMATION: this.world.cloudFormation.url, AWS_ENDPOINT_URL_SFN: this.sfn,
      },
    }, String(this.payloads.length), payload, (line) => this.lines.push(line));
  }

  public async stop(): Promise<void> {
    await this.processes.stop();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** The state machine of a synthesized stack, as CloudFormation would make it; waits between attempts are short. */
function definition(): string {
  const stack = new Stack(new App(), 'Shop', { env: { account: '123456789012', region: 'us-east-1' } });
  new ImageCopy(stack, 'Copy', { source: ImageSource.fromRegistry('docker.io/library/nginx:1'), destination: Repository.fromRepositoryName(stack, 'To', NAME), tags: ['1'], longRunning: true });
  const [machine] = Object.values(Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine'));
  const text = (machine.Properties.DefinitionString['Fn::Join'][1] as (string | { Ref?: string })[]).map((part) => typeof part === 'string' ? part : part.Ref === 'AWS::Partition' ? 'aws' : FUNCTION).join('');
  return text.replace(/"IntervalSeconds":\d+/g, '"IntervalSeconds":1').replace(/"BackoffRate":\d+/g, '"BackoffRate":1');
}

(haveMoto ? describe : describe.skip)('a copy that one invocation cannot finish', () => {
  const lambda = new Lambda();
  let moto: Moto;
  let stateMachineArn: string;
  let registry: ScriptedRegistry;
  let content: Content;
  let world: World;

  beforeAll(async () => {
    if (!existsSync(join(ASSETS, 'dispatch.js'))) {
      throw new Error('The function of images is not bundled: run `npx projen bundle`.');
    }
    moto = await startMoto({ lambdaPort: await lambda.start() });
    lambda.sfn = moto.endpoint;
    ({ stateMachineArn } = await moto.call('AWSStepFunctions.CreateStateMachine', { name: 'Copies', roleArn: 'arn:aws:iam::123456789012:role/Copies', definition: definition() }));
  });
  afterAll(async () => {
    await moto.stop();
    await lambda.stop();
  });

  beforeEach(async () => {
    content = new Content();
    content.image('big', Array.from({ length: LAYERS }, (_, i) => 3_000 + i), { tag: '1.0' });
    registry = await scriptedRegistry(content);
    world = lambda.world = await World.start({ now: NOW, createHandler, allowMissingLayers: false, seed: { repositories: [{ repositoryName: NAME }], imageDetails: [] } });
    let parts = 0;
    world.faults.push(async ({ operation, phase }) => {
      if (operation !== 'UploadLayerPart' || phase !== 'before' || lambda.payloads.length > lambda.halted || (parts += 1) <= LAYERS / 3 * lambda.payloads.length) {
        return undefined;
      }
      while (lambda.payloads.length <= lambda.halted && !lambda.stopped) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return { disconnect: true };
    });
    lambda.payloads.length = 0;
    lambda.lines.length = 0;
    lambda.breaks = undefined;
    lambda.seconds = 16;
    lambda.halted = 1;
    lambda.stopped = false;
  });
  afterEach(() => {
    lambda.stopped = true;
    return registry.stop();
  });

  const event = (more: Properties = {}): CustomResourceEvent => {
    const RequestId = `4f0c9b52-0000-4000-8000-${String(requests += 1).padStart(12, '0')}`;
    return {
      RequestType: 'Create', RequestId, ResponseURL: world.responses.urlOf(RequestId), StackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/Shop/1', ResourceType: IMAGE_COPY_TYPE,
      LogicalResourceId: 'Copy',
      ResourceProperties: asCloudFormationSends({
        ServiceToken: FUNCTION, RepositoryName: NAME, Source: { Type: 'registry', Reference: `${registry.host}/app:1.0` }, ImageTags: ['1.0'], Referrers: true, RemovalPolicy: 'retain',
        TimeoutSeconds: 600, StateMachineArn: stateMachineArn, ...more,
      }) as Properties,
    };
  };
  let requests = 0;

  const execution = async ({ RequestId }: CustomResourceEvent): Promise<any> => {
    const executionArn = stateMachineArn.replace(':stateMachine:', ':execution:').concat(`:${RequestId}`);
    for (;;) {
      const described = await moto.call('AWSStepFunctions.DescribeExecution', { executionArn });
      if (described.status !== 'RUNNING') {
        return described;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const only = (given: CustomResourceEvent) => {
    const answers = world.responses.of(given.RequestId);
    expect(answers).toHaveLength(1);
    return answers[0];
  };

  test('goes on in the next, and the next, until it is done; no layer moves twice, and CloudFormation gets one answer', async () => {
    lambda.halted = 2;
    const given = event();
    const first = await lambda.invoke(given);
    expect(JSON.parse(first.result as string)).toMatchObject({ Finished: false, State: { isRollback: false, copy: { sourceDigest: content.tags.get('1.0') } } });
    expect(world.responses.of(given.RequestId)).toEqual([]);
    expect((await execution(given)).status).toBe('SUCCEEDED');
    expect(only(given)).toMatchObject({ status: 'SUCCESS', physicalId: `drydock:image-copy:-:${NAME}:Copy`, data: { DigestHex: hex(content.tags.get('1.0') as string) } });
    expect(lambda.payloads.length).toBeGreaterThan(2);
    expect(tagged(world, '1.0')).toBe(content.tags.get('1.0'));
    const completed = world.callsOf('CompleteLayerUpload').flatMap(({ layerDigests }) => layerDigests);
    expect([completed.length, new Set(completed).size]).toEqual([LAYERS + 1, LAYERS + 1]);
    // What it reports to have moved is the whole, not what the last call moved; but for layers whose acknowledgement a call did not see any more.
    expect(Number(only(given).data.MovedLayers)).toBeGreaterThan(LAYERS / 2);
  });

  test('delivered twice goes on in one execution', async () => {
    lambda.halted = 2;
    const given = event();
    await Promise.all([lambda.invoke(given), lambda.invoke(given)]);
    await execution(given);
    const { executions } = await moto.call('AWSStepFunctions.ListExecutions', { stateMachineArn });
    expect(executions.filter(({ name }: { name: string }) => name === given.RequestId)).toHaveLength(1);
    expect(only(given).status).toBe('SUCCESS');
  });

  test('that ends within one invocation starts no execution', async () => {
    lambda.seconds = 60;
    lambda.halted = 0;
    const given = event();
    expect(JSON.parse((await lambda.invoke(given)).result as string)).toEqual({ Finished: true, State: null });
    expect(only(given).status).toBe('SUCCESS');
    await expect(execution(given)).rejects.toThrow('ExecutionDoesNotExist');
  });

  test('and dies in every call that follows is answered FAILED with the reason; its delete takes back what it may have done', async () => {
    lambda.breaks = (payload) => payload.Continuation !== undefined && payload.Failure === undefined;
    const given = event();
    await lambda.invoke(given);
    expect((await execution(given)).status).toBe('FAILED');
    expect(only(given)).toMatchObject({ status: 'FAILED', reason: expect.stringMatching(/^DD-IMAGE-504 .*Runtime\.ExitError: Runtime exited with error: signal: killed/), physicalId: `drydock:image-copy:-:${NAME}:Copy` });
    expect(tagged(world, '1.0')).toBeUndefined();
  });

  test('and dies once goes on all the same', async () => {
    let deaths = 0;
    lambda.breaks = (payload) => payload.Continuation !== undefined && (deaths += 1) === 1;
    const given = event();
    await lambda.invoke(given);
    expect((await execution(given)).status).toBe('SUCCEEDED');
    expect([only(given).status, deaths > 1]).toEqual(['SUCCESS', true]);
  });

  test('in the time that it has says how far it came, before CloudFormation stops waiting; no tag is put', async () => {
    const given = event({ TimeoutSeconds: 5 });
    const { Finished } = JSON.parse((await lambda.invoke(given)).result as string);
    // On a slow machine the first call may find that time is up.
    if (Finished === false) {
      expect((await execution(given)).status).toBe('SUCCEEDED');
    }
    expect(only(given)).toMatchObject({ status: 'FAILED', reason: expect.stringMatching(/^DD-IMAGE-501 .*\d+ layers \(\d+ bytes\) had been moved/) });
    expect(tagged(world, '1.0')).toBeUndefined();
  });

  test('without a state machine fails before the function ends', async () => {
    const given = event({ StateMachineArn: undefined });
    await lambda.invoke(given);
    expect(only(given)).toMatchObject({ status: 'FAILED', reason: expect.stringMatching(/^DD-IMAGE-501 .*timeout: Duration\.hours\(1\)/) });
  });

  test('has put nothing when the stack has begun to roll back meanwhile', async () => {
    const given = event();
    await lambda.invoke(given);
    world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
    await execution(given);
    expect(only(given)).toMatchObject({ status: 'FAILED', reason: expect.stringMatching(/^DD-IMAGE-502/) });
    expect(world.emulator.inventory(NAME).imageDetails).toEqual([]);
  });

  test('hands over what is needed and nothing else; the address of the answer is in no log', async () => {
    const given = { ...event(), ServiceToken: FUNCTION, Extra: 'x' } as CustomResourceEvent;
    await lambda.invoke(given);
    const { input } = await execution(given);
    expect(Object.keys(JSON.parse(input)).sort()).toEqual(['Continuation', 'LogicalResourceId', 'RequestId', 'RequestType', 'ResourceProperties', 'ResourceType', 'ResponseURL', 'StackId']);
    expect(input.length).toBeLessThan(20_000);
    expect(lambda.lines.length).toBeGreaterThan(4);
    expect(lambda.lines.join('\n')).not.toMatch(/Signature|s3cr3t|127\.0\.0\.1:\d+\/4f0c/);
  });
});
