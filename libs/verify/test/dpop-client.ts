import { hash } from 'node:crypto';
import {
  calculateJwkThumbprint,
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  SignJWT,
} from 'jose';
import { NOW } from './signer.js';

type Members = Readonly<Record<string, unknown>>;

/** A client with a key to prove. */
export interface DpopClient {
  readonly jkt: string;
  readonly publicJwk: JWK;
  readonly privateKey: CryptoKey;
  /** A proof; members of `claims` and `header` replace or (undefined) remove ours. */
  prove(claims?: Members, header?: Members): Promise<string>;
}

export const METHOD = 'GET';
export const URL_OF_REQUEST = 'https://api.example.com/orders';

let proofs = 0;

export async function createDpopClient(alg = 'ES256'): Promise<DpopClient> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return {
    jkt: await calculateJwkThumbprint(jwk),
    publicJwk: jwk,
    privateKey,
    prove(claims = {}, header = {}) {
      proofs += 1;
      const payload = { jti: `proof-${proofs}`, htm: METHOD, htu: URL_OF_REQUEST, iat: NOW };
      return new SignJWT(withoutUndefined({ ...payload, ...claims }))
        .setProtectedHeader({ alg, ...withoutUndefined({ typ: 'dpop+jwt', jwk, ...header }) })
        .sign(privateKey);
    },
  };
}

/** @see RFC 9449 §4.2 */
export function athOf(accessToken: string): string {
  return hash('sha256', accessToken, 'base64url');
}

function withoutUndefined(members: Members): Record<string, unknown> {
  return JSON.parse(JSON.stringify(members)) as Record<string, unknown>;
}
