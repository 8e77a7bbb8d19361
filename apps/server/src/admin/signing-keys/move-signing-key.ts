import type { SigningKey } from '@countersign/contracts';
import { type SigningKeyEvent, signingKeyTransition } from '@countersign/core';
import { type ChangeTransaction, SigningKeyEntity } from '@countersign/persistence';
import { ProblemException } from '../../http/problem.js';
import type { SigningKeyPolicy } from '../ports.js';
import { updateRows } from '../store-row.js';
import { toSigningKey } from './to-signing-key.js';

/**
 * Takes a signing key where an event leads, with its record and its entry of the change feed. Call
 * it with the signing keys locked.
 * @throws {ProblemException} `wrong_state`, or `too_early` with the moment from which it is allowed
 */
export async function moveSigningKey(
  tx: ChangeTransaction,
  row: SigningKeyEntity,
  event: SigningKeyEvent,
  policy: SigningKeyPolicy,
  reason: string | null = null,
): Promise<SigningKey> {
  const moved = signingKeyTransition(row, event, tx.now, policy.jwksMaxAgeSeconds);
  if (!moved.ok) throw refusal(row, event, moved);
  const before = toSigningKey(row, policy);
  const change = { status: moved.status, ...EFFECTS[event](tx.now, reason) };
  Object.assign(row, change);
  await updateRows(tx.manager, SigningKeyEntity, { kid: row.kid }, change);
  const after = toSigningKey(row, policy);
  tx.audit({
    action: `signing_key.${PAST[event]}`,
    resourceType: 'signing_key',
    resourceId: row.kid,
    organizationId: null,
    before,
    after,
    reason,
  });
  tx.changed('signing_key', row.kid);
  return after;
}

type Effect = (now: Date, reason: string | null) => Partial<SigningKeyEntity>;

// What never signs again has no use for its private part.
const EFFECTS: Readonly<Record<SigningKeyEvent, Effect>> = {
  activate: (now) => ({ activatedAt: now }),
  supersede: (now) => ({ retiredAt: now }),
  retire: (now) => ({ retiredAt: now }),
  remove: (now) => ({ removedAt: now, sealedPrivateJwk: null }),
  compromise: (now, reason) => ({
    compromisedAt: now,
    compromisedReason: reason,
    sealedPrivateJwk: null,
  }),
};

const PAST: Readonly<Record<SigningKeyEvent, string>> = {
  activate: 'activated',
  supersede: 'retired',
  retire: 'retired',
  remove: 'removed',
  compromise: 'compromised',
};

function refusal(
  { status, alg }: SigningKeyEntity,
  event: SigningKeyEvent,
  refused: { readonly code: 'wrong_state' | 'too_early'; readonly allowedAt?: Date },
): ProblemException {
  if (refused.allowedAt !== undefined) {
    const moment = refused.allowedAt.toISOString();
    return new ProblemException('too_early', `It is safe to ${event} this key from ${moment} on.`);
  }
  const detail =
    status === 'active' && event === 'retire'
      ? `It is the only active key of ${alg}: activating another retires it.`
      : `A key that is ${status} cannot be ${PAST[event]}.`;
  return new ProblemException('wrong_state', detail);
}
