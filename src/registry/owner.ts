import { Reach } from './addresses';
import { isLoopbackRegistry } from '../images/reference';

/**
 * Suffixes below which everybody may have a name. Not the public suffix list, which is larger than all of this: what is missing here would let a registry
 * below it send its own credentials to a neighbour.
 */
const SHARED = [
  'amazonaws.com', 'amazonaws.com.cn', 'on.aws', 'cloudfront.net', 'elasticbeanstalk.com', 'azurecr.io', 'azurecr.cn', 'azurecr.us', 'azurewebsites.net', 'azurecontainer.io', 'azurefd.net',
  'cloudapp.azure.com', 'cloudapp.net', 'run.app', 'web.app', 'appspot.com', 'pkg.dev', 'r2.dev', 'workers.dev', 'pages.dev', 'trycloudflare.com', 'vercel.app', 'netlify.app',
  'herokuapp.com', 'fly.dev', 'onrender.com', 'ondigitalocean.app', 'github.io', 'github.dev', 'gitlab.io', 'jfrog.io', 'cloudsmith.io', 'ngrok.io', 'ngrok.app', 'ngrok.dev',
  'ngrok-free.app', 'ngrok-free.dev', 'ts.net', 'duckdns.org', 'ddns.net', 'dyndns.org', 'nip.io', 'sslip.io', 'svc.cluster.local', 'pod.cluster.local',
];

/** The host names that a registry and what it sends us to may have in common. Without a port, and without the dot of a name that is complete. */
function hostNameOf(registry: string): string {
  return registry.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
}

const isAddress = (host: string) => host.startsWith('[') || /^[\d.]+$/.test(host);

/** The part of a name that somebody registered: `gitlab.com` of `registry.gitlab.com`, `example.co.uk` of `registry.example.co.uk`. */
function registeredName(host: string): string {
  const labels = host.split('.');
  const shared = SHARED.find((suffix) => host.endsWith(`.${suffix}`));
  // Below a country, a short second label (co.uk, com.au, ne.jp) is mostly a class of names and not somebody's.
  const classes = labels.length > 2 && labels[labels.length - 1].length === 2 && labels[labels.length - 2].length <= 3;
  return labels.slice(-(shared !== undefined ? shared.split('.').length + 1 : classes ? 3 : 2)).join('.');
}

/** Whether two hosts have the same owner, as far as names tell. In doubt not. */
export function isSameOwner(registry: string, other: string): boolean {
  const [a, b] = [hostNameOf(registry), hostNameOf(other)];
  if (a === b || (isLoopbackRegistry(a) && isLoopbackRegistry(b))) {
    return true;
  }
  const isClass = (host: string) => SHARED.includes(host) || !/\./.test(host) || /^[a-z]{1,3}\.[a-z]{2}$/.test(host);
  return !isAddress(a) && !isAddress(b) && !isClass(a) && !isClass(b) && registeredName(a) === registeredName(b);
}

/** Whether the user named this host besides the registry. */
export function isTrusted(host: string, trustedHosts: readonly string[] = []): boolean {
  return trustedHosts.some((trusted) => hostNameOf(trusted) === hostNameOf(host));
}

/** How far somebody of this reach may send us with this host. */
export function reachTo({ hostname }: URL, reach: Reach, trustedHosts: readonly string[] | undefined): Reach {
  return reach === 'internet' && isTrusted(hostname, trustedHosts) ? 'private' : reach;
}
