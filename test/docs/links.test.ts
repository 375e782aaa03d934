import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { Document, documentPaths, parseDocument, readDocument, root } from './documents';

const documents = new Map(documentPaths().map((path) => [path, readDocument(path)]));

/** What is wrong with the relative links of a document. */
function deadLinks(document: Document): string[] {
  return document.links.filter(({ destination }) => !/^(?:https?|mailto):/.test(destination)).flatMap(({ line, destination }) => {
    const [file, anchor] = destination.split('#');
    const path = file === '' ? document.path : normalize(join(dirname(document.path), decodeURIComponent(file)));
    if (path.startsWith('..') || !(documents.has(path) || existsSync(join(root, path)))) {
      return [`${document.path}:${line} ${destination}: there is no ${path}`];
    }
    if (anchor === undefined || !path.endsWith('.md') || !(documents.has(path) || statSync(join(root, path)).isFile())) {
      return [];
    }
    const { anchors } = documents.get(path) ?? readDocument(path);
    return anchors.has(decodeURIComponent(anchor)) ? [] : [`${document.path}:${line} ${destination}: ${path} has no heading of that name`];
  });
}

test('every relative link leads to a file, and every anchor to a heading', () => {
  expect([...documents.values()].flatMap(({ links }) => links).length).toBeGreaterThan(200);
  expect([...documents.values()].flatMap(deadLinks)).toEqual([]);
});

test('every document is linked from another one', () => {
  const linked = new Set([...documents.values()].flatMap((document) => document.links
    .filter(({ destination }) => !/^(?:https?|mailto):|^#/.test(destination)).map(({ destination }) => normalize(join(dirname(document.path), destination.split('#')[0])))));
  const byFolder = /^(?:README\.md|examples\/|docs\/adr\/)/;
  expect([...documents.keys()].filter((path) => !linked.has(path) && !byFolder.test(path))).toEqual([]);
});

test('these tests see dead files, dead anchors and second headings of one name', () => {
  const document = parseDocument('docs/x.md', '# One `two`, three\n\n# Same\n\n# Same\n\n[a](#one-two-three) [b](#same-1) [c](#same-2) [d](gate.md) [e](gone.md) [f](gate.md#gone) [g](../../README.md)\n\n| [h](#gone) |\n');
  documents.set('docs/x.md', document);
  expect(deadLinks(document).map((line) => line.split(' ')[1])).toEqual(['#same-2:', 'gone.md:', 'gate.md#gone:', '../../README.md:', '#gone:']);
  documents.delete('docs/x.md');
});
