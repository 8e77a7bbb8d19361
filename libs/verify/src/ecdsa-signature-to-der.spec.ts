import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ecdsaSignatureToDer } from './ecdsa-signature-to-der.js';

function numbers(r: string, s: string): Uint8Array {
  return Buffer.from(r.padStart(64, '0') + s.padStart(64, '0'), 'hex');
}

function derOf(signature: Uint8Array): string {
  return Buffer.from(ecdsaSignatureToDer(signature)).toString('hex');
}

describe('ecdsaSignatureToDer', () => {
  it('gives each number its shortest form, and a zero before a first bit that is set', () => {
    expect(derOf(numbers('01', '7f'))).toBe('300602010102017f');
    expect(derOf(numbers('80', '0100'))).toBe('30080202008002020100');
    expect(derOf(numbers('0', '0'))).toBe('3006020100020100');
    const f = 'f'.repeat(64);
    expect(derOf(numbers(f, f))).toBe(`3046022100${f}022100${f}`);
  });

  it('keeps both numbers, whatever they are', () => {
    const number = fc
      .tuple(fc.integer({ min: 0, max: 32 }), fc.uint8Array({ minLength: 32, maxLength: 32 }))
      .map(([zeros, octets]) => octets.fill(0, 0, zeros));
    fc.assert(
      fc.property(number, number, (r, s) => {
        const der = ecdsaSignatureToDer(Buffer.concat([r, s]));
        expect(readDer(der)).toEqual([valueOf(r), valueOf(s)]);
      }),
    );
  });

  it('is verified like the other form', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    for (let round = 0; round < 300; round += 1) {
      const data = Buffer.from(String(round));
      const signature = sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
      expect(verify('sha256', data, publicKey, ecdsaSignatureToDer(signature))).toBe(true);
    }
  });
});

function readDer(der: Uint8Array): bigint[] {
  expect([der[0], der[1]]).toEqual([0x30, der.length - 2]);
  const values: bigint[] = [];
  for (let at = 2; at < der.length; at += 2 + (der[at + 1] ?? 0)) {
    expect(der[at]).toBe(0x02);
    const octets = der.subarray(at + 2, at + 2 + (der[at + 1] ?? 0));
    const [first = 0, second = 0] = octets;
    expect(first < 0x80 && (octets.length === 1 || first !== 0 || second >= 0x80)).toBe(true);
    values.push(valueOf(octets));
  }
  return values;
}

function valueOf(octets: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(octets).toString('hex')}`);
}
