import type { TokenRequest } from '@countersign/contracts';
import type { RequestBinding, VerifiedCredential } from '@countersign/core';
import type { FormRequest } from '../../data-plane/data-plane-route.js';

/** Whose credential is exchanged, and by which client. */
export interface Granted {
  /** The credential that the token is derived from. */
  readonly subject: VerifiedCredential;
  /** Who will act for the subject; absent: nobody. */
  readonly actor?: VerifiedCredential | undefined;
  /** Who authenticated as the client; undefined: nobody had to, and nobody did. */
  readonly client: VerifiedCredential | undefined;
}

/** A grant: what proves that a token may be issued, and for whom. */
export interface Grant {
  /**
   * @param binding what the request proves of keys that its sender holds
   * @throws {OAuthFailure} the grant does not hold
   * @throws {DependencyUnavailable}
   */
  subject(
    request: FormRequest,
    asked: TokenRequest,
    nowMs: number,
    binding: RequestBinding,
  ): Promise<Granted>;
}
