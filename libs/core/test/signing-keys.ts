import { randomBytes } from 'node:crypto';
import {
  SIGNING_ALGORITHMS,
  type SigningAlgorithm,
  type SigningKeyStatus,
} from '@countersign/contracts';
import { createGenerateSigningKey } from '../src/signing/generate-signing-key.js';
import { PrivateKeySealer } from '../src/signing/private-key-sealer.js';
import type { SigningKeyRecord } from '../src/signing/signing-key-record.js';

export const sealer = new PrivateKeySealer([randomBytes(32)]);

/** A real key of this algorithm, sealed by `sealer`. */
export async function signingKey(
  alg: SigningAlgorithm,
  status: SigningKeyStatus = 'active',
): Promise<SigningKeyRecord> {
  return { ...(await createGenerateSigningKey(sealer)(alg)), alg, status };
}

/** One active key of each algorithm. */
export function oneOfEach(): Promise<SigningKeyRecord[]> {
  return Promise.all(SIGNING_ALGORITHMS.map((alg) => signingKey(alg)));
}
