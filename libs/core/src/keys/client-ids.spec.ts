import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { identifier } from '@countersign/contracts';
import fc from 'fast-check';
import { ClientIds } from './client-ids.js';
import { versionIdWithoutSecret } from './version-id-without-secret.js';

const NEW_ID = 'key_01JD0000000000000000000001';
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const clientIds = new ClientIds([randomBytes(32)]);

describe('ClientIds', () => {
  it('are ids of keys, of the time that they were made, and each another', () => {
    const ids = Array.from({ length: 500 }, () => clientIds.mint(NEW_ID));
    for (const id of ids) {
      expect(identifier('apiKey').safeParse(id).success).toBe(true);
      expect(id.slice(0, 14)).toBe(NEW_ID.slice(0, 14));
      expect(clientIds.isOurs(id)).toBe(true);
    }
    expect(new Set(ids.map(versionIdWithoutSecret)).size).toBe(ids.length);
  });

  it('are made by nobody else: not one character can be another', () => {
    const id = clientIds.mint(NEW_ID);
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 29 }), fc.integer({ min: 1, max: 31 }), (at, by) => {
        const other = ALPHABET.charAt((ALPHABET.indexOf(id.charAt(at)) + by) % 32);
        expect(clientIds.isOurs(id.slice(0, at) + other + id.slice(at + 1))).toBe(false);
      }),
    );
    expect(clientIds.isOurs(NEW_ID)).toBe(false);
  });

  it('outlive a change of the server secret, as long as the old one is still listed', () => {
    const [old, next] = [randomBytes(32), randomBytes(32)];
    const id = new ClientIds([old]).mint(NEW_ID);
    expect(new ClientIds([next, old]).isOurs(id)).toBe(true);
    expect(new ClientIds([next]).isOurs(id)).toBe(false);
  });
});
