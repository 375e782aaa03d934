import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { DeployedStacks } from '../../src/ecr/deployed';
import { isDrydockError } from '../../src/errors';
import { haveMoto, startMoto } from '../moto';

interface Asked {
  readonly action: string;
  readonly parameters: URLSearchParams;
}

type Answer = { readonly status?: number; readonly body: string };

let server: Server;
let asked: Asked[];
let answer: (call: Asked) => Answer;
let stacks: DeployedStacks;

const ID = 'arn:aws:cloudformation:us-east-1:123456789012:stack/Shop/1';
const result = (action: string, body: string) => ({ body: `<${action}Response xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><${action}Result>${body}</${action}Result></${action}Response>` });
const refusal = (code: string, message: string, status = 400) => ({ status, body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>` });
const stackXml = (rest = '', status = 'UPDATE_COMPLETE') => `<Stacks><member><StackName>Shop</StackName><StackId>${ID}</StackId><StackStatus>${status}</StackStatus>${rest}</member></Stacks>`;

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => { body += chunk.toString(); });
    request.on('end', () => {
      const parameters = new URLSearchParams(body);
      const call = { action: parameters.get('Action') ?? '', parameters };
      asked.push(call);
      const { status = 200, body: text } = answer(call);
      response.writeHead(status, { 'content-type': 'text/xml' }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stacks = new DeployedStacks({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, region: 'us-east-1' });
});

afterEach(async () => {
  stacks.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function problemOf(work: Promise<unknown>) {
  try {
    await work;
  } catch (error) {
    return isDrydockError(error) ? error.problems[0] : undefined;
  }
  return undefined;
}

test('a stack comes with its parameters, outputs and all pages of its resources', async () => {
  const resource = (id: string, physical: string, status = 'CREATE_COMPLETE') =>
    `<member><LogicalResourceId>${id}</LogicalResourceId><PhysicalResourceId>${physical}</PhysicalResourceId><ResourceType>AWS::ECR::Repository</ResourceType><ResourceStatus>${status}</ResourceStatus></member>`;
  const parameter = (key: string, value: string, resolved = '') => `<member><ParameterKey>${key}</ParameterKey><ParameterValue>${value}</ParameterValue>${resolved && `<ResolvedValue>${resolved}</ResolvedValue>`}</member>`;
  answer = ({ action, parameters }) => {
    switch (action) {
      case 'DescribeStacks': return result(action, stackXml(`<Parameters>${parameter('Stage', 'prod')}${parameter('Stored', '/names/api', 'shop/api')}${parameter('Secret', '****')}</Parameters>`
        + '<Outputs><member><OutputKey>Name</OutputKey><OutputValue>shop/web</OutputValue></member></Outputs>'));
      case 'ListStackResources': return parameters.get('NextToken') === null
        ? result(action, `<StackResourceSummaries>${resource('A', 'shop-a')}${resource('Gone', 'gone', 'DELETE_COMPLETE')}</StackResourceSummaries><NextToken>more</NextToken>`)
        : result(action, `<StackResourceSummaries>${resource('B', 'shop-b')}</StackResourceSummaries>`);
      default: return refusal('InvalidAction', action);
    }
  };
  expect(await stacks.stack({}, 'Shop')).toEqual({
    stackName: 'Shop', stackId: ID, status: 'UPDATE_COMPLETE', parameters: { Stage: 'prod', Stored: 'shop/api' }, outputs: { Name: 'shop/web' },
    resources: { A: { type: 'AWS::ECR::Repository', physicalId: 'shop-a' }, B: { type: 'AWS::ECR::Repository', physicalId: 'shop-b' } },
  });
  expect(asked.map(({ action, parameters }) => `${action} ${parameters.get('StackName')}`)).toEqual(['DescribeStacks Shop', `ListStackResources ${ID}`, `ListStackResources ${ID}`]);
  expect(stacks.calls).toEqual({ 'cloudformation:DescribeStacks': 1, 'cloudformation:ListStackResources': 2 });
});

test('a stack that is not there is undefined, and so is one that was never deployed', async () => {
  answer = () => refusal('ValidationError', 'Stack with id Shop does not exist');
  expect(await stacks.stack({}, 'Shop')).toBeUndefined();
  expect(await stacks.template({}, 'Shop')).toBeUndefined();
  answer = ({ action }) => result(action, stackXml('', 'REVIEW_IN_PROGRESS'));
  expect(await stacks.stack({}, 'Shop')).toBeUndefined();
});

test('a stack of another account is not taken for one that is not there', async () => {
  answer = ({ action }) => action === 'GetCallerIdentity'
    ? result(action, '<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/u</Arn>') : refusal('ValidationError', 'Stack with id Shop does not exist');
  expect(await stacks.stack({ account: '123456789012' }, 'Shop')).toBeUndefined();
  expect(await problemOf(stacks.stack({ account: '999999999999' }, 'Shop'))).toMatchObject({ code: 'DD-SURVEY-007', message: expect.stringMatching(/for account 999999999999; the credentials are of 123456789012/) as string });
});

test('exports come from every page, and a template as it was deployed', async () => {
  answer = ({ action, parameters }) => action === 'ListExports'
    ? result(action, parameters.get('NextToken') === null
      ? '<Exports><member><Name>A</Name><Value>a</Value></member></Exports><NextToken>more</NextToken>' : '<Exports><member><Name>B</Name><Value>b</Value></member></Exports>')
    : result(action, '<TemplateBody>{"Resources":{}}</TemplateBody>');
  expect(await stacks.exports({})).toEqual({ A: 'a', B: 'b' });
  expect(await stacks.template({}, 'Shop')).toBe('{"Resources":{}}');
  expect(asked[2].parameters.get('TemplateStage')).toBe('Original');
});

test('a denied permission is final, and named', async () => {
  answer = () => refusal('AccessDenied', 'not authorized to perform: cloudformation:DescribeStacks', 403);
  expect(await problemOf(stacks.stack({}, 'Shop'))).toMatchObject({ code: 'DD-SURVEY-005', message: expect.stringContaining('cloudformation:DescribeStacks is not allowed') as string });
  expect(asked).toHaveLength(1);
});

test('what is no CloudFormation is said', async () => {
  answer = () => ({ status: 400, body: '{"__type":"UnknownOperationException"}' });
  expect((await problemOf(stacks.stack({}, 'Shop')))?.code).toMatch(/^DD-SURVEY-00\d$/);
});

(haveMoto ? test : test.skip)('somebody else\'s CloudFormation (moto) is understood: names that it makes up, parameters, exports, templates', async () => {
  const moto = await startMoto();
  const client = new CloudFormationClient({ endpoint: moto.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' } });
  const there = new DeployedStacks({ endpoint: moto.endpoint, region: 'us-east-1' });
  try {
    const template = {
      Parameters: { Stage: { Type: 'String', Default: 'dev' } },
      Resources: { Made: { Type: 'AWS::SQS::Queue', Properties: {} }, Named: { Type: 'AWS::ECR::Repository', Properties: { RepositoryName: { 'Fn::Sub': 'shop/${Stage}' } } } },
      Outputs: { Name: { Value: { Ref: 'Named' }, Export: { Name: 'SharedName' } } },
    };
    await client.send(new CreateStackCommand({ StackName: 'Shop', TemplateBody: JSON.stringify(template), Parameters: [{ ParameterKey: 'Stage', ParameterValue: 'prod' }] }));
    const found = await there.stack({ account: '123456789012' }, 'Shop');
    expect(found).toMatchObject({ stackName: 'Shop', status: 'CREATE_COMPLETE', parameters: { Stage: 'prod' }, outputs: { Name: 'shop/prod' } });
    expect(found?.resources).toEqual({
      Made: { type: 'AWS::SQS::Queue', physicalId: expect.stringContaining('Shop-Made') as string }, Named: { type: 'AWS::ECR::Repository', physicalId: 'shop/prod' },
    });
    expect(await there.exports({})).toEqual({ SharedName: 'shop/prod' });
    expect(JSON.parse(await there.template({}, 'Shop') ?? '')).toEqual(template);
    expect(await there.stack({ account: '123456789012' }, 'None')).toBeUndefined();
    expect((await problemOf(there.stack({ account: '999999999999' }, 'None')))?.code).toBe('DD-SURVEY-007');
  } finally {
    there.close();
    client.destroy();
    await moto.stop();
  }
}, 120_000);
