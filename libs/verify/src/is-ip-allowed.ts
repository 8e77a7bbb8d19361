import { BlockList, isIP } from 'node:net';

/** One list for each family, since BlockList lets `::/0` match IPv4 as well. */
interface AllowedAddresses {
  readonly ipv4: BlockList;
  readonly ipv6: BlockList;
}

// IPv4 as it reaches a dual-stack socket. @see RFC 4291 §2.5.5.2
const ipv4Mapped = new BlockList();
ipv4Mapped.addSubnet('::ffff:0:0', 96, 'ipv6');

/** By the list itself, which must not be changed once it was used. */
const compiled = new WeakMap<readonly string[], AllowedAddresses>();

/**
 * Whether `ip` is one of `ips` or in one of its CIDR blocks. An IPv4-mapped IPv6 address is the IPv4
 * address that it stands for and is never in an IPv6 block; an IPv4 address is in IPv4 blocks only.
 * What is not an address (also one with a zone) is in none, and an entry that cannot be read
 * contains nothing.
 * @see RFC 4632 §3.1, RFC 4291 §2.3
 */
export function isIpAllowed(ips: readonly string[], ip: string | undefined): boolean {
  if (ip === undefined || ip.includes('%')) return false;
  let allowed = compiled.get(ips);
  if (allowed === undefined) compiled.set(ips, (allowed = compile(ips)));
  switch (isIP(ip)) {
    case 4:
      return allowed.ipv4.check(ip, 'ipv4');
    case 6:
      if (ipv4Mapped.check(ip, 'ipv6')) return allowed.ipv4.check(ip, 'ipv6');
      return allowed.ipv6.check(ip, 'ipv6');
    default:
      return false;
  }
}

function compile(ips: readonly string[]): AllowedAddresses {
  const allowed = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const entry of ips) addEntry(allowed, entry);
  return allowed;
}

function addEntry({ ipv4, ipv6 }: AllowedAddresses, entry: string): void {
  const [address = '', prefix, ...rest] = entry.split('/');
  const version = address.includes('%') ? 0 : isIP(address);
  if (version === 0 || rest.length > 0) return;
  const bits = version === 4 ? 32 : 128;
  const length = prefix === undefined ? bits : readPrefixLength(prefix);
  if (!(length <= bits)) return;
  if (version === 4) {
    ipv4.addSubnet(address, length, 'ipv4');
  } else if (length >= 96 && ipv4Mapped.check(address, 'ipv6')) {
    ipv4.addSubnet(address, length, 'ipv6');
  } else {
    ipv6.addSubnet(address, length, 'ipv6');
  }
}

function readPrefixLength(prefix: string): number {
  return /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
}
