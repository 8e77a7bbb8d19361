import type { FederatedIdentityEntity, RevokedByChange } from '@countersign/persistence';

type IdentityStanding = Pick<FederatedIdentityEntity, 'id' | 'organizationId' | 'status'>;

/**
 * What a change of a federated identity takes from what was derived from its tokens; nothing where it
 * only adds.
 * @param after null: the identity is deleted
 */
export function revokedByIdentityChange(
  { id, organizationId, status }: IdentityStanding,
  after: Pick<IdentityStanding, 'status'> | null,
): RevokedByChange[] {
  const revoked = { type: 'credential', id, organizationId } as const;
  if (after === null) return [{ ...revoked, final: true }];
  const isLess = status === 'active' && after.status === 'disabled';
  return isLess ? [{ ...revoked, final: false }] : [];
}
