import { lookup, LookupAddress, LookupOptions } from 'node:dns';
import { BlockList, isIP } from 'node:net';

/**
 * How far a stranger may send us: to the internet, to private networks too where the registry that the user named is in one itself, to this machine too where
 * that registry is on it.
 */
export type Reach = 'internet' | 'private' | 'machine';

/** Whom an address belongs to. What is `forbidden` gives out credentials, or means nothing outside of one link: nobody has a reason to send us there. */
export type AddressKind = Reach | 'forbidden';

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address, prefix] = range.split('/');
    list.addSubnet(address, Number(prefix), address.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
}

/**
 * Link-local addresses, with the credentials of EC2, ECS, EKS and Lambda; those of other clouds' machines; and what is no address of a host.
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
 */
const FORBIDDEN = blockList([
  '0.0.0.0/8', '169.254.0.0/16', '192.0.0.0/24', '100.100.100.200/32', '168.63.129.16/32', '224.0.0.0/3',
  '::/128', 'fe80::/10', 'fd00:ec2::/32', 'fd20:ce::254/128', 'ff00::/8',
]);
const MACHINE = blockList(['127.0.0.0/8', '::1/128']);
/** @see https://www.iana.org/assignments/iana-ipv4-special-registry/iana-ipv4-special-registry.xhtml */
const PRIVATE = blockList([
  '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '198.18.0.0/15', 'fc00::/7', 'fec0::/10', '64:ff9b:1::/48',
]);

const WORDS: Readonly<Record<AddressKind, string>> = {
  forbidden: 'of this machine or of its credentials', machine: 'of this machine or of its credentials', private: 'of a private network', internet: 'of the internet',
};
const WITHIN: Readonly<Record<Reach, readonly AddressKind[]>> = { internet: ['internet'], private: ['internet', 'private'], machine: ['internet', 'private', 'machine'] };

/** What stands in an error when an address was refused. */
export class ForbiddenAddress extends Error {
  public readonly name = 'ForbiddenAddress';
  public readonly kind: AddressKind;

  constructor(public readonly host: string, public readonly address: string) {
    const kind = kindOfAddress(address);
    super(`${host} is ${address === host ? 'an address' : `at ${address}, which is an address`} ${WORDS[kind]}`);
    this.kind = kind;
  }
}

export function kindOfAddress(address: string): AddressKind {
  const one = plain(address);
  const family = isIP(one) === 6 ? 'ipv6' : 'ipv4';
  return isIP(one) === 0 || FORBIDDEN.check(one, family) ? 'forbidden' : MACHINE.check(one, family) ? 'machine' : PRIVATE.check(one, family) ? 'private' : 'internet';
}

export function isLoopbackAddress(address: string): boolean {
  return isIP(address) !== 0 && kindOfAddress(address) === 'machine';
}

/** Whether nobody of this reach may send us to this address. */
export function isForbidden(address: string, reach: Reach): boolean {
  return !WITHIN[reach].includes(kindOfAddress(address));
}

/** Refuses a host that is written as an address; names are looked at when they are looked up. */
export function checkHost(hostname: string, reach: Reach): void {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && isForbidden(host, reach)) {
    throw new ForbiddenAddress(host, host);
  }
}

type Callback = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/** DNS look-up that refuses those addresses: a name of anybody's may point to them. What it finds is what is connected to. */
export function guardedLookup(reach: Reach) {
  return (hostname: string, options: LookupOptions, callback: Callback): void => {
    lookup(hostname, options, ((error: Error | null, found: string | LookupAddress[], version?: number) => {
      const addresses = typeof found === 'string' ? [found] : (found ?? []).map(({ address }) => address);
      const bad = error ? undefined : addresses.find((address) => isForbidden(address, reach));
      callback(bad === undefined ? error : new ForbiddenAddress(hostname, bad), found, version);
    }) as never);
  };
}

/**
 * IPv4 in the clothes of IPv6 is IPv4: mapped, compatible, translated (SIIT, NAT64), 6to4.
 * @see https://www.rfc-editor.org/rfc/rfc6052
 */
function plain(address: string): string {
  if (isIP(address) !== 6) {
    return address;
  }
  const groups = groupsOf(address);
  const are = (from: number, values: readonly number[]) => values.every((value, i) => groups[from + i] === value);
  const embedded = (are(0, [0, 0, 0, 0, 0, 0xffff]) || are(0, [0, 0, 0, 0, 0xffff, 0]) || are(0, [0x64, 0xff9b, 0, 0, 0, 0]) || (are(0, [0, 0, 0, 0, 0, 0]) && groups[6] !== 0))
    ? groups.slice(6) : groups[0] === 0x2002 ? groups.slice(1, 3) : undefined;
  return embedded === undefined ? address.replace(/%.*$/, '') : embedded.flatMap((group) => [Math.floor(group / 256), group % 256]).join('.');
}

/** The eight groups. A URL writes them in hexadecimal, whatever they came as. */
function groupsOf(address: string): number[] {
  const [head, tail] = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1).split('::')
    .map((part) => (part === '' ? [] : part.split(':').map((group) => parseInt(group, 16))));
  return tail === undefined ? head : [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}
