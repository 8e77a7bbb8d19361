import type {
  Environment,
  KeyAuthentication,
  Metadata,
  Restrictions,
} from '@countersign/contracts';
import type { PrincipalState } from './principal-state.js';

/**
 * All that a decision about one key version depends on, as one statement read it: the version, its
 * key, the principal with its grants, and the organization. Immutable; a change makes a new one.
 * Times are milliseconds since the epoch; no expiry is `Infinity`.
 */
export interface KeyState extends PrincipalState {
  readonly kind: 'api_key';
  readonly versionId: string;
  readonly versionExpiresAtMs: number;
  /** Whether it was ended at once, and is over by every clock. */
  readonly versionEnded: boolean;
  /** argon2id PHC string of the version's secret; null: the key has none. */
  readonly secretHash: string | null;

  readonly keyId: string;
  readonly keyStatus: 'active' | 'disabled' | 'revoked';
  readonly keyExpiresAtMs: number;
  readonly keyCreatedAtMs: number;
  /** How its holder proves to be that, where it is not by a secret; null: by the secret. */
  readonly authentication: KeyAuthentication | null;
  /** Of certificates, one of which comes with every use; empty: none is needed. */
  readonly certificateThumbprints: readonly string[];
  /** Whether its tokens are bound to the certificate that it presents. */
  readonly certificateBoundAccessTokens: boolean;
  readonly environment: Environment;
  readonly keyScopes: readonly string[];
  /** Audiences that the key is restricted to; empty: none. */
  readonly audiences: readonly string[];
  readonly restrictions: Restrictions | null;
  readonly keyMetadata: Metadata;
}
