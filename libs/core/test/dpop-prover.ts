import { hash, randomUUID } from 'node:crypto';
import {
  calculateJwkThumbprint,
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  SignJWT,
} from 'jose';
import { NOW_SECONDS } from './key-state.js';

/** A client that proves to hold a key. */
export class DpopProver {
  static async create(): Promise<DpopProver> {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(publicKey);
    return new DpopProver(await calculateJwkThumbprint(jwk), jwk, privateKey);
  }

  private constructor(
    readonly jkt: string,
    private readonly jwk: JWK,
    private readonly privateKey: CryptoKey,
  ) {}

  /** @see RFC 9449 §4.2 */
  prove(
    htm: string,
    htu: string,
    { nonce, accessToken }: { nonce?: string; accessToken?: string } = {},
  ): Promise<string> {
    const ath = accessToken === undefined ? {} : { ath: hash('sha256', accessToken, 'base64url') };
    const bare = { jti: randomUUID(), htm, htu, iat: NOW_SECONDS, ...ath };
    return new SignJWT(nonce === undefined ? bare : { ...bare, nonce })
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: this.jwk })
      .sign(this.privateKey);
  }
}
