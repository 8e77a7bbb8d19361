import type { ResourceServerEntity, RevokedByChange } from '@countersign/persistence';
import { isNarrowed } from '../is-narrowed.js';

type DefinedScopes = Pick<ResourceServerEntity, 'audience' | 'scopes'>;

/**
 * What a change of a resource server takes from the tokens for it; nothing where it only adds. Never
 * final: they may be for others too.
 * @param after null: the resource server is deleted
 */
export function revokedByResourceServerChange(
  { audience, scopes }: DefinedScopes,
  after: Pick<DefinedScopes, 'scopes'> | null,
): RevokedByChange[] {
  if (after !== null && !isNarrowed(scopes, after.scopes)) return [];
  const audiences = [audience];
  return [{ type: 'audience', id: audience, final: false, audiences, organizationId: null }];
}
