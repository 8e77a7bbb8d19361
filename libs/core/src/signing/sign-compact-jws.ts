import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { SigningAlgorithm } from '@countersign/contracts';
import { ecdsaSignatureFromDer } from './ecdsa-signature-from-der.js';

const signInThreadPool = promisify(sign) as (
  digest: string | null,
  data: Buffer,
  key: KeyObject,
) => Promise<Buffer>;

/** The private half of an active signing key, imported once. */
export interface Signer {
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  readonly privateKey: KeyObject;
  /** The encoded protected header for each `typ`, made once. */
  readonly headers: Map<string, string>;
}

export function createSigner(
  kid: string,
  alg: SigningAlgorithm,
  privateJwk: Record<string, string>,
): Signer {
  const privateKey = createPrivateKey({ key: privateJwk, format: 'jwk' });
  return { kid, alg, privateKey, headers: new Map() };
}

/**
 * Signs `payload` (JSON text) as a compact JWS. RSA goes to the thread pool, since one signature
 * lasts as long as dozens of other requests; elliptic curves cost less than the way there and back.
 * @see RFC 7515 §5.1, RFC 7518 §3.4 for the form of ES256's signature
 */
export async function signCompactJws(
  signer: Signer,
  typ: string,
  payload: string,
): Promise<string> {
  const signingInput = `${encodedHeader(signer, typ)}.${Buffer.from(payload).toString('base64url')}`;
  const signature = await signatureOver(signer, Buffer.from(signingInput, 'latin1'));
  return `${signingInput}.${signature.toString('base64url')}`;
}

function signatureOver({ alg, privateKey }: Signer, input: Buffer): Buffer | Promise<Buffer> {
  switch (alg) {
    case 'RS256':
      return signInThreadPool('sha256', input, privateKey);
    case 'ES256':
      // Asked for the other form, Node 24 takes more than twice as long.
      return ecdsaSignatureFromDer(sign('sha256', input, privateKey));
    case 'Ed25519':
      return sign(null, input, privateKey);
  }
}

function encodedHeader(signer: Signer, typ: string): string {
  const known = signer.headers.get(typ);
  if (known !== undefined) return known;
  const header = Buffer.from(JSON.stringify({ alg: signer.alg, typ, kid: signer.kid }));
  const encoded = header.toString('base64url');
  signer.headers.set(typ, encoded);
  return encoded;
}
