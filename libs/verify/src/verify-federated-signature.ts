import type { FederatedAlgorithm } from '@countersign/contracts';
import { compactVerify } from 'jose';
import type { FederatedKey } from './import-federated-key.js';
import type { CompactJws } from './parse-compact-jws.js';
import { ACCEPTED, type Accepted, type Rejection, rejected } from './rejection.js';

/**
 * Verifies another issuer's signature with the key that its `kid` names in that issuer's own set, by
 * the one algorithm of the header, which was found in the issuer's allow-list when it was parsed.
 *
 * Rejects with `unsupported_algorithm` (none that this key is for), `bad_signature`.
 * @see RFC 7515 §5.2, RFC 8725 §3.1
 */
export async function verifyFederatedSignature(
  { header, signingInput, signature }: CompactJws<FederatedAlgorithm>,
  { key, algorithms }: FederatedKey,
): Promise<Accepted | Rejection> {
  if (!algorithms.includes(header.alg)) return rejected('unsupported_algorithm');
  try {
    await compactVerify(`${signingInput}.${signature.toString('base64url')}`, key, {
      algorithms: [header.alg],
    });
    return ACCEPTED;
  } catch {
    return rejected('bad_signature');
  }
}
