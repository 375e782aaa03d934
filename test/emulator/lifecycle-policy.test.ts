import {
  CreateRepositoryCommand, DeleteLifecyclePolicyCommand, GetLifecyclePolicyCommand, GetLifecyclePolicyPreviewCommand, PutLifecyclePolicyCommand,
  StartLifecyclePolicyPreviewCommand,
} from '@aws-sdk/client-ecr';
import { ACCOUNT, call, DAY, ecr, expireAny, NOW, refusal } from './support';
import { EvaluationVector, inventoryOf, ValidationVector, vectors } from '../lifecycle/data';

async function app() {
  const bench = await ecr();
  await bench.client.send(new CreateRepositoryCommand({ repositoryName: 'app' }));
  return {
    ...bench,
    put: (lifecyclePolicyText: string) => bench.client.send(new PutLifecyclePolicyCommand({ repositoryName: 'app', lifecyclePolicyText })),
    get: () => bench.client.send(new GetLifecyclePolicyCommand({ repositoryName: 'app' })),
    remove: () => bench.client.send(new DeleteLifecyclePolicyCommand({ repositoryName: 'app' })),
  };
}

const PRETTY = JSON.stringify({
  rules: [{
    action: { type: 'expire' },
    selection: { countNumber: 5, countType: 'imageCountMoreThan', tagPrefixList: ['v'], tagStatus: 'tagged' },
    description: 'keep five',
    rulePriority: 1,
  }],
}, undefined, 2);
const CANONICAL = '{"rules":[{"rulePriority":1,"description":"keep five","selection":{"tagStatus":"tagged","tagPrefixList":["v"],' +
  '"countType":"imageCountMoreThan","countNumber":5},"action":{"type":"expire"}}]}';

test('a policy is stored and answered without white space, members in ECR\'s order', async () => {
  const { put, get } = await app();
  expect(await put(PRETTY)).toMatchObject({ registryId: ACCOUNT, repositoryName: 'app', lifecyclePolicyText: CANONICAL });
  expect(await get()).toMatchObject({ registryId: ACCOUNT, repositoryName: 'app', lifecyclePolicyText: CANONICAL, lastEvaluatedAt: new Date(0) });
});

test('a policy replaces another and deletion answers what was there', async () => {
  const { put, get, remove } = await app();
  await put(PRETTY);
  await put(expireAny(3));
  expect((await get()).lifecyclePolicyText).toBe(expireAny(3));
  expect(await remove()).toMatchObject({ repositoryName: 'app', lifecyclePolicyText: expireAny(3), lastEvaluatedAt: new Date(0) });
});

test('where there is no policy, every call that needs one says so', async () => {
  const { client, get, remove } = await app();
  const message = `Lifecycle policy does not exist for the repository with name 'app' in the registry with id '${ACCOUNT}'`;
  for (const one of [get(), remove(), client.send(new StartLifecyclePolicyPreviewCommand({ repositoryName: 'app' }))]) {
    expect(await refusal(one)).toMatchObject({ name: 'LifecyclePolicyNotFoundException', message, status: 400 });
  }
});

test('the last run shows in seconds', async () => {
  const { put, emulator } = await app();
  await put(PRETTY);
  emulator.clock.advance(DAY);
  const { json } = await call(emulator, 'GetLifecyclePolicy', { repositoryName: 'app' });
  expect(json.lastEvaluatedAt).toBe((Date.parse(NOW) + DAY) / 1000);
});

const validated = vectors<ValidationVector>('lifecycle-validation.json');

(validated ? test : test.skip)('every validation vector is accepted or refused over the wire, by Put and by preview alike', async () => {
  const { emulator } = await app();
  for (const { name, policyText, valid, errorContains } of validated!) {
    for (const operation of ['PutLifecyclePolicy', 'StartLifecyclePolicyPreview']) {
      const { json, status } = await call(emulator, operation, { repositoryName: 'app', lifecyclePolicyText: policyText });
      expect({ name, operation, status, type: json.__type })
        .toEqual({ name, operation, status: valid ? 200 : 400, type: valid ? undefined : 'InvalidParameterException' });
      if (!valid) {
        expect(json.message).toMatch(/^Invalid parameter at '[lL]ifecyclePolicyText' failed to satisfy constraint: '/);
      }
      if (errorContains !== undefined) {
        expect({ name, message: json.message }).toEqual({ name, message: expect.stringContaining(errorContains) });
      }
    }
  }
});

const evaluated = vectors<EvaluationVector>('lifecycle-evaluation.json');

(evaluated ? test : test.skip)('every evaluation vector comes true: previewed first, then done by the clock', async () => {
  for (const vector of evaluated!) {
    const { client, emulator } = await ecr({ now: vector.now, seed: { repositories: [{ repositoryName: 'app' }], ...inventoryOf(vector.images) } });
    const lifecyclePolicyText = JSON.stringify(vector.policy);
    const acted = vector.expected.map(({ digest, action, rulePriority }) => ({ digest, action: action.toUpperCase(), rulePriority }));
    const byDigest = (a: { digest?: string }, b: { digest?: string }) => (a.digest! < b.digest! ? -1 : 1);

    await client.send(new StartLifecyclePolicyPreviewCommand({ repositoryName: 'app', lifecyclePolicyText }));
    const { previewResults } = await client.send(new GetLifecyclePolicyPreviewCommand({ repositoryName: 'app' }));
    const previewed = previewResults!.map((r) => ({ digest: r.imageDigest, action: r.action!.type, rulePriority: r.appliedRulePriority }));
    expect({ name: vector.name, acted: previewed.sort(byDigest) }).toEqual({ name: vector.name, acted: acted.sort(byDigest) });

    await client.send(new PutLifecyclePolicyCommand({ repositoryName: 'app', lifecyclePolicyText }));
    const [run] = emulator.runLifecyclePolicies();
    const done = run.actions.filter(({ becauseOf }) => becauseOf === undefined)
      .map(({ imageDigest, action, rulePriority }) => ({ digest: imageDigest, action, rulePriority }));
    expect({ name: vector.name, acted: done.sort(byDigest) }).toEqual({ name: vector.name, acted: acted.sort(byDigest) });
    const gone = vector.images.map(({ digest }) => digest).filter((digest) => !emulator.state.repository('app')!.images.has(digest));
    const expired = [...vector.expected, ...vector.cascade ?? []].filter(({ action }) => action.toUpperCase() === 'EXPIRE').map(({ digest }) => digest);
    expect({ name: vector.name, gone: gone.sort() }).toEqual({ name: vector.name, gone: expired.sort() });
  }
});

test('a refused policy leaves the one in force', async () => {
  const { put, get } = await app();
  await put(PRETTY);
  const bad = expireAny(3).replace('"any"', '"every"');
  expect(await refusal(put(bad))).toMatchObject({
    name: 'InvalidParameterException',
    message: expect.stringContaining('\'LifecyclePolicyText\' failed to satisfy constraint: \'Lifecycle policy validation failure: '),
  });
  expect((await get()).lifecyclePolicyText).toBe(CANONICAL);
});
