import type { RevocationPage, SigningAlgorithm } from '@countersign/contracts';
import type { Keyring } from '../signing/keyring.js';
import { signCompactJws } from '../signing/sign-compact-jws.js';

/** `typ`, so that no verifier of access tokens takes one for the other. @see RFC 8725 §3.11 */
const TYP = 'revocations+jwt';

/** What every verifier has to know anyway. */
const SIGNING_ALG: SigningAlgorithm = 'RS256';

/** Signs pages of the revocation feed, for who gets them by way of others. */
export class RevocationSigner {
  constructor(private readonly keyring: Keyring) {}

  /**
   * A JWT whose claims are `iss`, `iat` and the page's members.
   * @param nowMs milliseconds since the epoch
   * @throws {DependencyUnavailable} when no key is active for the algorithm
   */
  async sign(page: RevocationPage, nowMs: number): Promise<string> {
    const claims = { iss: page.issuer, iat: Math.floor(nowMs / 1000), ...page };
    return signCompactJws(this.keyring.signerFor(SIGNING_ALG), TYP, JSON.stringify(claims));
  }
}
