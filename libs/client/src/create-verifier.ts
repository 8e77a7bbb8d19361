import type { Verifier } from './verifier.js';
import type { VerifierOptions } from './verifier-options.js';

/**
 * Creates the verifier of a backend: one for the life of the process. With a `credential` it begins to
 * follow the feed of revocations at once, beside, and does so until it is closed.
 *
 * @throws {TypeError} when an option is not usable; the message says what to do
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const { policy = 'introspect', limitMs = 1000 } = options.staleness ?? {};
  return {
    verify: () =>
      Promise.resolve({
        ok: false,
        status: 503,
        code: 'unavailable',
        reason: 'closed',
        retryAfterSeconds: 1,
      }),
    staleness: () => ({ ageMs: Infinity, limitMs, fresh: false, policy, entries: 0 }),
    ready: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
