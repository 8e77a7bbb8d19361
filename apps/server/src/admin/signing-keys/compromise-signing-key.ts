import type { SigningAlgorithm, SigningKey } from '@countersign/contracts';
import { type ChangeTransaction, SigningKeyEntity } from '@countersign/persistence';
import type { Caller } from '../../http/caller-authenticator.js';
import { requireUnlimited } from '../reach.js';
import { updateRows } from '../store-row.js';
import { findSigningKey } from './find-signing-key.js';
import { insertSigningKey, type SigningKeyMaking } from './insert-signing-key.js';
import { lockSigningKeys } from './lock-signing-keys.js';
import { moveSigningKey } from './move-signing-key.js';
import { toSigningKey } from './to-signing-key.js';

// Whoever has the key chooses how long what it signs may live: the verifiers that hold it, and cannot
// fetch a key set without it, are told for much longer than they go on without one.
const KEPT_FOR_MS = 30 * 24 * 3_600_000;

/**
 * Declares a key known to others: what it signed is accepted no more. If it was the one that signs,
 * another does at once: an emergency outranks the caches that have not seen that one yet.
 */
export async function compromiseSigningKey(
  tx: ChangeTransaction,
  caller: Caller,
  kid: string,
  reason: string | null,
  making: SigningKeyMaking,
): Promise<SigningKey> {
  requireUnlimited(caller);
  await lockSigningKeys(tx.manager);
  const row = await findSigningKey(tx.manager, kid);
  if (row.status === 'compromised') return toSigningKey(row, making.policy);
  const signed = row.status === 'active';
  const compromised = await moveSigningKey(tx, row, 'compromise', making.policy, reason);
  const forgottenAt = new Date(tx.now.getTime() + KEPT_FOR_MS);
  tx.revoked({ type: 'kid', id: kid, final: true, organizationId: null }, forgottenAt);
  if (signed) await replaceSigner(tx, row.alg, making);
  return compromised;
}

/** Without the wait that activating asks for, so not by way of the state machine. */
async function replaceSigner(
  tx: ChangeTransaction,
  alg: SigningAlgorithm,
  making: SigningKeyMaking,
): Promise<void> {
  const { manager, now } = tx;
  const [prepared] = await manager.find(SigningKeyEntity, {
    where: { alg, status: 'next' },
    order: { createdAt: 'DESC', kid: 'DESC' },
    take: 1,
  });
  const before = prepared ? toSigningKey(prepared, making.policy) : null;
  const signer = prepared ?? (await insertSigningKey(tx, alg, 'active', making));
  if (prepared) {
    const change = { status: 'active', activatedAt: now } as const;
    Object.assign(prepared, change);
    await updateRows(manager, SigningKeyEntity, { kid: prepared.kid }, change);
  }
  tx.audit({
    action: before === null ? 'signing_key.created' : 'signing_key.activated',
    resourceType: 'signing_key',
    resourceId: signer.kid,
    organizationId: null,
    before,
    after: toSigningKey(signer, making.policy),
    reason: 'the active key was compromised',
  });
  tx.changed('signing_key', signer.kid);
}
