/**
 * The issuer's keys could not be had, so that nothing can be said about a token: a failure, never a
 * rejection. Answer 503, not 401. `cause` is what went wrong.
 */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}
