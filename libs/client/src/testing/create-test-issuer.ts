import type { AccessTokenClaims, Principal, Restrictions } from '@countersign/contracts';
import type { Fetch } from '@countersign/verify';
import type { Verifier } from '../verifier.js';
import type { VerifierOptions } from '../verifier-options.js';

export interface TestIssuerOptions {
  /** Default `https://auth.test`. */
  readonly issuer?: string | undefined;
  /** Whom tokens are for unless told otherwise. Default `https://api.test`. */
  readonly audience?: string | undefined;
}

/** What a key of the test issuer is like, as far as it matters. */
export interface TestApiKeyOptions {
  readonly principal?: Partial<Principal> | undefined;
  readonly restrictions?: Restrictions | undefined;
}

/**
 * An issuer in memory: keys, tokens and principals for the tests of a backend, without a network. What
 * it issues passes through the same verifier as in production.
 */
export interface TestIssuer {
  readonly issuer: string;
  readonly audience: string;
  /** A principal, whole; members of `overrides` replace ours. */
  principal(overrides?: Partial<Principal>): Principal;
  /** A signed access token of a principal; members of `claims` replace or (undefined) remove ours. */
  token(
    principal?: Partial<Principal>,
    claims?: Partial<Record<keyof AccessTokenClaims, unknown>>,
  ): string;
  /** An API key that the test issuer knows. */
  apiKey(options?: TestApiKeyOptions): string;
  /** Revokes a token or an API key that it issued; verifiers that follow it know soon after. */
  revoke(credential: string): void;
  /** Unreachable, as in an outage, until it is called with false. */
  setUnreachable(unreachable: boolean): void;
  /** Answers as the service does: keys, metadata, introspection, tokens, the feed of revocations. */
  readonly fetch: Fetch;
  /** The options that make `createVerifier` talk to this issuer. */
  readonly verifierOptions: VerifierOptions;
  /** A verifier of this issuer; close it at the end of the test. */
  createVerifier(options?: Partial<VerifierOptions>): Verifier;
}

/** Creates an issuer for tests. Its keys are new each time. */
export function createTestIssuer(_options: TestIssuerOptions = {}): TestIssuer {
  throw new Error('not there yet');
}
