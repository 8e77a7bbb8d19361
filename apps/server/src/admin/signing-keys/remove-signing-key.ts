import type { SigningKey } from '@countersign/contracts';
import type { ChangeTransaction } from '@countersign/persistence';
import type { Caller } from '../../http/caller-authenticator.js';
import type { SigningKeyPolicy } from '../ports.js';
import { requireUnlimited } from '../reach.js';
import { findSigningKey } from './find-signing-key.js';
import { lockSigningKeys } from './lock-signing-keys.js';
import { moveSigningKey } from './move-signing-key.js';
import { toSigningKey } from './to-signing-key.js';

/** Publishes a retiring key no more, and erases its private part. Its record stays. */
export async function removeSigningKey(
  tx: ChangeTransaction,
  caller: Caller,
  kid: string,
  policy: SigningKeyPolicy,
): Promise<SigningKey> {
  requireUnlimited(caller);
  await lockSigningKeys(tx.manager);
  const row = await findSigningKey(tx.manager, kid);
  if (row.status === 'removed') return toSigningKey(row, policy);
  return moveSigningKey(tx, row, 'remove', policy);
}
