import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { SigningAlgorithm } from '@countersign/contracts';
import { type KeySet, keySetFromJwks } from '../src/key-set.js';

export const ISSUER = 'https://auth.example.com';
export const AUDIENCE = 'https://api.example.com';
export const NOW = 1_790_000_000;

/** A public key as it is published. */
export interface PublicJwk {
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  readonly n?: string | undefined;
  readonly x?: string | undefined;
  readonly y?: string | undefined;
}

/** A private key, and every way to misuse it. */
export interface Signer {
  readonly alg: SigningAlgorithm;
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly jwk: PublicJwk;
  readonly keys: KeySet;
  /** Signs octets as the algorithm has it. */
  signOctets(octets: Uint8Array): Buffer;
  /** A token of these claims; members of `header` replace or (undefined) remove ours. */
  sign(claims: unknown, header?: Readonly<Record<string, unknown>>): string;
  /** A token of exactly this header and payload, whatever they are. */
  signRaw(header: string | Uint8Array, payload: string | Uint8Array): string;
}

export function createSigner(alg: SigningAlgorithm, kid = `kid-${alg}`): Signer {
  const { publicKey, privateKey } = generateKeyPair(alg);
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
  const signOctets = (octets: Uint8Array) =>
    alg === 'ES256'
      ? sign('sha256', octets, { key: privateKey, dsaEncoding: 'ieee-p1363' })
      : sign(alg === 'RS256' ? 'sha256' : null, octets, privateKey);
  const signRaw = (header: string | Uint8Array, payload: string | Uint8Array) => {
    const signingInput = `${encode(header)}.${encode(payload)}`;
    return `${signingInput}.${encode(signOctets(Buffer.from(signingInput)))}`;
  };
  return {
    alg,
    kid,
    publicKey,
    jwk,
    keys: keySetFromJwks({ keys: [jwk] }),
    signOctets,
    signRaw,
    sign: (claims, header = {}) =>
      signRaw(JSON.stringify({ alg, typ: 'at+jwt', kid, ...header }), JSON.stringify(claims)),
  };
}

function generateKeyPair(alg: SigningAlgorithm) {
  if (alg === 'RS256') return generateKeyPairSync('rsa', { modulusLength: 2048 });
  if (alg === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return generateKeyPairSync('ed25519');
}

/** base64url without padding. */
export function encode(octets: string | Uint8Array): string {
  const buffer = typeof octets === 'string' ? Buffer.from(octets) : Buffer.from(octets);
  return buffer.toString('base64url');
}

/** Claims of a token that is good from `NOW` on for 300 seconds. */
export function validClaims(overrides: Readonly<Record<string, unknown>> = {}) {
  return {
    iss: ISSUER,
    sub: 'prn_01JD0000000000000000000000',
    aud: AUDIENCE,
    client_id: 'key_01JD0000000000000000000000',
    iat: NOW,
    exp: NOW + 300,
    jti: 'oGq6d1o3bTqg1Jm3z2W5tA',
    scope: 'write:users read:users',
    name: 'Acme nightly export',
    principal_type: 'service',
    org: 'org_01JD0000000000000000000000',
    roles: ['exporter'],
    env: 'live',
    meta: { plan: 'gold' },
    cid: 'key_01JD0000000000000000000000.aB3dE6gH9jK2mN5p',
    ...overrides,
  };
}
