import { describe, expect, it } from '@jest/globals';
import { NOW_MS } from '../../test/key-state.js';
import type { Change } from '../changes/change.js';
import { RevokedTokens } from './revoked-tokens.js';

const inOneMinute = new Date(NOW_MS + 60_000);

function revocation(jti: string, expiresAt: Date | null = inOneMinute): Change {
  return { position: 1, kind: 'revoked_token', subject: jti, expiresAt };
}

describe('RevokedTokens', () => {
  it('knows a token as soon as its revocation was applied, and no other', () => {
    const revoked = new RevokedTokens(async () => []);
    expect(revoked.has('one')).toBe(false);
    revoked.apply(revocation('one'));
    expect(revoked.has('one')).toBe(true);
    expect(revoked.has('another')).toBe(false);
  });

  it('has nothing to do with changes of another kind', () => {
    const revoked = new RevokedTokens(async () => []);
    revoked.apply({ position: 1, kind: 'api_key', subject: 'one', expiresAt: null });
    expect(revoked.size).toBe(0);
  });

  it('loads what was revoked before, and forgets what the database no longer has', async () => {
    let stored = [{ jti: 'one', expiresAt: inOneMinute }];
    const revoked = new RevokedTokens(async () => stored);
    await revoked.reset();
    expect(revoked.has('one')).toBe(true);
    stored = [{ jti: 'another', expiresAt: inOneMinute }];
    await revoked.reset();
    expect([revoked.has('one'), revoked.has('another')]).toEqual([false, true]);
  });

  it('keeps what it knows when it cannot be loaded', async () => {
    const revoked = new RevokedTokens(() => Promise.reject(new Error('no database')));
    revoked.apply(revocation('one'));
    await expect(revoked.reset()).rejects.toThrow('no database');
    expect(revoked.has('one')).toBe(true);
  });

  it('drops a token only once no clock takes it for valid', () => {
    const revoked = new RevokedTokens(async () => []);
    revoked.apply(revocation('one'));
    revoked.prune(inOneMinute.getTime() + 5_000, 5_000);
    expect(revoked.has('one')).toBe(true);
    revoked.prune(inOneMinute.getTime() + 5_001, 5_000);
    expect(revoked.size).toBe(0);
  });

  it('never drops one of which nobody said when it expires', () => {
    const revoked = new RevokedTokens(async () => []);
    revoked.apply(revocation('one', null));
    revoked.prune(Number.MAX_SAFE_INTEGER, 0);
    expect(revoked.has('one')).toBe(true);
  });
});
