import { sanitise } from '../report/sanitise';

/** What the address says of a repository. */
export interface Named {
  readonly title: string;
  readonly account?: string;
  readonly region?: string;
}

/** Stands for no repository: the overview. */
export const OVERVIEW = '#/';

/** One for each repository, `#/shop/api`; where two have a title in common, with account and Region, and at last with a number. */
export function hashesOf(repositories: readonly Named[]): string[] {
  const plain = repositories.map(({ title }) => title);
  // Half a surrogate pair has no percent encoding.
  const placed = repositories.map(({ title, account, region }, i) => isOnly(plain, i) ? title : [title, account, region].filter((part) => part !== undefined).join('@')).map(sanitise);
  const taken = new Set<string>();
  return placed.map((name) => {
    let unique = name;
    for (let n = 2; taken.has(unique); n++) {
      unique = `${name}~${n}`;
    }
    taken.add(unique);
    return OVERVIEW + encodeURIComponent(unique).replace(/%2F/g, '/').replace(/%40/g, '@');
  });
}

/** Which repository a hash names: undefined for the overview, and for what names none. The slash may be missing: a person typed it. */
export function placeOfHash(hash: string, hashes: readonly string[]): number | undefined {
  const wanted = normal(hash);
  const place = hashes.findIndex((one) => normal(one) === wanted);
  return place < 0 ? undefined : place;
}

function isOnly(names: readonly string[], i: number): boolean {
  return names.indexOf(names[i]) === i && names.lastIndexOf(names[i]) === i;
}

/** Browsers and chats encode more or less of it. */
function normal(hash: string): string {
  const text = hash.replace(/^#?\/?/, '');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
