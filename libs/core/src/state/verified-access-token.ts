import type { Principal } from '@countersign/contracts';
import { principalFromClaims, type VerifiedToken } from '@countersign/verify';
import { effectiveScopes } from './effective-scopes.js';
import type { RootCredential } from './root-credential.js';

const NO_ACTORS: readonly RootCredential[] = Object.freeze([]);

/** An access token of ours whose signature holds, with what it was derived from. */
export class VerifiedAccessToken {
  readonly ok = true;
  readonly kind = 'access_token';
  /** The body of an introspection answer about it, once one was rendered. */
  introspectionBody: string | undefined;
  /** The body of a decision that allows its use, once one was rendered. */
  decisionBody: string | undefined;
  #principal: Principal | undefined;

  constructor(
    readonly token: VerifiedToken,
    readonly root: RootCredential,
    /** What its actors authenticated by, in the order of `act`: the newest first. */
    readonly actorRoots = NO_ACTORS,
  ) {}

  /** Who the token stands for now: its scopes, as far as its root and principal still have them. */
  get principal(): Principal {
    this.#principal ??= principalOfToken(this.token, this.root);
    return this.#principal;
  }

  get audiences(): readonly string[] {
    return this.principal.audience;
  }
}

function principalOfToken(token: VerifiedToken, root: RootCredential): Principal {
  const { scopes, audience, credential, actor } = principalFromClaims(token.claims);
  const now = root.principal;
  return { ...now, scopes: [...effectiveScopes(scopes, now.scopes)], audience, credential, actor };
}
