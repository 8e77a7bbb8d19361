import type { Restrictions } from '@countersign/contracts';
import type { ApiKeyEntity, RevokedByChange } from '@countersign/persistence';
import { isLimitNarrowed } from '../is-limit-narrowed.js';
import { isNarrowed } from '../is-narrowed.js';
import { isAuthenticationNarrowed } from './is-authentication-narrowed.js';

/** What a key gives its holder, and what it asks of them. */
export type KeyRights = Pick<
  ApiKeyEntity,
  | 'id'
  | 'status'
  | 'scopes'
  | 'audiences'
  | 'restrictions'
  | 'authentication'
  | 'certificateThumbprints'
  | 'expiresAt'
>;

/**
 * What a change of a key takes from what was derived from it before; nothing where it only adds.
 * @param after null: the key is revoked or deleted
 */
export function revokedByKeyChange(
  before: KeyRights,
  after: KeyRights | null,
  organizationId: string | null,
): RevokedByChange[] {
  // It was dead already.
  if (before.status === 'revoked') return [];
  const revoked = { type: 'credential', id: before.id, organizationId } as const;
  if (after === null) return [{ ...revoked, final: true }];
  if (isKeyNarrowed(before, after)) return [{ ...revoked, final: false }];
  const { expiresAt } = after;
  // May be put off again.
  if (expiresAt !== null && (before.expiresAt === null || expiresAt < before.expiresAt)) {
    return [{ ...revoked, final: false, effectiveAt: expiresAt }];
  }
  return [];
}

function isKeyNarrowed(before: KeyRights, after: KeyRights): boolean {
  return (
    (before.status === 'active' && after.status === 'disabled') ||
    isNarrowed(before.scopes, after.scopes) ||
    isLimitNarrowed(before.audiences, after.audiences) ||
    isLimitNarrowed(before.certificateThumbprints, after.certificateThumbprints) ||
    areRestrictionsNarrowed(before.restrictions ?? {}, after.restrictions ?? {}) ||
    isAuthenticationNarrowed(before.authentication, after.authentication)
  );
}

/** By their letters: that a block of addresses lies within another is not looked for. */
function areRestrictionsNarrowed(before: Restrictions, after: Restrictions): boolean {
  return (['ips', 'methods', 'paths'] as const).some((kind) =>
    isLimitNarrowed(before[kind] ?? [], after[kind] ?? []),
  );
}
