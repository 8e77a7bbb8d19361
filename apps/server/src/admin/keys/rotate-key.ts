import type { IssuedApiKey, RotateApiKey } from '@countersign/contracts';
import { effectiveScopes, type MintApiKey } from '@countersign/core';
import {
  ApiKeyEntity,
  ApiKeyVersionEntity,
  type ChangeTransaction,
} from '@countersign/persistence';
import { In } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { Created } from '../../http/created.js';
import { ProblemException } from '../../http/problem.js';
import { requireGrantable } from '../grants.js';
import { grantedScopes } from '../principals/granted-scopes.js';
import { insertRow, updateRows } from '../store-row.js';
import { keyStatus } from './key-status.js';
import { lockKey } from './lock-key.js';
import { rotateVersions } from './rotate-versions.js';
import { toApiKey } from './to-api-key.js';
import { versionsOf } from './versions-of.js';

/**
 * Gives a key a new secret and hands that out, this once. The secrets before work until their grace
 * is over. Whoever learns the secret may use the key, so the caller must hold what the key may do.
 * @throws {ProblemException} `wrong_state` for a key that is revoked or expired
 */
export async function rotateKey(
  tx: ChangeTransaction,
  caller: Caller,
  id: string,
  body: RotateApiKey,
  mint: MintApiKey,
): Promise<Created<IssuedApiKey>> {
  const { manager, now } = tx;
  const { key, principal } = await lockKey(manager, caller, id);
  requireGrantable(caller, effectiveScopes(key.scopes, await grantedScopes(manager, principal)));
  const status = keyStatus(key, now);
  if (status === 'revoked' || status === 'expired') {
    throw new ProblemException('wrong_state', `The key is ${status}.`);
  }

  const versions = await versionsOf(manager, id);
  const before = toApiKey(key, versions, now);
  const { apiKey, versionId, lastFour, secretHash } = await mint(key.environment);
  const { ending, obsolete } = rotateVersions(versions, body.grace_seconds, now);
  for (const { id: endingId, expiresAt } of ending) {
    await updateRows(manager, ApiKeyVersionEntity, { id: endingId }, { expiresAt });
    tx.changed('api_key_version', endingId);
  }
  await manager.delete(ApiKeyVersionEntity, { id: In([...obsolete]) });
  await insertRow(manager, ApiKeyVersionEntity, {
    id: versionId,
    apiKeyId: id,
    secretHash,
    lastFour,
    createdAt: now,
    expiresAt: null,
  });
  key.updatedAt = now;
  await updateRows(manager, ApiKeyEntity, { id }, { updatedAt: now });
  tx.changed('api_key_version', versionId);
  tx.changed('api_key', id);

  const after = toApiKey(key, await versionsOf(manager, id), now);
  tx.audit({
    action: 'key.rotated',
    resourceType: 'key',
    resourceId: id,
    organizationId: principal.organizationId,
    before,
    after,
  });
  const kept = { ...after, key: null };
  return new Created<IssuedApiKey>(`/v1/keys/${id}`, { ...after, key: apiKey }, { kept });
}
