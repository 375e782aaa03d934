import * as fc from 'fast-check';
import { inUseBy } from '../../src/lifecycle/in-use';
import { readInUseList } from '../../src/lifecycle/in-use-list';
import { Inventory } from '../../src/lifecycle/model';

const HOST = '123456789012.dkr.ecr.eu-central-1.amazonaws.com';
const URI = `${HOST}/shop/web`;
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const [A, B, C, D, INDEX, OUTER] = ['a', 'b', 'c', 'd', 'e', 'f'].map(digest);
const image = (imageDigest: string, ...imageTags: string[]) => ({ imageDigest, imagePushedAt: '2026-01-01T00:00:00Z', repositoryName: 'shop/web', ...(imageTags.length > 0 && { imageTags }) });
const WEB: Inventory = { imageDetails: [image(A, 'v1', 'latest'), image(B, 'v2'), image(C), image(D), image(INDEX, 'multi')], manifestChildren: { [INDEX]: [C, D] } };
const used = (reference: string, inventory = WEB, uris: string | string[] = URI) => [...inUseBy(inventory, uris, [{ reference, by: 'x' }]).keys()].sort();

test.each<[string, string, string[]]>([
  ['a tag', `${URI}:v2`, [B]],
  ['no tag, which is latest', URI, [A]],
  ['a digest', `${URI}@${B}`, [B]],
  ['a tag and a digest, of which the digest counts', `${URI}:v1@${B}`, [B]],
  ['a digest of kubectl', `docker-pullable://${URI}@${A}`, [A]],
  ['a scheme', `docker://${URI}:v2`, [B]],
  ['the dual-stack host', '123456789012.dkr-ecr.eu-central-1.on.aws/shop/web:v2', [B]],
  ['the FIPS host', '123456789012.dkr.ecr-fips.eu-central-1.amazonaws.com/shop/web:v2', [B]],
  ['a host on this machine', '127.0.0.1:4510/shop/web:v2', [B]],
  ['a digest alone', B, [B]],
  ['a tag that is not there', `${URI}:v3`, []],
  ['a digest that is not there', `${URI}@${OUTER}`, []],
  ['another account', '210987654321.dkr.ecr.eu-central-1.amazonaws.com/shop/web:v2', []],
  ['another Region', '123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web:v2', []],
  ['another repository', `${HOST}/shop/web2:v2`, []],
  ['Docker Hub', 'shop/web:v2', []],
  ['another registry', 'ghcr.io/shop/web:v2', []],
  ['nonsense', ':::', []],
])('by %s', (_, reference, expected) => {
  expect(used(reference)).toEqual(expected);
});

test('an index in use is in use with its parts, and a part with its index, but not its siblings', () => {
  expect(used(`${URI}:multi`)).toEqual([C, D, INDEX]);
  expect(used(`${URI}@${C}`)).toEqual([C, INDEX]);
});

test('an index of indexes reaches all the way down and up, once, were it a circle', () => {
  const nested = { imageDetails: [...WEB.imageDetails, image(OUTER, 'outer')], manifestChildren: { [OUTER]: [INDEX], [INDEX]: [C, D, OUTER] } };
  expect(used(`${URI}:outer`, nested)).toEqual([C, D, INDEX, OUTER]);
  expect(used(`${URI}@${D}`, { ...nested, manifestChildren: { [OUTER]: [INDEX], [INDEX]: [C, D] } })).toEqual([D, INDEX, OUTER]);
});

test('a name alone stands for the repository in any registry, and several repositories are kept apart', () => {
  expect(used('210987654321.dkr.ecr.us-east-1.amazonaws.com/shop/web:v2', WEB, 'shop/web')).toEqual([B]);
  const two = { imageDetails: [image(A, 'v1'), { ...image(B, 'v1'), repositoryName: 'shop/api' }] };
  expect(used(`${HOST}/shop/api:v1`, two, [URI, `${HOST}/shop/api`])).toEqual([B]);
  expect(used(`${HOST}/shop/web@${B}`, two, [URI, `${HOST}/shop/api`])).toEqual([]);
});

test('images that name no repository are of the one that is asked for', () => {
  expect(used(`${URI}:v1`, { imageDetails: [{ imageDigest: A, imageTags: ['v1'], imagePushedAt: 0 }] })).toEqual([A]);
});

test('everybody who uses an image is named once, in order', () => {
  const references = [['b', 'v1'], ['a', 'latest'], ['b', 'latest']].map(([by, tag]) => ({ reference: `${URI}:${tag}`, by }));
  expect(inUseBy(WEB, URI, references).get(A)).toEqual(['a', 'b']);
});

describe('a list', () => {
  const references = (text: string) => readInUseList(text, 'list').map(({ reference, by }) => [reference, by]);

  test('of lines, with who runs it after a tab, comments, blank lines and several in a line', () => {
    expect(references(`# pods\n\n${URI}:v1\tpod default/web\r\n${A}  ${B}\n${URI}:v1\tpod default/web\n`)).toEqual([[`${URI}:v1`, 'pod default/web'], [A, 'list'], [B, 'list']]);
  });

  test('of JSON texts or references', () => {
    expect(references(JSON.stringify([`${URI}:v1`, { reference: A, by: 'me' }, { reference: B }]))).toEqual([[`${URI}:v1`, 'list'], [A, 'me'], [B, 'list']]);
  });

  test('of pods, what is asked for and what was pulled', () => {
    const pod = {
      metadata: { namespace: 'prod', name: 'web-1' }, spec: { containers: [{ image: `${URI}:v1` }], initContainers: [{ image: 'busybox' }] },
      status: { containerStatuses: [{ imageID: `docker-pullable://${URI}@${A}` }, { imageID: '' }] },
    };
    expect(references(JSON.stringify({ kind: 'List', items: [pod] }))).toEqual([[`${URI}:v1`, 'pod prod/web-1'], ['busybox', 'pod prod/web-1'], [`${URI}@${A}`, 'pod prod/web-1']]);
  });

  test('that is empty, holds nothing', () => {
    expect(references('')).toEqual([]);
    expect(references('[]')).toEqual([]);
  });

  test.each<[string, string, string]>([
    ['a line that is no reference', `${URI}:v1\nhello\n:::`, 'DD-INUSE-001 at line 3'],
    ['a short digest', 'sha256:abc', 'DD-INUSE-001 at line 1'],
    ['a number', '[5]', 'DD-INUSE-001 at /0'],
    ['JSON that is cut off', '["a', 'DD-INUSE-002'],
    ['another JSON', '{"a": 1}', 'DD-INUSE-002'],
    ['something that is no pod', '{"items": [{}]}', 'DD-INUSE-002 at /items/0'],
  ])('with %s is refused, with the place', (_, text, expected) => {
    expect(() => references(text)).toThrow(expected);
  });

  test('however strange, is read or refused', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      try {
        expect(Array.isArray(references(text))).toBe(true);
      } catch (error) {
        expect((error as { code: string }).code).toMatch(/^DD-INUSE-/);
      }
    }));
  });
});
