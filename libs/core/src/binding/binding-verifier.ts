import { type DpopRefusal, verifyDpopProof } from '@countersign/verify';
import { DpopNonces } from './dpop-nonces.js';
import { type RequestBinding, UNBOUND } from './request-binding.js';
import type { SpentProofs } from './spent-proofs.js';

/** A request as far as it may prove that its sender holds a key. */
export interface BoundRequest {
  /** The `DPoP` header as it was received. */
  readonly proof: string | readonly string[] | undefined;
  readonly method: string;
  /** Absolute, as the client knows it: behind a proxy, not as it arrives here. */
  readonly url: string;
}

/** A request to a protected resource. */
export interface BoundResourceRequest extends BoundRequest {
  /** `DPoP`: the `Authorization` scheme that the token came with; `other`: any other way. */
  readonly scheme: 'DPoP' | 'other';
  /** The token that came with it. */
  readonly accessToken: string;
}

/** The proof does not hold, or needs a nonce; the sender gets one either way. */
export interface BindingRefusal extends DpopRefusal {
  readonly nonce: string;
}

export interface BindingVerifierParts {
  readonly nonces: DpopNonces;
  readonly spent: SpentProofs;
  /** Told of each proof that is refused. */
  readonly onRefusal: (code: BindingRefusal['code']) => void;
}

/**
 * Verifies by what a request proves that its sender holds the key that a token is bound to. What it
 * yields goes into the context of the decision, which compares it with the token and spends it.
 * @see RFC 9449 §4.3, §7, §8, §9
 */
export class BindingVerifier {
  constructor(private readonly parts: BindingVerifierParts) {}

  /** At a protected resource: a proof counts under the scheme `DPoP`, and there it is needed. */
  ofResourceRequest(
    { scheme, ...request }: BoundResourceRequest,
    nowMs: number,
  ): RequestBinding | Promise<RequestBinding | BindingRefusal> {
    return scheme === 'DPoP' ? this.#verify('DPoP', request, nowMs) : UNBOUND;
  }

  /** At the token endpoint: who sends a proof asks for a token that is bound to its key. */
  ofTokenRequest(
    request: BoundRequest,
    nowMs: number,
  ): RequestBinding | Promise<RequestBinding | BindingRefusal> {
    return request.proof === undefined ? UNBOUND : this.#verify('other', request, nowMs);
  }

  /** What to tell the sender of a proof that `spend` says was used before. */
  refuseReplay(nowMs: number): BindingRefusal {
    return this.#refuse(
      { ok: false, code: 'invalid_dpop_proof', detail: 'the proof was used before' },
      nowMs,
    );
  }

  async #verify(
    scheme: 'DPoP' | 'other',
    request: BoundRequest & { readonly accessToken?: string },
    nowMs: number,
  ): Promise<RequestBinding | BindingRefusal> {
    const { nonces, spent } = this.parts;
    let epoch: number | undefined;
    const verified = await verifyDpopProof(request, {
      nowSeconds: nowMs / 1000,
      isNonceValid: (nonce) => (epoch = nonces.epochOf(nonce, nowMs)) !== undefined,
    });
    if (!verified.ok) return this.#refuse(verified, nowMs);
    const current = nonces.current(nowMs);
    const { jkt, jti, nonce } = verified;
    let isUnused: boolean | undefined;
    return {
      ok: true,
      scheme,
      jkt,
      nextNonce: nonce === current ? undefined : current,
      spend: () => (isUnused ??= spent.add(epoch ?? 0, jkt, jti, nowMs)),
    };
  }

  #refuse(refusal: DpopRefusal, nowMs: number): BindingRefusal {
    this.parts.onRefusal(refusal.code);
    return { ...refusal, nonce: this.parts.nonces.current(nowMs) };
  }
}
