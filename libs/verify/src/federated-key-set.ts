import { type FederatedKey, importFederatedKey } from './import-federated-key.js';
import { readKeySet } from './key-set.js';

/** Another issuer's keys by `kid`. */
export type FederatedKeySet = ReadonlyMap<string, FederatedKey>;

/**
 * Reads another issuer's JWK Set; of two usable entries with one `kid`, neither is used. A key that
 * was in the set before is the same object again, so that what it verified need not be verified anew.
 *
 * @throws {UnusableKey} when the document is not a JWK Set at all
 * @see RFC 7517 §5
 */
export function federatedKeySet(document: unknown, before: FederatedKeySet): FederatedKeySet {
  return readKeySet(document, (jwk) => {
    const key = importFederatedKey(jwk);
    const known = before.get(key.kid);
    return known?.text === key.text ? known : key;
  });
}
