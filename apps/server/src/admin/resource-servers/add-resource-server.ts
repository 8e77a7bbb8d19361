import type { CreateResourceServer, ResourceServer } from '@countersign/contracts';
import {
  type ChangeTransaction,
  ResourceServerEntity,
  ResourceServerPrincipalEntity,
} from '@countersign/persistence';
import type { Caller } from '../../http/caller-authenticator.js';
import { Created } from '../../http/created.js';
import { newId } from '../new-id.js';
import { requireUnlimited } from '../reach.js';
import { requireKnownScopes } from '../require-known-scopes.js';
import { raiseLongestTtl } from '../signing-keys/raise-longest-ttl.js';
import { sortedSet } from '../sorted-set.js';
import { insertRow } from '../store-row.js';
import { requirePrincipals } from './require-principals.js';
import { requirePublishable } from './require-publishable.js';
import { toResourceServer } from './to-resource-server.js';

/**
 * Registers an API that accepts our credentials. Who acts for it may introspect them, so only
 * callers that are not limited to an organization decide that.
 */
export async function addResourceServer(
  tx: ChangeTransaction,
  caller: Caller,
  body: CreateResourceServer,
): Promise<Created<ResourceServer>> {
  const { manager, now } = tx;
  requireUnlimited(caller);
  requireKnownScopes(body.scopes);
  requirePublishable(body.audience, body.protected_resource_metadata);
  await requirePrincipals(manager, body.principal_ids);

  const row: ResourceServerEntity = {
    id: newId('resourceServer', now),
    audience: body.audience,
    name: body.name,
    scopes: sortedSet(body.scopes),
    accessTokenTtlSeconds: body.access_token_ttl_seconds,
    signingAlg: body.signing_alg,
    tokenTyp: body.token_typ,
    refreshIdleTtlSeconds: body.refresh_tokens?.idle_ttl_seconds ?? null,
    refreshAbsoluteTtlSeconds: body.refresh_tokens?.absolute_ttl_seconds ?? null,
    tokenStatusList: body.token_status_list,
    protectedResourceMetadata: body.protected_resource_metadata,
    createdAt: now,
    updatedAt: now,
  };
  await insertRow(manager, ResourceServerEntity, row);
  const acting = body.principal_ids.map((principalId) => ({
    resourceServerId: row.id,
    principalId,
  }));
  await manager.insert(ResourceServerPrincipalEntity, acting);
  await raiseLongestTtl(manager, row.accessTokenTtlSeconds);

  const after = toResourceServer(row, body.principal_ids);
  tx.audit({
    action: 'resource_server.created',
    resourceType: 'resource_server',
    resourceId: row.id,
    organizationId: null,
    before: null,
    after,
  });
  tx.changed('resource_server', row.id);
  for (const { principalId } of acting) tx.changed('principal', principalId);
  return new Created(`/v1/resource-servers/${row.id}`, after);
}
