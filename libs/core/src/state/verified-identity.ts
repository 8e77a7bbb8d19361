import { looksReserved, type Principal } from '@countersign/contracts';
import { effectiveScopes } from './effective-scopes.js';
import type { IdentityState } from './identity-state.js';

const NO_AUDIENCES: readonly string[] = Object.freeze([]);

/**
 * A federated identity with the state that it is decided on: the root of its issuer's tokens and of
 * what is derived from them. It is no credential itself: nobody can present it.
 */
export class VerifiedIdentity {
  readonly kind = 'federated_identity';
  readonly restrictions = null;
  readonly expiresAtMs = Infinity;
  /** It restricts no audience; the issuer's tokens may. */
  readonly audiences = NO_AUDIENCES;
  #principal: Omit<Principal, 'credential'> | undefined;

  constructor(readonly state: IdentityState) {}

  /** Who the identity stands for, and the most that its tokens can do now. */
  get principal(): Omit<Principal, 'credential'> {
    this.#principal ??= principalOfIdentity(this.state);
    return this.#principal;
  }

  /** Of its state in memory. */
  get id(): string {
    return this.state.identityId;
  }

  /** `client_id` of what is derived from it. */
  get clientId(): string {
    return this.state.identityId;
  }

  /** `cid` of what is derived from it. */
  get cid(): string {
    const { trustedIssuerId, identityId } = this.state;
    return `${trustedIssuerId}.${identityId}`;
  }
}

function principalOfIdentity(state: IdentityState): Omit<Principal, 'credential'> {
  const granted = state.origin === 'created' ? state.ceiling : state.grantedScopes;
  // A ceiling with reserved scopes is refused where it is written; here none would count.
  const ceiling = state.ceiling.filter((scope) => !looksReserved(scope));
  return {
    subject: state.principalId,
    type: state.principalType,
    name: state.principalName,
    organization: state.organizationId,
    scopes: [...effectiveScopes(ceiling, granted)],
    roles: [...state.roles],
    audience: [],
    environment: state.environment,
    metadata: state.principalMetadata,
    actor: null,
  };
}
