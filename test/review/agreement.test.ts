import { join } from 'node:path';
import { ECRClient, PutImageCommand, SetRepositoryPolicyCommand } from '@aws-sdk/client-ecr';
import { aws_ecr as ecr, aws_iam as iam, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { findingsIn, removeApps, synthesized } from './change-support';
import { ExistingRepository, Repository, RepositoryPolicy } from '../../src';
import { parsePolicy } from '../../src/access/parse';
import { accessPlan } from '../../src/access/words';
import { Emulator, startEmulator } from '../../src/emulator';
import { Inventory } from '../../src/lifecycle/model';
import { RehearsalSession } from '../../src/rehearsal';
import { readDesired } from '../../src/review/desired';
import { InventoryState } from '../../src/review/registry-source';
import { reviewChanges } from '../../src/review/review';

const OWNER = '123456789012';
const [PARTNER, AGENCY] = ['210987654321', '333344445555'];
const API = { repositoryName: 'shop/api' };
const DESTROY = { ...API, removalPolicy: RemovalPolicy.DESTROY };
const ADOPT = { ...API, existing: ExistingRepository.ADOPT };

const pull = (id: string, sid?: string) => new iam.PolicyStatement({ principals: [new iam.AccountPrincipal(id)], actions: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'], sid });
const native = (id: string, props: ecr.RepositoryProps = {}, ...statements: iam.PolicyStatement[]) => (stack: Stack) => {
  const repository = new ecr.Repository(stack, id, props);
  statements.forEach((statement) => repository.addToResourcePolicy(statement));
};
const ours = (id: string, props: ConstructorParameters<typeof Repository>[2] = {}, ...statements: iam.PolicyStatement[]) => (stack: Stack) => {
  const repository = new Repository(stack, id, props);
  statements.forEach((statement) => repository.addToResourcePolicy(statement));
};
const beside = (...statements: iam.PolicyStatement[]) => (stack: Stack) => void new RepositoryPolicy(stack, 'Access', { repository: Repository.fromRepositoryName(stack, 'R', 'shop/api'), statements });
const other = native('Other', { repositoryName: 'shop/other' });
const both = (...builds: ((stack: Stack) => void)[]) => (stack: Stack) => builds.forEach((build) => build(stack));

interface Case {
  readonly before: (stack: Stack) => void;
  readonly after: (stack: Stack) => void;
  readonly seed?: Inventory;
  /** Between the two deployments. */
  readonly images?: readonly string[];
  readonly foreign?: readonly string[];
}

const existing: Inventory = { repositories: [{ repositoryName: 'shop/api' }], imageDetails: [] };

const CASES: Readonly<Record<string, Case>> = {
  'settings and tags change': { before: ours('Api', API), after: both(ours('Api', { ...API, imageScanOnPush: true, imageTagMutability: ecr.TagMutability.IMMUTABLE }), (stack) => Tags.of(stack).add('team', 'a')) },
  'native settings change': { before: native('Api', API), after: native('Api', { ...API, imageScanOnPush: true }) },
  'a native policy changes': { before: native('Api', API, pull(PARTNER, 'A')), after: native('Api', API, pull(AGENCY, 'A'), pull(PARTNER, 'B')) },
  'a native policy is wiped by another change': { before: native('Api', API), after: native('Api', { ...API, imageScanOnPush: true }), foreign: ['Lambda'] },
  'a native policy replaces foreign statements': { before: native('Api', API, pull(PARTNER, 'A')), after: native('Api', API, pull(AGENCY, 'B')), foreign: ['Lambda'] },
  'statements of ours beside foreign ones': { seed: existing, before: beside(pull(PARTNER, 'Ours')), after: beside(pull(AGENCY, 'Ours')), foreign: ['Lambda', 'Hand'] },
  'a Sid that is taken': { seed: existing, before: other, after: both(other, beside(pull(AGENCY, 'Lambda'))), foreign: ['Lambda'] },
  'a repository that is retained': { before: both(other, native('Api', API, pull(PARTNER))), after: other, images: ['shop/api'] },
  'a repository that is deleted with images': { before: both(other, native('Api', { ...DESTROY, emptyOnDelete: true })), after: other, images: ['shop/api'] },
  'a repository of ours that is deleted with images': { before: both(other, ours('Api', { ...DESTROY, emptyOnDelete: true })), after: other, images: ['shop/api'] },
  'a repository that cannot be deleted': { before: both(other, ours('Api', DESTROY)), after: other, images: ['shop/api'] },
  'a repository that is renamed': { before: native('Api', API, pull(PARTNER)), after: native('Api', { repositoryName: 'shop/new' }, pull(PARTNER)), images: ['shop/api'] },
  'a repository of ours that is renamed': { before: ours('Api', API, pull(PARTNER)), after: ours('Api', { repositoryName: 'shop/new' }, pull(PARTNER)), images: ['shop/api'] },
  'a name that is taken': { seed: existing, before: other, after: both(other, native('Api', API)) },
  'a name that is taken, and ours fails': { seed: existing, before: other, after: both(other, ours('Api', API)) },
  'a name that is taken, and ours adopts': { seed: existing, before: other, after: both(other, ours('Api', { ...ADOPT, imageScanOnPush: true })) },
  'an adoption with another encryption': { seed: existing, before: other, after: both(other, ours('Api', { ...ADOPT, encryption: ecr.RepositoryEncryption.KMS })) },
  'another logical id': { before: native('Api', API), after: native('Moved', API) },
  'another logical id, adopted': { before: both(other, native('Api', API)), after: both(other, ours('Moved', ADOPT)), images: ['shop/api'] },
  'the encryption of a named repository': { before: native('Api', API), after: native('Api', { ...API, encryption: ecr.RepositoryEncryption.KMS }) },
  'the encryption of a named repository of ours': { before: ours('Api', API), after: ours('Api', { ...API, encryption: ecr.RepositoryEncryption.KMS }) },
};

/** Findings that say that the deployment fails. */
const FAILS = ['205', '206', '207', '209', '224'].map((number) => `DD-REVIEW-${number}`);

let emulator: Emulator;
let session: RehearsalSession;
let client: ECRClient;

afterEach(async () => {
  client.destroy();
  await session.close();
  await emulator.stop();
});
afterAll(removeApps);

const namesIn = ({ repositories = [] }: Inventory) => repositories.map(({ repositoryName }) => repositoryName).sort();
const policyOf = ({ repositories = [] }: Inventory, name: string) => {
  const text = repositories.find(({ repositoryName }) => repositoryName === name)?.repositoryPolicyText;
  return text === undefined ? undefined : parsePolicy(text);
};

test.each(Object.entries(CASES))('the review says what a rehearsed deployment does: %s', async (_, { before, after, seed, images = [], foreign = [] }) => {
  emulator = await startEmulator({ now: '2026-01-31T12:00:00Z', allowMissingLayers: true, ...(seed && { seed }) });
  session = await RehearsalSession.open({
    ecrEndpoint: emulator.endpoint, handlerEnv: { NODE_OPTIONS: `--require=${join(__dirname, '..', 'rehearsal', 'fixtures', 'fast-timers.js')}` },
  });
  client = new ECRClient({ endpoint: emulator.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
  const [first, second] = [synthesized(before), synthesized(after)];
  expect((await session.run({ assembly: first })).ok).toBe(true);
  for (const repositoryName of images) {
    await client.send(new PutImageCommand({
      repositoryName, imageTag: 'v1', imageManifest: JSON.stringify({
        schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json',
        config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: `sha256:${'a'.repeat(64)}`, size: 2 }, layers: [],
      }),
    }));
  }
  if (foreign.length > 0) {
    const there = policyOf(emulator.inventory(), 'shop/api')?.Statement ?? [];
    const theirs = foreign.map((Sid, i) => ({ Sid, Effect: 'Allow', Principal: { AWS: `arn:aws:iam::44445555666${i}:root` }, Action: 'ecr:BatchGetImage' }));
    await client.send(new SetRepositoryPolicyCommand({ repositoryName: 'shop/api', policyText: JSON.stringify({ Version: '2012-10-17', Statement: [...there, ...theirs] }) }));
  }

  const was = emulator.inventory();
  const registries = () => ({ state: new InventoryState(was), complete: true });
  const plan = await reviewChanges({ app: readDesired(first) }, readDesired(second), { registries, nameOf: () => undefined });
  const { ok } = await session.run({ assembly: second });
  const is = emulator.inventory();

  expect({ fails: findingsIn(plan).some(({ code, effect }) => effect === 'block' && FAILS.includes(code)) }).toEqual({ fails: !ok });
  if (!ok) {
    return;
  }
  const predicted = new Set(namesIn(was));
  plan.repositories.filter(({ change }) => change === 'create').forEach(({ repositoryName }) => predicted.add(repositoryName!));
  plan.repositories.filter(({ change }) => change === 'delete').forEach(({ repositoryName }) => predicted.delete(repositoryName!));
  expect([...predicted].sort()).toEqual(namesIn(is));
  for (const name of namesIn(is)) {
    const planned = plan.repositories.find(({ repositoryName }) => repositoryName === name);
    const happened = accessPlan(policyOf(was, name), policyOf(is, name), { registryId: OWNER }).changes;
    expect((planned?.access?.changes ?? []).map(({ text }) => text)).toEqual(happened.map(({ text }) => text));
    const settings = is.repositories!.find(({ repositoryName }) => repositoryName === name)!;
    const told = Object.fromEntries((planned?.settings ?? []).map(({ name: key, after: value }) => [key, value]));
    expect(settings.imageTagMutability).toBe(told.imageTagMutability ?? settings.imageTagMutability);
    expect(String(settings.imageScanningConfiguration?.scanOnPush)).toBe(told['imageScanningConfiguration/scanOnPush'] ?? String(settings.imageScanningConfiguration?.scanOnPush));
    const earlier = was.repositories!.find(({ repositoryName }) => repositoryName === name);
    if (earlier !== undefined && earlier.imageTagMutability !== settings.imageTagMutability) {
      expect(told.imageTagMutability).toBe(settings.imageTagMutability);
    }
  }
});
