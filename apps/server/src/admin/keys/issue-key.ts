import type { CreateApiKey, IssuedApiKey } from '@countersign/contracts';
import { type ClientIds, type MintApiKey, versionIdWithoutSecret } from '@countersign/core';
import {
  ApiKeyEntity,
  ApiKeyVersionEntity,
  type ChangeTransaction,
} from '@countersign/persistence';
import type { Caller } from '../../http/caller-authenticator.js';
import { Created } from '../../http/created.js';
import { requireGrantable } from '../grants.js';
import { newId } from '../new-id.js';
import { lockPrincipal } from '../principals/lock-principal.js';
import { requireKnownScopes } from '../require-known-scopes.js';
import { requireOverlayFits } from '../require-overlay-fits.js';
import { sortedSet } from '../sorted-set.js';
import { insertRow } from '../store-row.js';
import { requireFuture } from './require-future.js';
import { requireUsableAuthentication } from './require-usable-authentication.js';
import { toApiKey } from './to-api-key.js';

/**
 * Issues a key to a principal and hands out its secret, this once; or, with public keys or a
 * certificate, one that has no secret. Every scope of it, also one that the principal is not granted yet, must be held by the
 * caller: it will know the secret then, or may have named a key of its own.
 */
export async function issueKey(
  tx: ChangeTransaction,
  caller: Caller,
  principalId: string,
  body: CreateApiKey,
  { mint, clientIds }: { readonly mint: MintApiKey; readonly clientIds: ClientIds },
): Promise<Created<IssuedApiKey>> {
  const { manager, now } = tx;
  requireKnownScopes(body.scopes);
  const principal = await lockPrincipal(manager, caller, principalId, 'for_key_share');
  requireGrantable(caller, body.scopes);
  requireOverlayFits(principal.metadata, body.metadata);
  const authentication = body.authentication ?? null;
  if (authentication !== null) requireUsableAuthentication(authentication);

  const newKeyId = newId('apiKey', now);
  const key: ApiKeyEntity = {
    id: authentication === null ? newKeyId : clientIds.mint(newKeyId),
    principalId,
    name: body.name,
    environment: body.environment,
    status: 'active',
    scopes: sortedSet(body.scopes),
    audiences: sortedSet(body.audiences),
    restrictions: body.restrictions ?? null,
    authentication,
    certificateThumbprints: sortedSet(body.certificate_thumbprints ?? []),
    certificateBoundAccessTokens: body.tls_client_certificate_bound_access_tokens ?? false,
    metadata: body.metadata,
    expiresAt: requireFuture(body.expires_at ?? null, now),
    lastUsedAt: null,
    revokedAt: null,
    revokedReason: null,
    createdAt: now,
    updatedAt: now,
  };
  const minted = authentication === null ? await mint(body.environment) : null;
  const version: ApiKeyVersionEntity = {
    id: minted?.versionId ?? versionIdWithoutSecret(key.id),
    apiKeyId: key.id,
    secretHash: minted?.secretHash ?? null,
    lastFour: minted?.lastFour ?? null,
    createdAt: now,
    expiresAt: null,
    ended: false,
  };
  await insertRow(manager, ApiKeyEntity, key);
  await insertRow(manager, ApiKeyVersionEntity, version);

  const after = toApiKey(key, [version], now);
  tx.audit({
    action: 'key.created',
    resourceType: 'key',
    resourceId: key.id,
    organizationId: principal.organizationId,
    before: null,
    after,
  });
  tx.changed('api_key', key.id);
  tx.changed('api_key_version', version.id);
  const kept = { ...after, key: null };
  const issued = { ...after, key: minted?.apiKey ?? null };
  return new Created<IssuedApiKey>(`/v1/keys/${key.id}`, issued, { kept });
}
