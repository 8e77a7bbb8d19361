interface Context {
  readonly dpop_proof?: string | undefined;
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}

/**
 * Whether what a DPoP proof speaks of is told along with it.
 * @see RFC 9449 §4.2
 */
export function isProofCheckable({ dpop_proof: proof, method, url }: Context): boolean {
  return proof === undefined || Boolean(method && url);
}

/** What to tell who sends one that is not. */
export const UNCHECKABLE_PROOF = {
  error: 'dpop_proof needs method and url',
  path: ['dpop_proof'],
};
