import type { TokenRequest } from '@countersign/contracts';
import type { VerifiedCredential } from '@countersign/core';
import type { FormRequest } from '../../data-plane/data-plane-route.js';

/** A grant: what proves that a token may be issued, and for whom. */
export interface Grant {
  /**
   * The credential that the token is derived from.
   * @throws {OAuthFailure} the grant does not hold
   * @throws {DependencyUnavailable}
   */
  subject(request: FormRequest, asked: TokenRequest, nowMs: number): Promise<VerifiedCredential>;
}
