import { hash } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';

let proofs = 0;

/** A client with a key to prove. */
export async function createDpopClient() {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  return {
    jkt: await calculateJwkThumbprint(jwk),
    /** Members of `claims` replace or (undefined) remove ours. */
    prove(claims: object): Promise<string> {
      proofs += 1;
      const all: unknown = JSON.parse(JSON.stringify({ jti: `proof-${proofs}`, ...claims }));
      return new SignJWT(all as Record<string, unknown>)
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
        .sign(privateKey);
    },
  };
}

/** @see RFC 9449 §4.2 */
export function athOf(accessToken: string): string {
  return hash('sha256', accessToken, 'base64url');
}
