import type { Metadata, PrincipalType } from '@countersign/contracts';

/** The principal that a credential stands for, with its grants and its organization. Immutable. */
export interface PrincipalState {
  readonly principalId: string;
  readonly principalType: PrincipalType;
  readonly principalName: string;
  readonly externalId: string | null;
  readonly principalStatus: 'active' | 'disabled';
  readonly principalMetadata: Metadata;
  readonly organizationId: string | null;
  readonly organizationStatus: 'active' | 'disabled' | null;
  readonly roleIds: readonly string[];
  /** Role names, sorted by code unit. */
  readonly roles: readonly string[];
  /** Granted to the principal directly and by its roles; no repeats. */
  readonly grantedScopes: readonly string[];
  /** Audiences of the resource servers that the principal acts for. */
  readonly actsFor: readonly string[];
  /** Principals that may act for this one. */
  readonly actorIds: readonly string[];
}
