import { FEDERATED_ALGORITHMS, SIGNING_ALGORITHMS } from '@countersign/contracts';
import { decodeBase64url } from '../src/decode-base64url.js';
import { federatedKeySet } from '../src/federated-key-set.js';
import { type FederatedKey, importFederatedKey } from '../src/import-federated-key.js';
import { importVerificationKey } from '../src/import-verification-key.js';
import { isSignatureValid } from '../src/is-signature-valid.js';
import type { CompactJws } from '../src/parse-compact-jws.js';
import { type JoseHeader, parseJoseHeader } from '../src/parse-jose-header.js';
import { verifyFederatedSignature } from '../src/verify-federated-signature.js';

/** What a published vector has: something signed, with any payload, and the key or the keys. */
export interface SignedVector {
  /** In either serialization. */
  readonly jws: unknown;
  readonly jwk?: Readonly<Record<string, unknown>> | undefined;
  readonly jwks?: unknown;
}

/** As a trusted issuer's token is verified, but for what its payload is. */
export async function isAcceptedOfIssuer({ jws, jwk, jwks }: SignedVector): Promise<boolean> {
  const parts = partsOf(jws, FEDERATED_ALGORITHMS);
  if (parts === undefined) return false;
  const key = jwks === undefined ? importedOrNone(jwk) : keyOfSet(jwks, parts.header);
  if (key === undefined) return false;
  const unparsed = { ok: true, payload: {}, ...parts } as unknown as CompactJws<never>;
  return (await verifyFederatedSignature(unparsed, key)).ok;
}

/** As a token of our own is verified, but for what its payload is. */
export function isAcceptedAsOurs({ jws, jwk }: SignedVector): boolean {
  const parts = partsOf(jws, SIGNING_ALGORITHMS);
  if (parts === undefined) return false;
  try {
    const key = importVerificationKey({ kid: 'k', alg: parts.header.alg, ...jwk });
    if (key.alg !== parts.header.alg) return false;
    return isSignatureValid(key, parts.signingInput, parts.signature);
  } catch {
    return false;
  }
}

/** As `parseCompactJws` takes a token apart, but for what the payload is: here it may be no JSON. */
function partsOf<Alg extends string>(jws: unknown, algorithms: readonly Alg[]) {
  if (typeof jws !== 'string') return undefined;
  const [encodedHeader = '', encodedPayload = '', encodedSignature = '', ...more] = jws.split('.');
  if (more.length > 0 || encodedPayload === '' || encodedSignature === '') return undefined;
  const header = parseJoseHeader(encodedHeader, algorithms);
  const payload = decodeBase64url(encodedPayload);
  const signature = decodeBase64url(encodedSignature);
  if (!header.ok || !payload || !signature) return undefined;
  return { header, signingInput: `${encodedHeader}.${encodedPayload}`, signature };
}

function importedOrNone(jwk: object | undefined): FederatedKey | undefined {
  try {
    return importFederatedKey({ kid: 'k', ...jwk });
  } catch {
    return undefined;
  }
}

function keyOfSet(jwks: unknown, { kid }: JoseHeader<string>): FederatedKey | undefined {
  return federatedKeySet(jwks, new Map()).get(kid ?? '');
}
