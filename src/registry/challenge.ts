/** How a registry wants to be spoken to. */
export type Challenge =
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service?: string; readonly scope?: string; readonly error?: string }
  | { readonly scheme: 'basic' };

const PARAMETER = /([A-Za-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g;

/**
 * Reads WWW-Authenticate. Of several, Bearer is taken before Basic, since it is what registries mean.
 * @see https://distribution.github.io/distribution/spec/auth/token/
 */
export function parseChallenges(header: string | undefined): Challenge | undefined {
  if (header === undefined) {
    return undefined;
  }
  const starts = [...header.matchAll(/(?:^|,)\s*(Bearer|Basic)(?=\s|,|$)/gi)];
  const found = starts.map((match, i): Challenge | undefined => {
    const text = header.slice((match.index ?? 0) + match[0].length, starts[i + 1]?.index);
    const values = Object.fromEntries([...text.matchAll(PARAMETER)].map(([, name, quoted, bare]) => [name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? bare]));
    if (match[1].toLowerCase() === 'basic') {
      return { scheme: 'basic' };
    }
    const { realm, service, scope, error } = values;
    return realm === undefined ? undefined
      : { scheme: 'bearer', realm, ...(service === undefined ? {} : { service }), ...(scope ? { scope } : {}), ...(error === undefined ? {} : { error }) };
  });
  return found.find((one) => one?.scheme === 'bearer') ?? found.find((one) => one !== undefined);
}
