import {
  ACCESS_TOKEN_TTL_DEFAULT_SECONDS,
  type Metadata,
  type PatchResourceServer,
  type ProtectedResourceMetadata,
  type ResourceServer,
} from '@countersign/contracts';
import {
  type ChangeTransaction,
  ResourceServerEntity,
  ResourceServerPrincipalEntity,
} from '@countersign/persistence';
import { In } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { hasChanged } from '../has-changed.js';
import { mergePatch } from '../merge-patch.js';
import { newlyIn } from '../newly-in.js';
import { requireKnownScopes } from '../require-known-scopes.js';
import { raiseLongestTtl } from '../signing-keys/raise-longest-ttl.js';
import { sortedSet } from '../sorted-set.js';
import { updateRows } from '../store-row.js';
import { actingPrincipals } from './acting-principals.js';
import { lockResourceServer } from './lock-resource-server.js';
import { requirePrincipals } from './require-principals.js';
import { requirePublishable } from './require-publishable.js';
import { revokedByResourceServerChange } from './revoked-by-resource-server-change.js';
import { toResourceServer } from './to-resource-server.js';

/** Changes what a resource server asks of its tokens, and who acts for it. */
export async function changeResourceServer(
  tx: ChangeTransaction,
  caller: Caller,
  id: string,
  patch: PatchResourceServer,
): Promise<ResourceServer> {
  const row = await lockResourceServer(tx.manager, caller, id);
  const actingBefore = (await actingPrincipals(tx.manager, caller, [id])).get(id) ?? [];
  const before = toResourceServer(row, actingBefore);
  const acting = patch.principal_ids === undefined ? actingBefore : (patch.principal_ids ?? []);
  const change = changeOf(row, patch);
  requireKnownScopes(change.scopes);
  requirePublishable(row.audience, change.protectedResourceMetadata);
  const revoked = revokedByResourceServerChange(row, change);
  Object.assign(row, change);
  if (!hasChanged(before, toResourceServer(row, acting))) return before;

  row.updatedAt = tx.now;
  await updateRows(tx.manager, ResourceServerEntity, { id }, { ...change, updatedAt: tx.now });
  await replaceActing(tx, id, actingBefore, acting);
  if (row.accessTokenTtlSeconds > before.access_token_ttl_seconds) {
    await raiseLongestTtl(tx.manager, row.accessTokenTtlSeconds);
  }
  const after = toResourceServer(row, acting);
  tx.audit({
    action: 'resource_server.updated',
    resourceType: 'resource_server',
    resourceId: id,
    organizationId: null,
    before,
    after,
  });
  tx.changed('resource_server', id);
  for (const each of revoked) tx.revoked(each);
  // No more refreshing, which no token tells of.
  if (before.refresh_tokens && !after.refresh_tokens) tx.narrowed();
  return after;
}

/** What is removed by null has its default again. */
function changeOf(row: ResourceServerEntity, patch: PatchResourceServer) {
  const { scopes, access_token_ttl_seconds: ttl, signing_alg: alg, token_typ: typ } = patch;
  return {
    name: patch.name ?? row.name,
    scopes: scopes === undefined ? row.scopes : sortedSet(scopes ?? []),
    accessTokenTtlSeconds:
      ttl === undefined ? row.accessTokenTtlSeconds : (ttl ?? ACCESS_TOKEN_TTL_DEFAULT_SECONDS),
    signingAlg: alg === undefined ? row.signingAlg : (alg ?? 'RS256'),
    tokenTyp: typ === undefined ? row.tokenTyp : (typ ?? 'at+jwt'),
    tokenStatusList:
      patch.token_status_list === undefined
        ? row.tokenStatusList
        : (patch.token_status_list ?? false),
    ...(patch.refresh_tokens !== undefined && {
      refreshIdleTtlSeconds: patch.refresh_tokens?.idle_ttl_seconds ?? null,
      refreshAbsoluteTtlSeconds: patch.refresh_tokens?.absolute_ttl_seconds ?? null,
    }),
    protectedResourceMetadata: mergePublished(
      row.protectedResourceMetadata,
      patch.protected_resource_metadata,
    ),
  };
}

/** Null takes all of it back; an empty object publishes what follows from the registration alone. */
function mergePublished(
  before: ProtectedResourceMetadata | null,
  patch: PatchResourceServer['protected_resource_metadata'],
): ProtectedResourceMetadata | null {
  if (patch === undefined || patch === null) return patch === null ? null : before;
  return mergePatch((before ?? {}) as Metadata, patch as Metadata);
}

async function replaceActing(
  tx: ChangeTransaction,
  resourceServerId: string,
  before: readonly string[],
  after: readonly string[],
): Promise<void> {
  const dropped = newlyIn(after, before);
  const added = newlyIn(before, after);
  await requirePrincipals(tx.manager, added);
  await tx.manager.delete(ResourceServerPrincipalEntity, {
    resourceServerId,
    principalId: In(dropped),
  });
  await tx.manager.insert(
    ResourceServerPrincipalEntity,
    added.map((principalId) => ({ resourceServerId, principalId })),
  );
  for (const principalId of [...dropped, ...added]) tx.changed('principal', principalId);
  // They see less by introspection from now on.
  if (dropped.length > 0) tx.narrowed();
}
