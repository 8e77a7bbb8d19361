import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ecdsaSignatureFromDer } from './ecdsa-signature-from-der.js';

function fromHex(der: string): string {
  return ecdsaSignatureFromDer(Buffer.from(der, 'hex')).toString('hex');
}

describe('ecdsaSignatureFromDer', () => {
  it('gives each number 32 octets, without the zero before a first bit that is set', () => {
    const f = 'f'.repeat(64);
    expect(fromHex(`3046022100${f}022100${f}`)).toBe(f + f);
    expect(fromHex('300602010102017f')).toBe('01'.padStart(64, '0') + '7f'.padStart(64, '0'));
    expect(fromHex('30080202008002020100')).toBe('80'.padStart(64, '0') + '0100'.padStart(64, '0'));
  });

  it('says the same as the DER that it was made from, however short its numbers are', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
    const lengths = new Set<number>();
    for (let round = 0; round < 2_000; round += 1) {
      const input = Buffer.from(String(round));
      const der = sign('sha256', input, privateKey);
      lengths.add(der.length);
      const signature = ecdsaSignatureFromDer(der);
      expect(signature).toHaveLength(64);
      expect(verify('sha256', input, key, signature)).toBe(true);
    }
    // Seventy octets, and one more or less for each number.
    expect(lengths.size).toBeGreaterThan(3);
  });
});
