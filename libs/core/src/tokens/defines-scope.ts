import { RESERVED_SCOPE_PREFIX } from '@countersign/contracts';
import type { ResourceServerPolicy } from './resource-server-policy.js';

/**
 * Whether an audience has a use for a scope: the resource server of that name defines it, or the
 * audience is the issuer, which defines those of Countersign itself.
 * @param policy of the resource server with this audience; undefined: there is none
 */
export function definesScope(
  scope: string,
  audience: string,
  policy: ResourceServerPolicy | undefined,
  issuer: string,
): boolean {
  if (policy?.scopes.includes(scope)) return true;
  return audience === issuer && scope.startsWith(RESERVED_SCOPE_PREFIX);
}
