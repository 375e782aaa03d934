import { CreateRepositoryCommand, ListTagsForResourceCommand, TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-ecr';
import { ACCOUNT, ecr, refusal } from './support';

const resourceArn = `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/app`;
const tag = (Key: string, Value = '') => ({ Key, Value });

async function tagged(tags: { Key: string; Value: string }[] = [], quotas = {}) {
  const bench = await ecr({ quotas });
  await bench.client.send(new CreateRepositoryCommand({ repositoryName: 'app', tags }));
  return { ...bench, list: async () => (await bench.client.send(new ListTagsForResourceCommand({ resourceArn }))).tags };
}

test('tags are set at creation, added, overwritten and removed', async () => {
  const { client, list } = await tagged([tag('a', '1'), tag('b', '2')]);
  expect(await list()).toEqual([tag('a', '1'), tag('b', '2')]);
  await client.send(new TagResourceCommand({ resourceArn, tags: [tag('b', '3'), tag('c')] }));
  expect(await list()).toEqual([tag('a', '1'), tag('b', '3'), tag('c', '')]);
  await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a', 'absent'] }));
  expect(await list()).toEqual([tag('b', '3'), tag('c', '')]);
});

test.each([
  ['an empty key', [tag('')]],
  ['a key of 129 characters', [tag('k'.repeat(129))]],
  ['a value of 257 characters', [tag('k', 'v'.repeat(257))]],
  ['a reserved key', [tag('aws:cloudformation:stack-name', 'x')]],
  ['a reserved key in capitals', [tag('AWS:x', 'x')]],
  ['a sign that tags cannot have', [tag('a<b')]],
  ['a key given twice', [tag('a', '1'), tag('a', '2')]],
])('%s is an InvalidTagParameterException and changes nothing', async (_, tags) => {
  const { client, list } = await tagged();
  expect((await refusal(client.send(new TagResourceCommand({ resourceArn, tags })))).name).toBe('InvalidTagParameterException');
  expect((await refusal(client.send(new CreateRepositoryCommand({ repositoryName: 'other', tags })))).name).toBe('InvalidTagParameterException');
  expect(await list()).toEqual([]);
});

test('128 and 256 characters and letters of any script are legal', async () => {
  const { client, list } = await tagged();
  const tags = [tag('k'.repeat(128), 'v'.repeat(256)), tag('größe:a/b=c+d-e@f g', 'Ж')];
  await client.send(new TagResourceCommand({ resourceArn, tags }));
  expect(await list()).toEqual(tags);
});

test('the fifty-first tag is one too many, overwriting is not', async () => {
  const fifty = Array.from({ length: 50 }, (_, i) => tag(`k${i}`));
  const { client, list } = await tagged(fifty);
  expect((await refusal(client.send(new TagResourceCommand({ resourceArn, tags: [tag('new')] })))).name).toBe('TooManyTagsException');
  await client.send(new TagResourceCommand({ resourceArn, tags: [tag('k0', 'changed')] }));
  expect(await list()).toHaveLength(50);
  expect((await refusal(client.send(new CreateRepositoryCommand({ repositoryName: 'other', tags: [...fifty, tag('new')] })))).name).toBe('TooManyTagsException');
});

test.each(['app', 'arn:aws:s3:::bucket', `arn:aws:ecr:eu-west-1:${ACCOUNT}:repository/app`, `arn:aws-cn:ecr:us-east-1:${ACCOUNT}:repository/app`])(
  'the ARN %s is invalid', async (arn) => {
    const { client } = await tagged();
    for (const command of [
      new ListTagsForResourceCommand({ resourceArn: arn }),
      new TagResourceCommand({ resourceArn: arn, tags: [] }),
      new UntagResourceCommand({ resourceArn: arn, tagKeys: [] }),
    ]) {
      expect(await refusal(client.send(command as ListTagsForResourceCommand))).toMatchObject({
        name: 'InvalidParameterException', message: 'Invalid parameter at \'resourceArn\' failed to satisfy constraint: \'Invalid ARN\'',
      });
    }
  });

test('a repository that does not exist, here or in another account, is named', async () => {
  const { client } = await tagged();
  for (const [account, name] of [[ACCOUNT, 'absent'], ['210987654321', 'app']]) {
    const command = new ListTagsForResourceCommand({ resourceArn: `arn:aws:ecr:us-east-1:${account}:repository/${name}` });
    expect(await refusal(client.send(command))).toMatchObject({
      name: 'RepositoryNotFoundException', message: `The repository with name '${name}' does not exist in the registry with id '${account}'`,
    });
  }
});
