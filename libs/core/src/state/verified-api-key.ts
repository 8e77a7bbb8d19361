import type { Principal, Restrictions } from '@countersign/contracts';
import { effectiveScopes } from './effective-scopes.js';
import type { KeyState } from './key-state.js';

/**
 * An API key whose secret matched, with the state that it is decided on. What is derived from the
 * state is worked out once and goes with it.
 */
export class VerifiedApiKey {
  readonly ok = true;
  readonly kind = 'api_key';
  /** The body of an introspection answer about it, once one was rendered. */
  introspectionBody: string | undefined;
  /** The body of a decision that allows its use, once one was rendered. */
  decisionBody: string | undefined;
  #principal: Principal | undefined;

  constructor(
    readonly state: KeyState,
    private readonly issuer: string,
  ) {}

  get principal(): Principal {
    this.#principal ??= principalOfKey(this.state, this.issuer);
    return this.#principal;
  }

  /** The audiences that it is restricted to; empty: none. */
  get audiences(): readonly string[] {
    return this.state.audiences;
  }

  get restrictions(): Restrictions | null {
    return this.state.restrictions;
  }

  /** When the presented version stops working, ms since the epoch; Infinity: never. */
  get expiresAtMs(): number {
    return Math.min(this.state.keyExpiresAtMs, this.state.versionExpiresAtMs);
  }

  /** Of its state in memory. */
  get id(): string {
    return this.state.versionId;
  }

  /** `client_id` of what is derived from it. */
  get clientId(): string {
    return this.state.keyId;
  }

  /** `cid` of what is derived from it. */
  get cid(): string {
    return `${this.state.keyId}.${this.state.versionId}`;
  }
}

function principalOfKey(state: KeyState, issuer: string): Principal {
  return {
    subject: state.principalId,
    type: state.principalType,
    name: state.principalName,
    organization: state.organizationId,
    scopes: [...effectiveScopes(state.keyScopes, state.grantedScopes)],
    roles: [...state.roles],
    audience: [...state.audiences],
    environment: state.environment,
    metadata: { ...state.principalMetadata, ...state.keyMetadata },
    credential: {
      type: 'api_key',
      id: state.keyId,
      issuer,
      issued_at: Math.floor(state.keyCreatedAtMs / 1000),
      expires_at: expiryOf(state),
      root: { type: 'api_key', id: state.keyId },
    },
    actor: null,
  };
}

/** When the presented version stops working, NumericDate; null: never. */
function expiryOf(state: KeyState): number | null {
  const expiresAtMs = Math.min(state.keyExpiresAtMs, state.versionExpiresAtMs);
  return expiresAtMs === Infinity ? null : Math.floor(expiresAtMs / 1000);
}
