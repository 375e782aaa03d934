import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Node, Parser } from 'commonmark';

export const root = join(__dirname, '..', '..');

export interface Block {
  readonly document: string;
  /** Of the first line of its content. */
  readonly line: number;
  readonly language: string;
  /** The fixture of jsii-rosetta that it names: `ts fixture=in-app`. */
  readonly fixture?: string;
  readonly text: string;
  /** What the HTML comments directly before it say. */
  readonly notes: readonly string[];
}

export interface Link {
  readonly line: number;
  readonly destination: string;
}

export interface Document {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly links: readonly Link[];
  /** Inline code, in order. */
  readonly codes: readonly { readonly line: number; readonly text: string }[];
  /** Anchors of headings, as GitHub makes them. */
  readonly anchors: ReadonlySet<string>;
}

/** Made by commands that have tests of their own: their blocks are output. */
const GENERATED = ['docs/errors.md', 'docs/gallery/preview.md', 'docs/gallery/review.md'];

/** Every document whose links are looked at. */
export function documentPaths(): string[] {
  const under = (folder: string) => (readdirSync(join(root, folder), { recursive: true }) as string[])
    .filter((file) => file.endsWith('.md') && !file.includes('node_modules')).map((file) => `${folder}/${file.split('\\').join('/')}`);
  return ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'bench/README.md', ...under('docs'), ...under('examples')].sort();
}

/** Documents whose code blocks a reader copies. */
export function guidedPaths(): string[] {
  return documentPaths().filter((path) => !GENERATED.includes(path) && path !== 'CHANGELOG.md');
}

export function readDocument(path: string): Document {
  return parseDocument(path, readFileSync(join(root, path), 'utf8'));
}

export function parseDocument(path: string, text: string): Document {
  const blocks: Block[] = [];
  const links: Link[] = [];
  const codes: { line: number; text: string }[] = [];
  const anchors = new Set<string>();
  const walker = new Parser().parse(text).walker();
  for (let event = walker.next(); event; event = walker.next()) {
    const { entering, node } = event;
    if (!entering) {
      continue;
    }
    if (node.type === 'code_block') {
      // An indented block has no fence and starts with its content.
      const [language = '', ...attributes] = (node.info ?? '').split(/\s+/);
      const fixture = attributes.map((one) => /^fixture=(.+)$/.exec(one)?.[1]).find((name) => name !== undefined);
      blocks.push({ document: path, line: node.sourcepos[0][0] + (node.info === null ? 0 : 1), language, text: node.literal ?? '', notes: notesBefore(node), ...(fixture !== undefined && { fixture }) });
    } else if (node.type === 'link' || node.type === 'image') {
      links.push({ line: lineOf(node), destination: node.destination ?? '' });
    } else if (node.type === 'code') {
      codes.push({ line: lineOf(node), text: node.literal ?? '' });
    } else if (node.type === 'heading') {
      anchors.add(unused(anchorOf(textOf(node)), anchors));
    } else if (node.type === 'html_inline' || node.type === 'html_block') {
      for (const [, id] of (node.literal ?? '').matchAll(/<a (?:id|name)="([^"]+)"/g)) {
        anchors.add(id);
      }
    }
  }
  return { path, text, blocks, links, codes, anchors };
}

function notesBefore(node: Node): string[] {
  const notes: string[] = [];
  for (let before = node.prev; before?.type === 'html_block'; before = before.prev) {
    notes.unshift(...[...(before.literal ?? '').matchAll(/<!--\s*(.*?)\s*-->/gs)].map(([, note]) => note));
  }
  return notes;
}

/** Of the block around it: inline nodes have no position of their own. */
function lineOf(node: Node): number {
  let at: Node | null = node;
  while (at && !at.sourcepos) {
    at = at.parent;
  }
  return at ? at.sourcepos[0][0] : 0;
}

function textOf(node: Node): string {
  let text = '';
  const walker = node.walker();
  for (let event = walker.next(); event; event = walker.next()) {
    text += event.entering && (event.node.type === 'text' || event.node.type === 'code') ? event.node.literal ?? '' : '';
  }
  return text;
}

function anchorOf(heading: string): string {
  return heading.trim().toLowerCase().replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '').replace(/\s/g, '-');
}

function unused(anchor: string, taken: ReadonlySet<string>): string {
  let candidate = anchor;
  for (let i = 1; taken.has(candidate); i++) {
    candidate = `${anchor}-${i}`;
  }
  return candidate;
}
