import type { AccessTokenClaims } from '@countersign/contracts';
import { createSigner, signCompactJws } from '../src/signing/sign-compact-jws.js';
import type { SigningKeyRecord } from '../src/signing/signing-key-record.js';
import { sealer } from './signing-keys.js';

/** The claims of a token, unverified. */
export function claimsOf(token: string): AccessTokenClaims {
  const [, payload = ''] = token.split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as AccessTokenClaims;
}

/** A token with these claims, signed by this key, whatever they say. */
export function signClaims(
  claims: object,
  { kid, alg, sealedPrivateJwk }: SigningKeyRecord,
  typ = 'at+jwt',
): Promise<string> {
  const signer = createSigner(kid, alg, sealer.open(kid, sealedPrivateJwk ?? ''));
  return signCompactJws(signer, typ, JSON.stringify(claims));
}
