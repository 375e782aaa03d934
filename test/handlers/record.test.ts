import * as fc from 'fast-check';
import { decodeRecord, encodeRecord } from '../../src/handlers/record';

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Tag.html */
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;

test('what is recorded in tags is read back, whatever it is', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const tags = encodeRecord('lifecycle', 'put a b', { value });
    for (const { Key, Value } of tags) {
      expect(Key.length).toBeLessThanOrEqual(128);
      expect(Value).toMatch(TAG_VALUE);
    }
    expect(decodeRecord('lifecycle', tags)).toEqual({ head: 'put a b', body: JSON.parse(JSON.stringify({ value })), tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])) });
  }));
});

test('a head alone is one readable tag', () => {
  expect(encodeRecord('lifecycle', 'put a b')).toEqual([{ Key: 'cdk-drydock:before-lifecycle', Value: 'put a b 0 -' }]);
});

test('tags of others and of the other kind are no part of it', () => {
  const tags = [...encodeRecord('repository', 'x', { a: 1 }), { Key: 'cdk-drydock:before-lifecycle-new', Value: 'no' }, { Key: 'team', Value: 'blue' }];
  expect(decodeRecord('lifecycle', tags)).toBeUndefined();
  expect(Object.keys(decodeRecord('repository', tags)!.tags).sort()).toEqual(['cdk-drydock:before-repository', 'cdk-drydock:before-repository-0']);
});

test('a record that was torn or tampered with has no body, and its tags are still known for removal', () => {
  const tags = encodeRecord('lifecycle', 'h', { text: Array.from({ length: 400 }, (_, index) => (index * 7919) % 1009).join() });
  expect(tags.length).toBeGreaterThan(3);
  const torn = tags.filter(({ Key }) => !Key.endsWith('-1'));
  expect(decodeRecord('lifecycle', torn)).toMatchObject({ head: 'h' });
  expect(decodeRecord('lifecycle', torn)).not.toHaveProperty('body');
  const changed = tags.map((tag, index) => index === 2 ? { ...tag, Value: tag.Value.split('').reverse().join('') } : tag);
  expect(decodeRecord('lifecycle', changed)).not.toHaveProperty('body');
  const headless = tags.slice(1);
  expect(Object.keys(decodeRecord('lifecycle', headless)!.tags)).toHaveLength(headless.length);
});
