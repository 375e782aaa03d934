import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchGetImageCommand, CreateRepositoryCommand, DeregisterPullTimeUpdateExclusionCommand, ListPullTimeUpdateExclusionsCommand, RegisterPullTimeUpdateExclusionCommand,
} from '@aws-sdk/client-ecr';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { clientOf, ecr, imageManifest, push, refusal } from './support';

const ME = 'arn:aws:iam::123456789012:user/AKIAIOSFODNN7EXAMPLE';

test('pulls of an excluded principal leave pull times alone, those of others do not', async () => {
  const { emulator, client } = await ecr();
  await client.send(new CreateRepositoryCommand({ repositoryName: 'shop/web' }));
  const imageDigest = await push(client, 'shop/web', imageManifest('a'), 'v1');
  const pull = (by = client) => by.send(new BatchGetImageCommand({ repositoryName: 'shop/web', imageIds: [{ imageDigest }] }));
  const pulled = () => emulator.inventory().imageDetails[0].lastRecordedPullTime;
  await client.send(new RegisterPullTimeUpdateExclusionCommand({ principalArn: ME }));
  expect((await pull()).images).toHaveLength(1);
  expect(pulled()).toBeUndefined();
  const other = clientOf(emulator, { accessKeyId: 'AKIASOMEBODYELSE' });
  await pull(other);
  other.destroy();
  expect(pulled()).toBe('2026-01-31T12:00:00Z');
});

test('exclusions are listed a page at a time, end when they are deregistered, and are registered once', async () => {
  const { client } = await ecr();
  const arns = ['a', 'b', 'path/c'].map((name) => `arn:aws:iam::123456789012:role/${name}`);
  for (const principalArn of arns) {
    const { createdAt } = await client.send(new RegisterPullTimeUpdateExclusionCommand({ principalArn }));
    expect(createdAt).toEqual(new Date('2026-01-31T12:00:00Z'));
  }
  const first = await client.send(new ListPullTimeUpdateExclusionsCommand({ maxResults: 2 }));
  const second = await client.send(new ListPullTimeUpdateExclusionsCommand({ maxResults: 2, nextToken: first.nextToken }));
  expect([...first.pullTimeUpdateExclusions!, ...second.pullTimeUpdateExclusions!]).toEqual(arns);
  expect(second.nextToken).toBeUndefined();
  expect((await refusal(client.send(new RegisterPullTimeUpdateExclusionCommand({ principalArn: arns[0] })))).name).toBe('ExclusionAlreadyExistsException');
  await client.send(new DeregisterPullTimeUpdateExclusionCommand({ principalArn: arns[0] }));
  expect((await refusal(client.send(new DeregisterPullTimeUpdateExclusionCommand({ principalArn: arns[0] })))).name).toBe('ExclusionNotFoundException');
  expect((await refusal(client.send(new RegisterPullTimeUpdateExclusionCommand({ principalArn: 'arn:aws:iam::123456789012:root' })))).name).toBe('InvalidParameterException');
});

test('exclusions outlive the process with the rest of the registry', async () => {
  const data = mkdtempSync(join(tmpdir(), 'drydock-exclusions-'));
  try {
    const first = await ecr({ data });
    await first.client.send(new RegisterPullTimeUpdateExclusionCommand({ principalArn: ME }));
    await first.emulator.stop();
    for (let start = 0; start < 2; start += 1) {
      const { client, emulator } = await ecr({ data });
      expect((await client.send(new ListPullTimeUpdateExclusionsCommand({}))).pullTimeUpdateExclusions).toEqual([ME]);
      await emulator.stop();
    }
  } finally {
    rmSync(data, { recursive: true });
  }
});

test('the emulator tells who it takes the caller for, and knows nothing else of STS', async () => {
  const { emulator } = await ecr();
  const sts = new STSClient({ endpoint: emulator.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' } });
  expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({ Arn: ME, Account: '123456789012' });
  const answer = await fetch(emulator.endpoint, { method: 'POST', body: new URLSearchParams({ Action: 'GetSessionToken' }) });
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain('InvalidAction');
  sts.destroy();
});
