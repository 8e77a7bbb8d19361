import type { SigningKey } from '@countersign/contracts';
import { type ChangeTransaction, SigningKeyEntity } from '@countersign/persistence';
import type { Caller } from '../../http/caller-authenticator.js';
import type { SigningKeyPolicy } from '../ports.js';
import { requireUnlimited } from '../reach.js';
import { findSigningKey } from './find-signing-key.js';
import { lockSigningKeys } from './lock-signing-keys.js';
import { moveSigningKey } from './move-signing-key.js';
import { toSigningKey } from './to-signing-key.js';

/** Lets a key sign; the one of the same algorithm that did only verifies from now on. */
export async function activateSigningKey(
  tx: ChangeTransaction,
  caller: Caller,
  kid: string,
  policy: SigningKeyPolicy,
): Promise<SigningKey> {
  requireUnlimited(caller);
  await lockSigningKeys(tx.manager);
  const row = await findSigningKey(tx.manager, kid);
  if (row.status === 'active') return toSigningKey(row, policy);
  const active = await tx.manager.findOneBy(SigningKeyEntity, { alg: row.alg, status: 'active' });
  if (active !== null) await moveSigningKey(tx, active, 'supersede', policy);
  return moveSigningKey(tx, row, 'activate', policy);
}
