import type { BindingVerifier } from '@countersign/core';

type Proofs = Pick<BindingVerifier, 'ofResourceRequest'>;

/**
 * The proofs of several decisions about one request of an end client: it has sent each once, and asked
 * about again it is no second use.
 * @see RFC 9449 §11.1
 */
export class SharedProofs implements Proofs {
  readonly #found = new Map<string, ReturnType<Proofs['ofResourceRequest']>>();

  constructor(private readonly bindings: Proofs) {}

  ofResourceRequest(
    request: Parameters<Proofs['ofResourceRequest']>[0],
    nowMs: number,
  ): ReturnType<Proofs['ofResourceRequest']> {
    const id = JSON.stringify(request);
    const known = this.#found.get(id);
    if (known !== undefined) return known;
    const found = this.bindings.ofResourceRequest(request, nowMs);
    this.#found.set(id, found);
    return found;
  }
}
