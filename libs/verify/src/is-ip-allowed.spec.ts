import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isIpAllowed } from './is-ip-allowed.js';

describe('isIpAllowed', () => {
  it.each([
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.1.2.3/8', '10.9.9.9', true],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.2', false],
    ['192.0.2.0/31', '192.0.2.1', true],
    ['192.0.2.0/31', '192.0.2.2', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:DB8::1', '2001:0db8:0:0:0:0:0:1', true],
    ['::1', '::1', true],
    ['::1', '127.0.0.1', false],
    ['::/0', '2001:db8::1', true],
    ['::/0', '10.0.0.1', false],
  ])('%s contains %s: %p', (block, ip, contains) => {
    expect(isIpAllowed([block], ip)).toBe(contains);
  });

  it.each([
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['10.0.0.0/8', '::FFFF:a01:203', true],
    ['10.0.0.0/8', '0:0:0:0:0:ffff:10.1.2.3', true],
    ['10.0.0.0/8', '::ffff:11.1.2.3', false],
    ['10.0.0.0/8', '::10.1.2.3', false],
    ['10.0.0.0/8', '64:ff9b::10.1.2.3', false],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '::ffff:10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '11.1.2.3', false],
    ['::ffff:192.0.2.1', '192.0.2.1', true],
    ['::/0', '::ffff:10.1.2.3', false],
    ['::/80', '10.1.2.3', false],
  ])(
    'takes an IPv4-mapped address for IPv4: %s, %s: %p (RFC 4291 §2.5.5.2)',
    (block, ip, contains) => {
      expect(isIpAllowed([block], ip)).toBe(contains);
    },
  );

  it.each([
    undefined,
    '',
    'localhost',
    '10.1.2',
    '10.1.2.3.4',
    '010.1.2.3',
    '0x0a.1.2.3',
    '167838211',
    '10.1.2.3 ',
    '10.1.2.3:80',
    '10.1.2.3, 10.1.2.4',
    '[::1]',
    'fe80::1%eth0',
    '::1%lo',
  ])('allows nothing that is not an address: %p', (ip) => {
    expect(isIpAllowed(['0.0.0.0/0', '::/0'], ip)).toBe(false);
  });

  it.each([
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8.0',
    '10.0.0.0/ 8',
    '10.0.0.0/0x8',
    '010.0.0.0/8',
    '10.0.0.0/8/8/8',
    '::/129',
    '::1%lo/0',
    'any',
    '',
  ])('finds nothing in an entry that cannot be read: %p', (entry) => {
    for (const ip of ['10.1.2.3', '8.1.2.3', '::1']) expect(isIpAllowed([entry], ip)).toBe(false);
  });

  it('finds nothing in an empty list, and the one of many', () => {
    expect(isIpAllowed([], '10.1.2.3')).toBe(false);
    expect(isIpAllowed(['2001:db8::/32', '192.0.2.1', '10.0.0.0/8'], '10.1.2.3')).toBe(true);
  });

  it('compares exactly the bits of the prefix', () => {
    const number = fc.integer({ min: 0, max: 0xffff_ffff });
    const dotted = (n: number) => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join('.');
    fc.assert(
      fc.property(number, number, fc.integer({ min: 0, max: 32 }), (network, other, length) => {
        const shift = BigInt(32 - length);
        const contains = BigInt(network) >> shift === BigInt(other) >> shift;
        const block = `${dotted(network)}/${length}`;
        expect(isIpAllowed([block], dotted(other))).toBe(contains);
        expect(isIpAllowed([block], `::ffff:${dotted(other)}`)).toBe(contains);
        expect(isIpAllowed([block], dotted(network))).toBe(true);
      }),
    );
  });
});
