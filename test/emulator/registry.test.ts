import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { EMULATOR_CODES } from '../../src/emulator';
import { Change, ImageRecord } from '../../src/emulator/registry/records';
import { Registry, snapshot } from '../../src/emulator/registry/registry';

const IDENTITY = { accountId: '123456789012', region: 'us-east-1' };
const digest = (n: number) => `sha256:${n}`;

const repository: Change = {
  kind: 'repository',
  record: { repositoryName: 'app', createdAt: 0, imageTagMutability: 'MUTABLE', scanOnPush: false, encryptionConfiguration: { encryptionType: 'AES256' }, tags: [] },
};

const changes = fc.array(fc.oneof(
  fc.record({
    n: fc.nat(5), tags: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 3 }), children: fc.array(fc.nat(5), { maxLength: 2 }),
    subject: fc.option(fc.nat(5), { nil: undefined }), imageStatus: fc.constantFrom('ACTIVE' as const, 'ACTIVATING' as const, 'ARCHIVED' as const),
  }),
  fc.record({ gone: fc.nat(5) }),
), { maxLength: 30 });

test('tags, parents, referrers and restorations are found as if every image were looked at', () => {
  fc.assert(fc.property(changes, (steps) => {
    const registry = new Registry(IDENTITY);
    registry.commit(repository);
    const app = registry.repository('app')!;
    for (const step of steps) {
      if ('gone' in step) {
        registry.deleteImage(app, digest(step.gone));
        continue;
      }
      // As an operation does: whoever has the tag loses it first.
      for (const tag of step.tags) {
        const holder = app.tagged(tag);
        if (holder) {
          registry.putImage(app, { ...holder, imageTags: holder.imageTags.filter((t) => t !== tag) });
        }
      }
      registry.putImage(app, {
        imageDigest: digest(step.n), imageTags: step.tags, imagePushedAt: 0, imageStatus: step.imageStatus,
        children: step.children.map(digest), ...(step.subject !== undefined && { subjectManifestDigest: digest(step.subject) }),
      });
    }
    const images = [...app.images.values()];
    const digestsOf = (those: ImageRecord[]) => those.map(({ imageDigest }) => imageDigest).sort();
    for (const tag of ['a', 'b', 'c', 'd']) {
      expect(app.tagged(tag)).toEqual(images.find(({ imageTags }) => imageTags.includes(tag)));
    }
    for (let n = 0; n <= 5; n++) {
      expect([...app.parentsOf(digest(n))].sort()).toEqual(digestsOf(images.filter(({ children }) => children!.includes(digest(n)))));
      expect(app.referrersOf(digest(n))).toEqual(digestsOf(images.filter(({ subjectManifestDigest }) => subjectManifestDigest === digest(n))));
    }
    expect([...app.activating].sort()).toEqual(digestsOf(images.filter(({ imageStatus }) => imageStatus === 'ACTIVATING')));
    expect(app.sortedDigests()).toEqual(digestsOf(images));

    // The history and its outcome make the same registry again.
    for (const history of [registry.takePending(), [...snapshot(registry)]]) {
      const again = new Registry(IDENTITY);
      history.forEach((change) => again.replay(change));
      expect([...snapshot(again)]).toEqual([...snapshot(registry)]);
    }
  }));
});

test('every code that the emulator uses is in its table, and every code of the table is used', () => {
  const room = join(__dirname, '..', '..', 'src', 'emulator');
  const sources = (readdirSync(room, { recursive: true }) as string[]).filter((name) => name.endsWith('.ts') && name !== 'codes.ts');
  const used = new Set(sources.flatMap((name) => readFileSync(join(room, name), 'utf8').match(/DD-EMULATOR-\d{3}/g) ?? []));
  expect([...used].sort()).toEqual(Object.keys(EMULATOR_CODES).sort());
});
