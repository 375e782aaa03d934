/** Names under which a docker configuration may hold Docker Hub; `docker login` writes the first one. */
export const HUB_NAMES: readonly string[] = ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io', 'registry-1.docker.io'];

/** What `auth` of a docker configuration says: the base64 of NAME:PASSWORD. Undefined when it is none. */
export function decodeAuth(auth: string): { readonly username: string; readonly password: string } | undefined {
  const text = Buffer.from(auth, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 1 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}
