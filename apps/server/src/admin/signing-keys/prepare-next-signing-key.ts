import type { PrepareSigningKey, SigningKey } from '@countersign/contracts';
import type { ChangeTransaction } from '@countersign/persistence';
import type { Caller } from '../../http/caller-authenticator.js';
import { Created } from '../../http/created.js';
import { requireUnlimited } from '../reach.js';
import { insertSigningKey, type SigningKeyMaking } from './insert-signing-key.js';
import { lockSigningKeys } from './lock-signing-keys.js';
import { toSigningKey } from './to-signing-key.js';

/** Makes the key that is to sign next, and publishes it. */
export async function prepareNextSigningKey(
  tx: ChangeTransaction,
  caller: Caller,
  { alg }: PrepareSigningKey,
  making: SigningKeyMaking,
): Promise<Created<SigningKey>> {
  requireUnlimited(caller);
  await lockSigningKeys(tx.manager);
  const row = await insertSigningKey(tx, alg, 'next', making);
  const after = toSigningKey(row, making.policy);
  tx.audit({
    action: 'signing_key.created',
    resourceType: 'signing_key',
    resourceId: row.kid,
    organizationId: null,
    before: null,
    after,
  });
  tx.changed('signing_key', row.kid);
  return new Created(`/v1/signing-keys/${row.kid}`, after);
}
