import type { PresentedBinding } from '@countersign/verify';
import type { Clock } from './clock.js';
import { type CredentialUse, scopesOf, usedNow } from './credential-use.js';
import type { CredentialVerifier } from './credential-verifier.js';
import type { DpopVerifier, ProvenKey } from './dpop/dpop-verifier.js';
import { type Moment, momentOf } from './moment.js';
import type { Challenges } from './request/challenges.js';
import { pathOf } from './request/path-of.js';
import { headerOf, presentedCredential } from './request/presented-credential.js';
import { unavailable } from './unavailable.js';
import type { VerifiableRequest, VerifyContext, VerifyOptions } from './verify-input.js';
import type { AcceptedCredential, VerifyResult } from './verify-result.js';

export interface RequestVerifierParts {
  readonly credentials: CredentialVerifier;
  readonly challenges: Challenges;
  /** Undefined: no proof is taken. */
  readonly dpop: DpopVerifier | undefined;
  readonly clock: Clock;
}

const NO_CONTEXT: VerifyContext = {};

/** The first and the last step of a use: what a request presents, and that its proof is used once. */
export class RequestVerifier {
  constructor(private readonly parts: RequestVerifierParts) {}

  /** Synchronous whenever memory suffices. */
  verify(
    input: string | VerifiableRequest,
    { scopes, context = NO_CONTEXT }: VerifyOptions,
  ): VerifyResult | Promise<VerifyResult> {
    if (typeof input === 'string') {
      const { scheme = 'Bearer', dpopProof } = context;
      return this.#verify(input, scheme, dpopProof, context, scopes);
    }
    const presented = presentedCredential(input);
    if (presented.mechanism !== 'presented') {
      const code = presented.mechanism === 'none' ? 'no_credential' : 'invalid_request';
      return this.parts.challenges.refused(code);
    }
    const { credential, scheme } = presented;
    const proof = scheme === 'DPoP' ? headerOf(input.headers, 'dpop') : undefined;
    return this.#verify(credential, scheme, proof, contextOf(input, context), scopes);
  }

  #verify(
    credential: string,
    scheme: 'Bearer' | 'DPoP',
    proof: string | readonly string[] | undefined,
    context: VerifyContext,
    scopes: VerifyOptions['scopes'],
  ): VerifyResult | Promise<VerifyResult> {
    const { certificateThumbprint } = context;
    const use: CredentialUse = {
      credential,
      scheme,
      context,
      certificateThumbprint,
      binding: bindingOf(scheme, certificateThumbprint),
      scopes: scopesOf(scopes),
      now: momentOf(this.parts.clock),
    };
    const { credentials, dpop } = this.parts;
    // Without proofs a binding under the scheme DPoP cannot be proven, and is refused as that.
    if (scheme !== 'DPoP' || dpop === undefined) return credentials.verify(use);
    return this.#verifyBound(use, proof, context.url, dpop);
  }

  /** @see RFC 9449 §7.1 */
  async #verifyBound(
    use: CredentialUse,
    proof: string | readonly string[] | undefined,
    url: string | undefined,
    dpop: DpopVerifier,
  ): Promise<VerifyResult> {
    const { credential, context, now } = use;
    const { method, path } = context;
    const proven = await dpop.verify({ proof, method, url, path, accessToken: credential }, now);
    const { challenges, clock, credentials } = this.parts;
    if (!proven.ok) return challenges.proofRefused(proven.code, proven.nonce);
    const binding = { ...use.binding, ...proven.binding };
    const result = await credentials.verify(usedNow({ ...use, binding }, clock));
    return result.ok ? this.#spend(proven, result, momentOf(clock)) : result;
  }

  /** Only the proof of a credential that is accepted is remembered: nobody without one fills memory. */
  #spend(proven: ProvenKey, result: AcceptedCredential, now: Moment): VerifyResult {
    switch (proven.spend(now.monotonicMs)) {
      case 'spent':
        return this.parts.challenges.proofRefused('invalid_dpop_proof', proven.nextNonce);
      case 'full':
        return unavailable('dpop', 60);
      case 'new':
        return proven.nextNonce === undefined ? result : { ...result, dpopNonce: proven.nextNonce };
    }
  }
}

/** What the caller says wins over what the request says. */
function contextOf(request: VerifiableRequest, given: VerifyContext): VerifyContext {
  return {
    ...given,
    ip: given.ip ?? request.ip,
    method: given.method ?? request.method,
    path: given.path ?? pathOf(request),
  };
}

function bindingOf(
  scheme: 'Bearer' | 'DPoP',
  thumbprint: string | undefined,
): PresentedBinding | undefined {
  if (scheme === 'Bearer' && thumbprint === undefined) return undefined;
  return { scheme: scheme === 'DPoP' ? 'DPoP' : 'other', 'x5t#S256': thumbprint };
}
