import type { PresentedBinding } from '@countersign/verify';

/**
 * What a request has proven about keys that its sender holds. A proof is good for one request: it is
 * spent once the credential that came with it was accepted, so that only who has one can fill the
 * memory of proofs.
 */
export interface RequestBinding extends PresentedBinding {
  readonly ok: true;
  /** A nonce to hand to the sender, when the one in its proof is about to end. */
  readonly nextNonce?: string | undefined;
  /**
   * Marks the proof as used; of the same binding again and again, it stays the same use.
   * @returns whether it was unused; true when there is none
   * @throws {DependencyUnavailable}
   */
  spend(): boolean;
}

/** A request that proves nothing. */
export const UNBOUND: RequestBinding = Object.freeze({
  ok: true,
  scheme: 'other',
  spend: () => true,
});
