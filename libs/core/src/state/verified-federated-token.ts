import type { Principal } from '@countersign/contracts';
import { effectiveScopes } from './effective-scopes.js';
import type { FederatedToken } from '../federation/federated-token.js';
import type { VerifiedIdentity } from './verified-identity.js';

/** A trusted issuer's token whose signature holds, with the identity that it is about. */
export class VerifiedFederatedToken {
  readonly ok = true;
  readonly kind = 'federated_token';
  /** The body of an introspection answer about it, once one was rendered. */
  introspectionBody: string | undefined;
  /** The body of a decision that allows a use of it, once one was rendered. */
  decisionBody: string | undefined;
  #principal: Principal | undefined;

  constructor(
    readonly token: FederatedToken,
    readonly root: VerifiedIdentity,
  ) {}

  /** Who the token stands for now: the scopes in it, as far as its identity still has them. */
  get principal(): Principal {
    this.#principal ??= principalOfFederatedToken(this.token, this.root);
    return this.#principal;
  }

  get audiences(): readonly string[] {
    return this.token.audiences;
  }
}

function principalOfFederatedToken(token: FederatedToken, root: VerifiedIdentity): Principal {
  const now = root.principal;
  return {
    ...now,
    scopes: [...effectiveScopes(token.scopes, now.scopes)],
    audience: [...token.audiences],
    credential: {
      type: 'federated_token',
      id: token.id,
      issuer: token.issuer,
      issued_at: Math.floor(token.iat),
      expires_at: Math.floor(token.exp),
      root: { type: 'federated_token', id: token.id },
    },
  };
}
