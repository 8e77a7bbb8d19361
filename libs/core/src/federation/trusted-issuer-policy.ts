import type {
  ClaimMapping,
  Discovery,
  FederatedAlgorithm,
  IssuerJwks,
  Provisioning,
} from '@countersign/contracts';

/** How far an issuer outside is trusted. */
export interface TrustedIssuerPolicy {
  readonly id: string;
  /** Compared exactly with `iss`. */
  readonly issuer: string;
  readonly status: 'active' | 'disabled';
  /** null: by discovery. */
  readonly jwksUri: string | null;
  /** Its public keys, where they are given and never fetched; null: they are fetched. */
  readonly jwks: IssuerJwks | null;
  readonly discovery: Discovery;
  readonly algorithms: readonly FederatedAlgorithm[];
  /** JSON Pointer to whom a token is for. */
  readonly audienceClaim: string;
  /** A token must be for one of these. */
  readonly audiences: readonly string[];
  /** What tokens are good for here; null: for the audience in the token; empty: for any. */
  readonly targetAudiences: readonly string[] | null;
  /** All that its tokens may ever carry. */
  readonly scopes: readonly string[];
  readonly mapping: ClaimMapping;
  readonly provisioning: Provisioning;
  readonly organizationId: string | null;
}
