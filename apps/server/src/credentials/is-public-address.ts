import { BlockList, isIP } from 'node:net';

/** @see IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890) */
const NOT_PUBLIC_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
// Only 2000::/3 is global unicast. In it, what embeds an IPv4 address (6to4, Teredo) may lead
// anywhere, and documentation leads nowhere.
const GLOBAL_UNICAST_IPV6 = ['2000::/3'];
const NOT_PUBLIC_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const notPublicIpv4 = blockList(NOT_PUBLIC_IPV4, 'ipv4');
const globalUnicast = blockList(GLOBAL_UNICAST_IPV6, 'ipv6');
const notPublicIpv6 = blockList(NOT_PUBLIC_IPV6, 'ipv6');

/**
 * Whether an address is one of the public internet: not private, loopback, link-local, shared,
 * multicast or reserved. IPv6 addresses that stand for IPv4 ones are none, nor is what is no address.
 */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !notPublicIpv4.check(address, 'ipv4');
    case 6:
      if (address.includes('%')) return false;
      return globalUnicast.check(address, 'ipv6') && !notPublicIpv6.check(address, 'ipv6');
    default:
      return false;
  }
}

function blockList(blocks: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [address = '', length] = block.split('/');
    list.addSubnet(address, Number(length), family);
  }
  return list;
}
