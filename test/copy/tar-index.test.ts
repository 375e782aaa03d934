import { TarIndex } from '../../src/copy/tar-index';
import { pax, tarOf } from '../fuzz/tar-bytes';
import { memoryFile } from '../fuzz/targets/tar';

const signal = new AbortController().signal;

test('records of a pax header that end before their own = are not read, however many there are', async () => {
  const bytes = Buffer.from(`${'2 '.repeat(500_000)}=`);
  const index = await TarIndex.read(memoryFile(tarOf([{ name: 'x', type: 'x', bytes }, { name: 'a', bytes: Buffer.from('a') }])), signal);
  expect(index.names).toEqual(['a']);
});

test('a pax header names and measures what follows it', async () => {
  const index = await TarIndex.read(memoryFile(tarOf([{ name: 'x', type: 'x', bytes: pax({ comment: 'c', path: 'b/c', size: '1' }) }, { name: 'a', bytes: Buffer.from('a'), size: '0' }])), signal);
  expect(index.names).toEqual(['b/c']);
  expect(index.find('b/c')?.size).toBe(1);
});
