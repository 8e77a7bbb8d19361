import type { SigningAlgorithm } from '@countersign/contracts';
import type { Keyring } from '../signing/keyring.js';
import { signCompactJws } from '../signing/sign-compact-jws.js';
import type { EncodedStatusList } from './encode-status-list.js';

/** @see draft-ietf-oauth-status-list §5.1 */
const TYP = 'statuslist+jwt';

/** What every verifier has to know anyway. */
const SIGNING_ALG: SigningAlgorithm = 'RS256';

/** How long a list may be relied upon, and how soon a newer one may be had. Seconds. */
export interface StatusListTimes {
  readonly lifetimeSeconds: number;
  readonly ttlSeconds: number;
}

/** Signs status lists. @see draft-ietf-oauth-status-list §5.1 */
export class StatusListSigner {
  constructor(
    private readonly issuer: string,
    private readonly keyring: Keyring,
  ) {}

  /**
   * A Status List Token.
   * @param uri where it is served, as the tokens name it
   * @param nowMs milliseconds since the epoch
   * @throws {DependencyUnavailable} when no key is active for the algorithm
   */
  async sign(
    uri: string,
    list: EncodedStatusList,
    { lifetimeSeconds, ttlSeconds }: StatusListTimes,
    nowMs: number,
  ): Promise<string> {
    const iat = Math.floor(nowMs / 1000);
    const claims = {
      iss: this.issuer,
      sub: uri,
      iat,
      exp: iat + lifetimeSeconds,
      ttl: ttlSeconds,
      status_list: list,
    };
    return signCompactJws(this.keyring.signerFor(SIGNING_ALG), TYP, JSON.stringify(claims));
  }
}
