import type { ApiKey, Metadata, PatchApiKey, Restrictions } from '@countersign/contracts';
import { ApiKeyEntity, type ChangeTransaction } from '@countersign/persistence';
import type { Caller } from '../../http/caller-authenticator.js';
import { ProblemException } from '../../http/problem.js';
import { requireGrantable } from '../grants.js';
import { hasChanged } from '../has-changed.js';
import { mergeMetadata } from '../merge-metadata.js';
import { mergePatch } from '../merge-patch.js';
import { newlyIn } from '../newly-in.js';
import { requireKnownScopes } from '../require-known-scopes.js';
import { sortedSet } from '../sorted-set.js';
import { updateRows } from '../store-row.js';
import { changeAuthentication } from './change-authentication.js';
import { lockKey } from './lock-key.js';
import { revokedByKeyChange } from './revoked-by-key-change.js';
import { requireOverlayFits } from '../require-overlay-fits.js';
import { requireFuture } from './require-future.js';
import { toApiKey } from './to-api-key.js';
import { versionsOf } from './versions-of.js';

/**
 * Changes a key, also disables and enables it. Scopes that it newly has, the caller must hold, and all
 * that it may do when what authenticates it is changed.
 * @throws {ProblemException} `wrong_state` for a revoked key, which stays as it is
 */
export async function changeKey(
  tx: ChangeTransaction,
  caller: Caller,
  id: string,
  patch: PatchApiKey,
): Promise<ApiKey> {
  const { manager, now } = tx;
  const { key, principal } = await lockKey(manager, caller, id);
  if (key.status === 'revoked') throw new ProblemException('wrong_state', 'The key is revoked.');
  const versions = await versionsOf(manager, id);
  const before = toApiKey(key, versions, now);
  const change = {
    ...changeOf(key, patch, now),
    authentication: await changeAuthentication(
      manager,
      caller,
      { key, principal },
      patch.authentication,
    ),
  };
  requireOverlayFits(principal.metadata, change.metadata);
  requireKnownScopes(change.scopes);
  requireGrantable(caller, newlyIn(key.scopes, change.scopes));

  const revoked = revokedByKeyChange(key, { id, ...change }, principal.organizationId);
  const becomesBound = !key.certificateBoundAccessTokens && change.certificateBoundAccessTokens;
  Object.assign(key, change);
  if (!hasChanged(before, toApiKey(key, versions, now))) return before;
  key.updatedAt = now;
  await updateRows(manager, ApiKeyEntity, { id }, { ...change, updatedAt: now });
  const after = toApiKey(key, versions, now);
  tx.audit({
    action: 'key.updated',
    resourceType: 'key',
    resourceId: id,
    organizationId: principal.organizationId,
    before,
    after,
  });
  tx.changed('api_key', id);
  for (const each of revoked) tx.revoked(each);
  // Its tokens from now on; those before are as good as they were.
  if (becomesBound) tx.narrowed();
  return after;
}

function changeOf(key: ApiKeyEntity, patch: PatchApiKey, now: Date) {
  return {
    name: patch.name ?? key.name,
    scopes: patch.scopes === undefined ? key.scopes : sortedSet(patch.scopes ?? []),
    status: patch.status ?? key.status,
    expiresAt:
      patch.expires_at === undefined ? key.expiresAt : requireFuture(patch.expires_at, now),
    metadata: mergeMetadata(key.metadata, patch.metadata),
    audiences: patch.audiences === undefined ? key.audiences : sortedSet(patch.audiences ?? []),
    certificateThumbprints:
      patch.certificate_thumbprints === undefined
        ? key.certificateThumbprints
        : sortedSet(patch.certificate_thumbprints ?? []),
    certificateBoundAccessTokens:
      patch.tls_client_certificate_bound_access_tokens === undefined
        ? key.certificateBoundAccessTokens
        : (patch.tls_client_certificate_bound_access_tokens ?? false),
    restrictions: mergeRestrictions(key.restrictions, patch.restrictions),
  };
}

/** Kinds of restriction that the patch does not name stay: forgetting one never opens a key. */
function mergeRestrictions(
  before: Restrictions | null,
  patch: PatchApiKey['restrictions'],
): Restrictions | null {
  if (patch === undefined) return before;
  if (patch === null) return null;
  const merged = mergePatch((before ?? {}) as Metadata, patch as Metadata);
  return Object.keys(merged).length === 0 ? null : merged;
}
