import type { OrganizationEntity, RevokedByChange } from '@countersign/persistence';

type OrganizationStanding = Pick<OrganizationEntity, 'id' | 'status'>;

/**
 * What a change of an organization takes from the tokens of its principals; nothing where it only adds.
 * @param after null: the organization is deleted
 */
export function revokedByOrganizationChange(
  { id, status }: OrganizationStanding,
  after: OrganizationStanding | null,
): RevokedByChange[] {
  const revoked = { type: 'organization', id, organizationId: id } as const;
  if (after === null) return [{ ...revoked, final: true }];
  const isLess = status === 'active' && after.status === 'disabled';
  return isLess ? [{ ...revoked, final: false }] : [];
}
