import { describe, expect, it } from '@jest/globals';
import { SIGNING_KEY_STATUSES, type SigningKeyStatus } from '@countersign/contracts';
import {
  activatableAt,
  removableAt,
  type SigningKeyEvent,
  type SigningKeyHistory,
  signingKeyTransition,
} from './signing-key-lifecycle.js';

const JWKS_MAX_AGE_SECONDS = 300;
const created = new Date('2026-11-22T08:00:00Z');
const after = (date: Date, seconds: number) => new Date(date.getTime() + seconds * 1000);
const longAfter = after(created, 1_000_000);

function key(status: SigningKeyStatus, more: Partial<SigningKeyHistory> = {}): SigningKeyHistory {
  const activatedAt = status === 'next' ? null : created;
  const retiredAt = status === 'retiring' ? created : null;
  return { status, createdAt: created, activatedAt, retiredAt, longestTtlSeconds: 900, ...more };
}

const move = (history: SigningKeyHistory, event: SigningKeyEvent, now = longAfter) =>
  signingKeyTransition(history, event, now, JWKS_MAX_AGE_SECONDS);

describe('signingKeyTransition', () => {
  const allowed: Record<string, SigningKeyStatus> = {
    'next activate': 'active',
    'next retire': 'retiring',
    'next compromise': 'compromised',
    'active supersede': 'retiring',
    'active compromise': 'compromised',
    'retiring remove': 'removed',
    'retiring compromise': 'compromised',
    'removed compromise': 'compromised',
  };
  const events = ['activate', 'supersede', 'retire', 'remove', 'compromise'] as const;
  const all = SIGNING_KEY_STATUSES.flatMap((status) => events.map((event) => ({ status, event })));

  it.each(all)('$event of a key that is $status', ({ status, event }) => {
    const to = allowed[`${status} ${event}`];
    expect(move(key(status), event)).toEqual(
      to === undefined ? { ok: false, code: 'wrong_state' } : { ok: true, status: to },
    );
  });

  it('activates no key before every cache of the JWKS can have seen it', () => {
    const allowedAt = after(created, JWKS_MAX_AGE_SECONDS + 60);
    const early = new Date(allowedAt.getTime() - 1);
    expect(move(key('next'), 'activate', early)).toEqual({
      ok: false,
      code: 'too_early',
      allowedAt,
    });
    expect(move(key('next'), 'activate', allowedAt)).toEqual({ ok: true, status: 'active' });
  });

  it('removes no key before the last token that it signed has expired', () => {
    const retiredAt = after(created, 5_000);
    const retiring = key('retiring', { retiredAt, longestTtlSeconds: 86_400 });
    const allowedAt = after(retiredAt, 86_400 + 60);
    const early = new Date(allowedAt.getTime() - 1);
    expect(move(retiring, 'remove', early)).toEqual({ ok: false, code: 'too_early', allowedAt });
    expect(move(retiring, 'remove', allowedAt)).toEqual({ ok: true, status: 'removed' });
  });

  it('removes a key that never signed at once', () => {
    const retiring = key('retiring', { activatedAt: null });
    expect(move(retiring, 'remove', created)).toEqual({ ok: true, status: 'removed' });
  });

  it('lets nobody retire the key that signs: activating another does', () => {
    expect(move(key('active'), 'retire')).toEqual({ ok: false, code: 'wrong_state' });
  });

  it('lets a compromise wait for nothing', () => {
    expect(move(key('next'), 'compromise', created).ok).toBe(true);
    expect(move(key('retiring'), 'compromise', created).ok).toBe(true);
  });
});

describe('the moments that are shown', () => {
  it('are those of the state that they belong to', () => {
    for (const status of SIGNING_KEY_STATUSES) {
      expect(activatableAt(key(status), 300) !== null).toBe(status === 'next');
      expect(removableAt(key(status)) !== null).toBe(status === 'retiring');
    }
  });
});
