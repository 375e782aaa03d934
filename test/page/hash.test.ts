import * as fc from 'fast-check';
import { hashesOf, OVERVIEW, placeOfHash } from '../../src/page/hash';
import { hostileText } from '../report/hostile';

test('a repository is named in the address as people name it', () => {
  expect(hashesOf([{ title: 'shop/api' }, { title: 'a name of ${Token}' }])).toEqual(['#/shop/api', '#/a%20name%20of%20%24%7BToken%7D']);
});

test('two with one title are told apart by account and Region, and by a number where those are the same', () => {
  const title = 'shop/api';
  expect(hashesOf([{ title, account: '1', region: 'eu-central-1' }, { title, account: '2', region: 'eu-central-1' }, { title, account: '2', region: 'eu-central-1' }, { title: 'b' }]))
    .toEqual(['#/shop/api@1@eu-central-1', '#/shop/api@2@eu-central-1', '#/shop/api@2@eu-central-1~2', '#/b']);
});

test.each([['', undefined], ['#', undefined], [OVERVIEW, undefined], ['#/nowhere', undefined], ['#/%', undefined], ['#/shop/api', 1], ['#shop/api', 1], ['#/shop%2Fapi', 1]])('%j leads to %j', (hash, place) => {
  expect(placeOfHash(hash, hashesOf([{ title: 'b' }, { title: 'shop/api' }]))).toBe(place);
});

test('whatever the titles are, every hash leads back to its repository', () => {
  fc.assert(fc.property(fc.array(fc.record({ title: fc.oneof(hostileText, fc.constantFrom('a', 'a~2', 'a@1', '/a', 'x')), account: fc.constantFrom('1', '2', undefined) }), { maxLength: 8 }), (repositories) => {
    const hashes = hashesOf(repositories);
    expect(new Set(hashes).size).toBe(repositories.length);
    hashes.forEach((hash, i) => expect(placeOfHash(hash, hashes)).toBe(i));
  }));
});
