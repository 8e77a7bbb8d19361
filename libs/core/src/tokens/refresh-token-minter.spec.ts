import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KeyTagger } from '../keys/key-tagger.js';
import { RefreshTokenMinter } from './refresh-token-minter.js';

const tagger = new KeyTagger([randomBytes(32)]);
const minter = new RefreshTokenMinter('cs', tagger);

describe('RefreshTokenMinter', () => {
  it('reads what it has made, and keeps only a hash of the secret', () => {
    const { refreshToken, familyId, secretHash } = minter.mint();
    expect(refreshToken).toMatch(/^cs_refresh_[0-9A-Za-z]{69}$/);
    expect(minter.read(refreshToken)).toEqual({ familyId, secretHash });
    const secret = refreshToken.slice('cs_refresh_'.length + 16, -10);
    expect(secretHash).toEqual(createHash('sha256').update(secret).digest());
  });

  it('gives the next token of a family another secret', () => {
    const first = minter.mint();
    const next = minter.mint(first.familyId);
    expect(next.familyId).toBe(first.familyId);
    expect(next.secretHash).not.toEqual(first.secretHash);
    expect(minter.read(first.refreshToken)).toBeDefined();
  });

  it('reads nothing that was changed, cut, lengthened, or made under another secret', () => {
    const { refreshToken } = minter.mint();
    const at = fc.integer({ min: 0, max: refreshToken.length - 1 });
    fc.assert(
      fc.property(at, fc.string({ minLength: 1, maxLength: 1 }), (index, character) => {
        fc.pre(refreshToken[index] !== character);
        const changed = refreshToken.slice(0, index) + character + refreshToken.slice(index + 1);
        expect(minter.read(changed)).toBeUndefined();
        expect(minter.read(refreshToken.slice(0, index))).toBeUndefined();
        expect(minter.read(refreshToken + character)).toBeUndefined();
      }),
    );
    const elsewhere = new RefreshTokenMinter('cs', new KeyTagger([randomBytes(32)]));
    expect(elsewhere.read(refreshToken)).toBeUndefined();
  });
});
