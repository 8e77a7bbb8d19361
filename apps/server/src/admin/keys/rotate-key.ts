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

// Each is a secret that opens the door, and a hash to be compared with.
const LIVE_VERSIONS_MAX = 10;
const NO_SECRET = 'The key has no secret: change its `authentication`.';
const TOO_MANY = `The key has ${LIVE_VERSIONS_MAX} secrets that still work. Wait until the grace of one is over, or rotate with grace_seconds 0.`;

/**
 * Gives a key a new secret and hands that out, this once. The secrets before work until their grace
 * is over. Whoever learns the secret may use the key, so the caller must hold what the key may do.
 * @throws {ProblemException} `wrong_state` for a key that is revoked or expired, or has too many
 *   secrets or none
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

  if (key.authentication !== null) throw new ProblemException('wrong_state', NO_SECRET);
  const versions = await versionsOf(manager, id);
  const live = versions.filter((version) => isLive(version, now));
  // Without a grace it ends them all, which nothing may stand in the way of.
  if (body.grace_seconds > 0 && live.length >= LIVE_VERSIONS_MAX) {
    throw new ProblemException('wrong_state', TOO_MANY);
  }
  const before = toApiKey(key, versions, now);
  const { apiKey, versionId, lastFour, secretHash } = await mint(key.environment);
  const { ending, obsolete } = rotateVersions(versions, body.grace_seconds, now);
  for (const { id: endingId, expiresAt, ended } of ending) {
    await updateRows(manager, ApiKeyVersionEntity, { id: endingId }, { expiresAt, ended });
    tx.changed('api_key_version', endingId);
    tx.revoked({
      type: 'credential',
      id: `${id}.${endingId}`,
      final: true,
      ...(!ended && { effectiveAt: expiresAt }),
      organizationId: principal.organizationId,
    });
  }
  await manager.delete(ApiKeyVersionEntity, { id: In([...obsolete]) });
  for (const obsoleteId of obsolete) tx.changed('api_key_version', obsoleteId);
  await insertRow(manager, ApiKeyVersionEntity, {
    id: versionId,
    apiKeyId: id,
    secretHash,
    lastFour,
    createdAt: now,
    expiresAt: null,
    ended: false,
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

function isLive({ expiresAt, ended }: ApiKeyVersionEntity, now: Date): boolean {
  if (ended) return false;
  return expiresAt === null || expiresAt > now;
}
