import type { Principal } from '@countersign/contracts';
import { definesScope } from './defines-scope.js';
import type { ResourceServers } from './resource-servers.js';

/**
 * The scopes of a credential that count at an audience: those of them that it defines. All of them
 * where no audience is asked about.
 */
export function scopesAtAudience(
  { principal: { scopes } }: { readonly principal: Pick<Principal, 'scopes'> },
  audience: string | undefined,
  resourceServers: Pick<ResourceServers, 'find'>,
  issuer: string,
): readonly string[] {
  if (audience === undefined) return scopes;
  const policy = resourceServers.find(audience);
  return scopes.filter((scope) => definesScope(scope, audience, policy, issuer));
}
