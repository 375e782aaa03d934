import { IncomingHttpHeaders } from 'node:http';

/** Names that lead to this machine only; Docker Desktop has one for containers. */
const HERE = /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.[0-9]{1,3}){3}|\[::1\]|host\.docker\.internal)(?::[0-9]+)?$/i;

/**
 * Why a request is refused, if it is. Any credentials are let in here, so a web page that a developer looks at must not get in: neither by a name
 * of its own that it points at 127.0.0.1, which makes the emulator one origin with it, nor by a cross-site request.
 */
export function strangerIn({ host, origin, 'sec-fetch-site': site }: IncomingHttpHeaders): string | undefined {
  if (!HERE.test(host ?? '')) {
    return 'Requests are answered under names of this machine only: localhost, 127.0.0.1, [::1], host.docker.internal.';
  }
  if ((origin !== undefined && !HERE.test(origin.replace(/^https?:\/\//, ''))) || site === 'cross-site') {
    return 'Requests from web pages of other hosts are refused.';
  }
  return undefined;
}
