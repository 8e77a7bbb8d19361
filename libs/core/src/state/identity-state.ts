import type { Environment } from '@countersign/contracts';
import type { PrincipalState } from './principal-state.js';

/**
 * All that a decision about one federated identity depends on, as one statement read it: the
 * identity, its issuer, the principal with its grants, and the organization. Immutable.
 */
export interface IdentityState extends PrincipalState {
  readonly kind: 'federated_identity';
  readonly identityId: string;
  readonly identityStatus: 'active' | 'disabled';
  /** `created`: the principal was made for this identity, and holds what its issuer may give. */
  readonly origin: 'linked' | 'created';

  readonly trustedIssuerId: string;
  readonly issuerStatus: 'active' | 'disabled';
  /** All that tokens of the issuer may ever carry. */
  readonly ceiling: readonly string[];
  readonly environment: Environment;
  /** Where in the change feed the issuer's word was last taken back: what was derived before is void. */
  readonly trustPosition: number;
}
