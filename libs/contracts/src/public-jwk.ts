import { z } from 'zod';

/** Curves of an EC key and the one algorithm of each. @see RFC 7518 §3.4 */
export const EC_ALGORITHMS = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' } as const;

/** @see RFC 7518 §3.3, §3.5 */
export const RSA_ALGORITHMS = ['PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'] as const;

/** `EdDSA` is the name that Ed25519 had before RFC 9864; many clients still write it. */
export const OKP_ALGORITHMS = ['Ed25519', 'EdDSA'] as const;

/** What clients may sign with, for themselves and for their proofs: asymmetric algorithms only. */
export const CLIENT_SIGNING_ALGORITHMS = [
  ...Object.values(EC_ALGORITHMS),
  ...OKP_ALGORITHMS,
  ...RSA_ALGORITHMS,
] as const;
export type ClientSigningAlgorithm = (typeof CLIENT_SIGNING_ALGORITHMS)[number];

const RSA_MIN_BITS = 2048;
// Verification gets dearer with the square of it, and a proof brings its own key.
const RSA_MAX_BITS = 4096;
const BASE64URL = /^[A-Za-z0-9_-]+$/;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

// A private key that was shown to somebody else is no longer private. @see RFC 7518 §6.2.2, §6.3.2
const absent = z.never('is a private member: register public keys only').optional();

const ofEveryKey = {
  kid: z.string().min(1).max(128).optional(),
  use: z.literal('sig').optional(),
  key_ops: z.array(z.literal('verify')).min(1).max(1).optional(),
};

function coordinate(octets: number) {
  const characters = Math.ceil((octets * 4) / 3);
  return z
    .string()
    .length(characters, `must be ${octets} octets in base64url`)
    .regex(BASE64URL, 'must be base64url without padding');
}

const rsaJwk = z.object({
  ...ofEveryKey,
  kty: z.literal('RSA'),
  alg: z.enum(RSA_ALGORITHMS).optional(),
  n: z
    .string()
    .max(1_024)
    .regex(BASE64URL, 'must be base64url without padding')
    .refine(isModulusLongEnough, `must have ${RSA_MIN_BITS} to ${RSA_MAX_BITS} bits`),
  e: z.string().max(6).regex(BASE64URL, 'must be base64url without padding'),
  ...{ d: absent, p: absent, q: absent, dp: absent, dq: absent, qi: absent, oth: absent },
});

function ecJwk<Curve extends keyof typeof EC_ALGORITHMS>(crv: Curve, octets: number) {
  return z.object({
    ...ofEveryKey,
    kty: z.literal('EC'),
    crv: z.literal(crv),
    alg: z.literal(EC_ALGORITHMS[crv]).optional(),
    x: coordinate(octets),
    y: coordinate(octets),
    d: absent,
  });
}

const okpJwk = z.object({
  ...ofEveryKey,
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  alg: z.enum(OKP_ALGORITHMS).optional(),
  x: coordinate(32),
  d: absent,
});

/**
 * A public key of a client: RSA of 2048 to 4096 bits, P-256, P-384, P-521 or Ed25519. A private
 * member is refused by its name; members that are not known are left out (RFC 7517 §4). Says
 * nothing about whether the numbers are a key: importing it does.
 * @see RFC 7517 §4, RFC 7518 §6, RFC 8037 §2
 */
export const publicJwk = z.discriminatedUnion('kty', [
  rsaJwk,
  z.discriminatedUnion('crv', [ecJwk('P-256', 32), ecJwk('P-384', 48), ecJwk('P-521', 66)]),
  okpJwk,
]);

export type PublicJwk = z.infer<typeof publicJwk>;

/** The algorithms that may be used with a key: its own, or those of its type and curve. */
export function algorithmsOf(jwk: PublicJwk): readonly ClientSigningAlgorithm[] {
  switch (jwk.kty) {
    case 'EC':
      return [EC_ALGORITHMS[jwk.crv]];
    case 'OKP':
      return OKP_ALGORITHMS;
    case 'RSA':
      return jwk.alg === undefined ? RSA_ALGORITHMS : [jwk.alg];
  }
}

/** By its length and its first octet, which is never zero. @see RFC 7518 §2 (Base64urlUInt) */
function isModulusLongEnough(n: string): boolean {
  const octets = Math.floor((n.length * 3) / 4);
  const first = (ALPHABET.indexOf(n.charAt(0)) << 2) | (ALPHABET.indexOf(n.charAt(1)) >> 4);
  const bits = octets * 8 - (Math.clz32(first) - 24);
  return first > 0 && bits >= RSA_MIN_BITS && bits <= RSA_MAX_BITS;
}
