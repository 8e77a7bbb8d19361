/** Injects the module's verifier: `@Inject(COUNTERSIGN_VERIFIER) verifier: Verifier`. */
export const COUNTERSIGN_VERIFIER = Symbol.for('@countersign/nest verifier');
