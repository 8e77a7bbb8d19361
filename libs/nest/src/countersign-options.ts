import type { Verifier, VerifierOptions, VerifyContext } from '@countersign/client';
import type { ExecutionContext } from '@nestjs/common';

/** A verifier's options, or a verifier that somebody else has made, and closes. */
export type VerifierSource = VerifierOptions | { readonly verifier: Verifier };

/** The options of `CountersignModule`. */
export type CountersignOptions = VerifierSource & {
  /** What is known of a request and does not stand in it, such as the client's certificate. */
  readonly context?: ((context: ExecutionContext) => VerifyContext) | undefined;
};
