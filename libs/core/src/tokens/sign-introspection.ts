import type { SigningAlgorithm } from '@countersign/contracts';
import type { Keyring } from '../signing/keyring.js';
import { signCompactJws } from '../signing/sign-compact-jws.js';

/** `typ`, so that no verifier of access tokens takes one for the other. @see RFC 9701 §5, §8.1 */
const TYP = 'token-introspection+jwt';

/** What a resource server gets that has registered no other algorithm. @see RFC 9701 §6 */
const SIGNING_ALG: SigningAlgorithm = 'RS256';

/** Signs answers of the introspection endpoint. @see RFC 9701 §5 */
export class IntrospectionSigner {
  static readonly signingAlgs = [SIGNING_ALG] as const;

  constructor(
    private readonly issuer: string,
    private readonly keyring: Keyring,
  ) {}

  /**
   * A JWT with the answer inside, for one recipient.
   * @param clientId whom the answer is for
   * @param answer the answer as JSON text
   * @param nowMs milliseconds since the epoch
   * @throws {DependencyUnavailable} when no key is active for the algorithm
   */
  async sign(clientId: string, answer: string, nowMs: number): Promise<string> {
    // Neither `sub` nor `exp`: they would make it look like an access token (RFC 9701 §5).
    const claims = { iss: this.issuer, aud: clientId, iat: Math.floor(nowMs / 1000) };
    const payload = `${JSON.stringify(claims).slice(0, -1)},"token_introspection":${answer}}`;
    return signCompactJws(this.keyring.signerFor(SIGNING_ALG), TYP, payload);
  }
}
