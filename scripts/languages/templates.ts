/** Whether two synthesized apps are the same, hashes of assets and notes on where a resource comes from aside. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const HASH = /[0-9a-f]{64}/g;

/** The templates of an assembly by file name, without what may differ. */
export function templatesOf(assembly: string): Record<string, unknown> {
  const files = readdirSync(assembly).filter((name) => name.endsWith('.template.json'));
  if (files.length === 0) {
    throw new Error(`${assembly} has no template.`);
  }
  return Object.fromEntries(files.map((name) => [name, comparable(JSON.parse(readFileSync(join(assembly, name), 'utf8')))]));
}

export function comparable(template: unknown): unknown {
  if (typeof template === 'string') {
    return template.replace(HASH, '<hash>');
  }
  if (Array.isArray(template)) {
    return template.map(comparable);
  }
  if (typeof template !== 'object' || template === null) {
    return template;
  }
  return Object.fromEntries(Object.entries(template)
    // The list of construct libraries that the CDK reports; it names the language.
    .filter(([key, value]) => !(key === 'Metadata' || (value as { Type?: unknown } | null)?.Type === 'AWS::CDK::Metadata'))
    .map(([key, value]) => [key, comparable(value)]));
}

/** Where two templates differ, as JSON pointers with both values; none when they are the same. */
export function differences(expected: unknown, actual: unknown, pointer = ''): string[] {
  const isNode = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
  if (isNode(expected) && isNode(actual) && Array.isArray(expected) === Array.isArray(actual)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].sort();
    return keys.flatMap((key) => differences(expected[key], actual[key], `${pointer}/${key}`));
  }
  return Object.is(expected, actual) ? [] : [`${pointer || '/'}: ${JSON.stringify(expected) ?? 'nothing'} <> ${JSON.stringify(actual) ?? 'nothing'}`];
}
