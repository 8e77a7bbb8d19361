import type { Principal, RejectionCode } from '@countersign/contracts';
import type { BindingRefusal, PrincipalState } from '@countersign/core';

/** Who calls the control plane: the principal, and its state as its credential's root has it. */
export interface Caller {
  readonly principal: Principal;
  readonly keyState: PrincipalState;
}

export type CallerOutcome =
  | { readonly ok: true; readonly caller: Caller }
  | { readonly ok: false; readonly code: RejectionCode }
  /** The credential was not looked at: the DPoP proof that came with it does not hold. */
  | BindingRefusal;

/** What a decision about a caller's credential may depend on. */
export interface CallContext {
  readonly ip: string | null;
  readonly method: string;
  /** Path as it was sent, without the query. */
  readonly path: string;
  /** `issuer`: the credential must be meant for Countersign itself. */
  readonly audienceCheck: 'issuer' | 'any';
  /** `DPoP`: by the `Authorization` scheme of that name; `other`: Bearer, or X-API-Key. */
  readonly scheme: 'DPoP' | 'other';
  /** The `DPoP` header as it was received. */
  readonly proof: string | readonly string[] | undefined;
  /** SHA-256 thumbprint of the certificate that the caller has shown; undefined: none. */
  readonly certificateThumbprint: string | undefined;
  /** Hands the caller a nonce for its next proof. @see RFC 9449 §8.2 */
  readonly offerNonce: (nonce: string) => void;
}

/** Establishes who calls, from an API key, a JWT of ours or a trusted issuer's. One for every control-plane route. */
export abstract class CallerAuthenticator {
  /** @throws {DependencyUnavailable} when that cannot be found out now */
  abstract authenticate(credential: string, context: CallContext): Promise<CallerOutcome>;

  /**
   * Decides anew on a caller whose request was let in and goes on. That is no further use of the
   * credential, and nothing is proven anew. Synchronous when memory suffices.
   * @throws {DependencyUnavailable}
   */
  abstract redecide(
    credential: string,
    context: Pick<CallContext, 'ip' | 'method' | 'path' | 'certificateThumbprint'>,
  ): CallerOutcome | Promise<CallerOutcome>;
}
