import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { BatchGetImageCommand, CreateRepositoryCommand, DescribeImagesCommand, DescribeRepositoriesCommand, SetRepositoryPolicyCommand } from '@aws-sdk/client-ecr';
import { ACCOUNT, clientOf, ecr, raw, refusal } from './support';
import { bin, workspace } from '../cli/support';

const NAME = 'shop/api';
const ARN = `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/${NAME}`;
const seed = { repositories: [{ repositoryName: NAME }], imageDetails: [] };
const ROLE = `arn:aws:iam::${ACCOUNT}:role/ci`;
const principal = (Action: string | string[], more: object = {}) => ({
  accessKeyId: 'AKIACI', arn: ROLE, policies: [{ document: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: ARN }] } }], ...more,
});
const describeImages = new DescribeImagesCommand({ repositoryName: NAME });

test('a role may do what its policies allow, and is refused the rest in the words of AWS', async () => {
  const { emulator } = await ecr({ seed, iam: { principals: [principal('ecr:DescribeRepositories')] } });
  const client = clientOf(emulator, { accessKeyId: 'AKIACI' });
  expect((await client.send(new DescribeRepositoriesCommand({ repositoryNames: [NAME] }))).repositories).toHaveLength(1);
  const { name, message, status } = await refusal(client.send(describeImages));
  expect([name, status, message]).toEqual([
    'AccessDeniedException', 403, `User: ${ROLE} is not authorized to perform: ecr:DescribeImages on resource: ${ARN} because no identity-based policy allows the ecr:DescribeImages action`,
  ]);
  client.destroy();
});

test('callers that are not listed may do everything in the registry of their account', async () => {
  const { client } = await ecr({ seed, iam: { principals: [principal([])] } });
  expect((await client.send(describeImages)).imageDetails).toEqual([]);
});

test('PUT /_drydock/iam changes what a role may do from the next call on, and leaves the others', async () => {
  const { emulator } = await ecr({ seed, iam: { principals: [principal('ecr:DescribeImages'), principal([], { accessKeyId: 'AKIAOTHER', arn: `arn:aws:iam::${ACCOUNT}:role/other` })] } });
  const [client, other] = ['AKIACI', 'AKIAOTHER'].map((accessKeyId) => clientOf(emulator, { accessKeyId }));
  const put = (body: object) => raw(emulator, { method: 'PUT', path: '/_drydock/iam', body: JSON.stringify(body) });
  await client.send(describeImages);
  expect((await put({ principals: [principal([])] })).status).toBe(200);
  expect((await refusal(client.send(describeImages))).name).toBe('AccessDeniedException');
  expect((await refusal(other.send(describeImages))).name).toBe('AccessDeniedException');
  await put({ principals: [principal('ecr:DescribeImages')] });
  await client.send(describeImages);
  [client, other].forEach((one) => one.destroy());
});

test('principals that cannot be read are refused with every problem, and change nothing', async () => {
  const { emulator } = await ecr({ seed, iam: { principals: [principal('ecr:DescribeImages')] } });
  const body = JSON.stringify({ principals: [principal([]), { accessKeyId: '!', arn: ROLE }, { accessKeyId: 'AKIAX', arn: 'somebody' }] });
  const { status, json } = await raw(emulator, { method: 'PUT', path: '/_drydock/iam', body });
  expect([status, json.code, json.problems.map(({ pointer }: { pointer: string }) => pointer)]).toEqual([400, 'DD-IAM-001', ['/principals/1/accessKeyId', '/principals/2/arn']]);
  const client = clientOf(emulator, { accessKeyId: 'AKIACI' });
  await client.send(describeImages);
  client.destroy();
});

describe('a caller of another account', () => {
  const OTHER = '111122223333';
  const stranger = async (statement: object | undefined, accessKeyId = OTHER, iam: object[] = []) => {
    const { emulator, client } = await ecr({ seed, iam: { principals: iam as never } });
    if (statement !== undefined) {
      const policyText = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${OTHER}:root` }, ...statement }] });
      await client.send(new SetRepositoryPolicyCommand({ repositoryName: NAME, policyText }));
    }
    const foreign = clientOf(emulator, { accessKeyId });
    const answer = foreign.send(new BatchGetImageCommand({ registryId: ACCOUNT, repositoryName: NAME, imageIds: [{ imageTag: 'x' }] }));
    try {
      return await answer.then(() => 'allowed', ({ name, message }: Error) => `${name}: ${message}`);
    } finally {
      foreign.destroy();
    }
  };
  const own = (Action: string) => ({ ...principal(Action), accessKeyId: 'AKIAFAR', arn: `arn:aws:iam::${OTHER}:role/far` });

  test.each<[string, object | undefined, string]>([
    ['is let in by the repository policy', { Action: 'ecr:BatchGetImage' }, 'allowed'],
    ['is refused without one', undefined, 'AccessDeniedException: '],
    ['is refused what it does not name', { Action: 'ecr:DescribeImages' }, 'AccessDeniedException: '],
    ['is refused when it is for somebody else', { Action: 'ecr:BatchGetImage', Principal: { AWS: 'arn:aws:iam::444455556666:root' } }, 'AccessDeniedException: '],
  ])('%s', async (_, statement, expected) => {
    const answer = await stranger(statement);
    expect(answer.slice(0, expected.length)).toBe(expected);
    expect(answer.endsWith('because no resource-based policy allows the ecr:BatchGetImage action')).toBe(expected !== 'allowed');
  });

  test('needs its own account\'s permission, too', async () => {
    expect(await stranger({ Action: 'ecr:BatchGetImage' }, 'AKIAFAR', [own('ecr:BatchGetImage')])).toBe('allowed');
    expect(await stranger({ Action: 'ecr:BatchGetImage' }, 'AKIAFAR', [own('ecr:DescribeImages')])).toMatch(/no identity-based policy allows the ecr:BatchGetImage action$/);
    expect(await stranger(undefined, 'AKIAFAR', [own('ecr:BatchGetImage')])).toMatch(/no resource-based policy allows the ecr:BatchGetImage action$/);
  });
});

describe('drydock emulator --iam FILE', () => {
  const files = workspace();
  afterAll(() => files.remove());

  test('refuses what the policies in the file do not allow', async () => {
    const child = spawn(process.execPath, [bin, 'emulator', '--iam', files.file('iam.json', { principals: [principal('ecr:CreateRepository')] })], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    try {
      const [line] = await once(createInterface(child.stdout), 'line') as [string];
      const client = clientOf(JSON.parse(line), { accessKeyId: 'AKIACI' });
      await client.send(new CreateRepositoryCommand({ repositoryName: NAME }));
      expect((await refusal(client.send(describeImages))).message).toContain('because no identity-based policy allows the ecr:DescribeImages action');
      client.destroy();
    } finally {
      child.kill('SIGTERM');
      await ended;
    }
  });

  test('a file that cannot be read as principals ends it, with every problem', async () => {
    const child = spawn(process.execPath, [bin, 'emulator', '--iam', files.file('wrong.json', { principals: [{ accessKeyId: '!' }, { accessKeyId: 'AKIAX', arn: 'somebody' }] })]);
    let said = '';
    [child.stdout, child.stderr].forEach((stream) => stream.on('data', (chunk) => { said += chunk; }));
    const [status] = await once(child, 'close');
    expect(status).not.toBe(0);
    expect(said).toMatch(/DD-IAM-001.*\/principals\/0\/accessKeyId.*\/principals\/1\/arn/s);
  });
});
