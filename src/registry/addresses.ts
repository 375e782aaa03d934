import { lookup, LookupAddress, LookupOptions } from 'node:dns';
import { BlockList, isIP } from 'node:net';

/**
 * Addresses that only mean something on the machine itself: its own services, and those that give out its credentials (EC2, ECS, EKS, Lambda). Nobody from
 * outside has a reason to send us there.
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
 */
const LOCAL = new BlockList();
LOCAL.addSubnet('169.254.0.0', 16, 'ipv4');
LOCAL.addSubnet('0.0.0.0', 8, 'ipv4');
LOCAL.addSubnet('fe80::', 10, 'ipv6');
LOCAL.addAddress('fd00:ec2::254', 'ipv6');
LOCAL.addAddress('fd00:ec2::23', 'ipv6');
LOCAL.addAddress('::', 'ipv6');
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** What stands in an error when an address was refused. */
export class ForbiddenAddress extends Error {
  public readonly name = 'ForbiddenAddress';

  constructor(public readonly host: string, public readonly address: string) {
    super(`${host} is ${address === host ? 'an address' : `at ${address}, which is an address`} of this machine or of its credentials`);
  }
}

export function isLoopbackAddress(address: string): boolean {
  return LOOPBACK.check(plain(address), family(address));
}

/** Whether nobody may send us to this address. */
export function isForbidden(address: string, allowLoopback: boolean): boolean {
  return LOCAL.check(plain(address), family(address)) || (!allowLoopback && isLoopbackAddress(address));
}

/** Refuses a host that is written as an address; names are looked at when they are looked up. */
export function checkHost(hostname: string, allowLoopback: boolean): void {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && isForbidden(host, allowLoopback)) {
    throw new ForbiddenAddress(host, host);
  }
}

type Callback = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/** DNS look-up that refuses those addresses: a name of anybody's may point to them. */
export function guardedLookup(allowLoopback: boolean) {
  return (hostname: string, options: LookupOptions, callback: Callback): void => {
    lookup(hostname, options, ((error: Error | null, found: string | LookupAddress[], version?: number) => {
      const addresses = typeof found === 'string' ? [found] : (found ?? []).map(({ address }) => address);
      const bad = error ? undefined : addresses.find((address) => isForbidden(address, allowLoopback));
      callback(bad === undefined ? error : new ForbiddenAddress(hostname, bad), found, version);
    }) as never);
  };
}

/** IPv4 in the clothes of IPv6 is IPv4. */
function plain(address: string): string {
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address) ? address.slice('::ffff:'.length) : address;
}

const family = (address: string): 'ipv4' | 'ipv6' => (plain(address).includes(':') ? 'ipv6' : 'ipv4');
