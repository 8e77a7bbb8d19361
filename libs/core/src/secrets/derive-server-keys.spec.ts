import { describe, expect, it } from '@jest/globals';
import { deriveServerKeys } from './derive-server-keys.js';
import { Secret } from './secret.js';

const [one, other] = [new Secret('one server secret'), new Secret('another server secret')];

describe('deriveServerKeys', () => {
  it('derives the same keys from the same secret, at every start and on every replica', () => {
    expect(deriveServerKeys([one])).toEqual(deriveServerKeys([new Secret(one.reveal())]));
  });

  it('derives 32 bytes for each purpose, none of which tells of another', () => {
    const { tagSecrets, sealingKeys } = deriveServerKeys([one, other]);
    const all = [...tagSecrets, ...sealingKeys];
    expect(all.map((key) => key.length)).toEqual([32, 32, 32, 32]);
    expect(new Set(all.map((key) => key.toString('hex'))).size).toBe(4);
    for (const key of all) expect(key.includes(one.reveal())).toBe(false);
  });

  it('keeps the order of the secrets: the first makes, the others still verify and open', () => {
    const rotated = deriveServerKeys([other, one]);
    const before = deriveServerKeys([one]);
    expect(rotated.tagSecrets[1]).toEqual(before.tagSecrets[0]);
    expect(rotated.sealingKeys[1]).toEqual(before.sealingKeys[0]);
    expect(rotated.tagSecrets[0]).not.toEqual(before.tagSecrets[0]);
  });

  it('is HKDF-SHA-256 (RFC 5869) with the purpose as info, today and after every upgrade', () => {
    // Worked out by another implementation.
    const { tagSecrets, sealingKeys } = deriveServerKeys([one]);
    expect(tagSecrets[0].toString('hex')).toBe(
      '616d2f1933a89aa9caaa02118e8b25c68e3aab3b7acb5d003f7945febd41d0a6',
    );
    expect(sealingKeys[0].toString('hex')).toBe(
      '659e1f9821e11c8f4f5c350f8f0903a1c6f985b658c1e7479bf2e0040b5fdc0a',
    );
  });
});
