import type { SigningKeyStatus } from '@countersign/contracts';

/** Added to every wait: for clocks that differ, and for replicas that hear of a change late. */
const SIGNING_KEY_MARGIN_SECONDS = 60;

/**
 * What can happen to a signing key. `supersede` is what activating another key does to the one that
 * is active; nobody asks for it as such, since an algorithm would be left without a key.
 */
export type SigningKeyEvent = 'activate' | 'supersede' | 'retire' | 'remove' | 'compromise';

/** What the lifecycle depends on. */
export interface SigningKeyHistory {
  readonly status: SigningKeyStatus;
  readonly createdAt: Date;
  /** null: it never signed. */
  readonly activatedAt: Date | null;
  readonly retiredAt: Date | null;
  /** The longest lifetime of a token that it may have signed. */
  readonly longestTtlSeconds: number;
}

export type SigningKeyTransition =
  | { readonly ok: true; readonly status: SigningKeyStatus }
  | { readonly ok: false; readonly code: 'wrong_state' }
  | { readonly ok: false; readonly code: 'too_early'; readonly allowedAt: Date };

/**
 * Where an event takes a signing key at `now`, or why it must not happen: a key signs only once
 * every cache of the JWKS can have seen it, and goes only once its last token has expired.
 * @param jwksMaxAgeSeconds how long a cache may keep the JWKS
 */
export function signingKeyTransition(
  key: SigningKeyHistory,
  event: SigningKeyEvent,
  now: Date,
  jwksMaxAgeSeconds: number,
): SigningKeyTransition {
  const status = AFTER[key.status][event];
  if (status === undefined) return { ok: false, code: 'wrong_state' };
  const allowedAt =
    event === 'activate'
      ? activatableAt(key, jwksMaxAgeSeconds)
      : event === 'remove'
        ? removableAt(key)
        : null;
  return allowedAt !== null && now < allowedAt
    ? { ok: false, code: 'too_early', allowedAt }
    : { ok: true, status };
}

/** When every cache of the JWKS can have seen a `next` key; null for any other. */
export function activatableAt(key: SigningKeyHistory, jwksMaxAgeSeconds: number): Date | null {
  if (key.status !== 'next') return null;
  return addSeconds(key.createdAt, jwksMaxAgeSeconds + SIGNING_KEY_MARGIN_SECONDS);
}

/** When the last token that a `retiring` key signed has expired; null for any other. */
export function removableAt(key: SigningKeyHistory): Date | null {
  if (key.status !== 'retiring' || key.retiredAt === null) return null;
  if (key.activatedAt === null) return key.retiredAt;
  return addSeconds(key.retiredAt, key.longestTtlSeconds + SIGNING_KEY_MARGIN_SECONDS);
}

const AFTER: Readonly<
  Record<SigningKeyStatus, Partial<Record<SigningKeyEvent, SigningKeyStatus>>>
> = {
  next: { activate: 'active', retire: 'retiring', compromise: 'compromised' },
  active: { supersede: 'retiring', compromise: 'compromised' },
  retiring: { remove: 'removed', compromise: 'compromised' },
  // Who got hold of it can still fool a verifier that keeps an old JWKS.
  removed: { compromise: 'compromised' },
  compromised: {},
};

function addSeconds(date: Date, seconds: number): Date {
  return new Date(date.getTime() + seconds * 1000);
}
