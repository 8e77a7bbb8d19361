import { hash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Answer, FormFields, HttpClient } from './http-client.js';

type Members = Readonly<Record<string, unknown>>;

/** A client with a key to prove, that follows the server's nonce as RFC 9449 §8 has it. */
export class DpopClient {
  nonce: string | undefined;
  readonly #signer: Promise<Awaited<ReturnType<typeof newSigner>>>;

  /** @param issuer what the service calls itself: proofs speak of its URLs */
  constructor(
    private readonly http: HttpClient,
    private readonly issuer: string = http.baseUrl,
    private readonly alg = 'ES256',
  ) {
    this.#signer = newSigner(alg);
  }

  async jkt(): Promise<string> {
    return (await this.#signer).jkt;
  }

  /** A proof for a path of the service; `claims` replace or (undefined) remove its own. */
  async prove(method: string, path: string, claims: Members = {}): Promise<string> {
    const { jwk, privateKey } = await this.#signer;
    const htu = this.issuer + path;
    const iat = Math.floor(Date.now() / 1000);
    const own = { jti: randomUUID(), htm: method, htu, iat, nonce: this.nonce };
    return new SignJWT(JSON.parse(JSON.stringify({ ...own, ...claims })))
      .setProtectedHeader({ typ: 'dpop+jwt', alg: this.alg, jwk })
      .sign(privateKey);
  }

  /** Sends a form with a proof, and once more with the nonce if that is what is missing. */
  async form(path: string, fields: FormFields, headers: Record<string, string> = {}) {
    return this.#withNonce(async () => {
      const dpop = await this.prove('POST', path);
      return this.http.form(path, fields, { ...headers, dpop });
    });
  }

  /** Calls with the token under the scheme DPoP, and with a proof for it. */
  async call(method: string, path: string, token: string, claims: Members = {}): Promise<Answer> {
    return this.#withNonce(async () => {
      const headers = await this.headers(method, path, token, claims);
      return this.http.call(path, { method, headers });
    });
  }

  async headers(method: string, path: string, token: string, claims: Members = {}) {
    const ath = hash('sha256', token, 'base64url');
    const dpop = await this.prove(method, path.split('?')[0] ?? '', { ath, ...claims });
    return { authorization: `DPoP ${token}`, dpop };
  }

  async #withNonce(send: () => Promise<Answer>): Promise<Answer> {
    const answer = await send();
    const nonce = answer.headers.get('dpop-nonce');
    if (nonce === null || nonce === this.nonce) return answer;
    this.nonce = nonce;
    return answer.text.includes('nonce') ? send() : answer;
  }
}

async function newSigner(alg: string) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return { jwk, privateKey, jkt: await calculateJwkThumbprint(jwk) };
}
