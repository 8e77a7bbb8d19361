import type { SigningAlgorithm } from '@countersign/contracts';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import type { PrivateKeySealer } from './private-key-sealer.js';

const RSA_MODULUS_BITS = 2048;

export interface GeneratedSigningKey {
  /** RFC 7638 thumbprint, SHA-256. */
  readonly kid: string;
  readonly publicJwk: Record<string, string>;
  readonly sealedPrivateJwk: string;
}

export type GenerateSigningKey = (alg: SigningAlgorithm) => Promise<GeneratedSigningKey>;

/** Makes key pairs whose private part leaves here sealed only. */
export function createGenerateSigningKey(sealer: PrivateKeySealer): GenerateSigningKey {
  return async (alg) => {
    const pair = await generateKeyPair(alg, { extractable: true, modulusLength: RSA_MODULUS_BITS });
    const bare = (await exportJWK(pair.publicKey)) as Record<string, string>;
    const kid = await calculateJwkThumbprint(bare, 'sha256');
    const privateJwk = await exportJWK(pair.privateKey);
    return {
      kid,
      publicJwk: { ...bare, kid, alg, use: 'sig' },
      sealedPrivateJwk: sealer.seal(kid, privateJwk),
    };
  };
}
