import Negotiator from 'negotiator';

/** @see RFC 9701 §4 */
export const SIGNED_ANSWER = 'application/token-introspection+jwt';
const PLAIN_ANSWER = 'application/json';

/**
 * Whether a client prefers a signed answer by its `Accept` header. Where both are as welcome, by
 * `*\/*` say, the answer is plain.
 * @param signedAnswer the media type of the signed one
 * @see RFC 9701 §4, RFC 9110 §12.5.1
 */
export function prefersSignedAnswer(
  accept: string | undefined,
  signedAnswer = SIGNED_ANSWER,
): boolean {
  // Nearly nobody names it: the rest is told at a glance.
  if (accept === undefined || !/jwt/i.test(accept)) return false;
  const preferred = new Negotiator({ headers: { accept } }).mediaType([PLAIN_ANSWER, signedAnswer]);
  return preferred === signedAnswer;
}
