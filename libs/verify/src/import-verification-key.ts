import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '@countersign/contracts';
import { hasPrivateMember } from './has-private-member.js';
import { UnusableKey } from './unusable-key.js';

/** A public key bound to the one algorithm that it verifies. */
export interface VerificationKey {
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  readonly key: KeyObject;
  /** Length of every signature of this key, in octets. */
  readonly signatureOctets: number;
}

const RSA_MIN_BITS = 2048;
const RSA_MIN_EXPONENT = 65_537n;
const BASE64URL = /^[\w-]+$/;
const BASE64URL_32_OCTETS = /^[\w-]{43}$/;

/** What each algorithm's JWK must look like. @see RFC 7518 §6.2, §6.3, RFC 8037 §2 */
const FORMS: Record<SigningAlgorithm, Readonly<Record<string, string | RegExp>>> = {
  RS256: { kty: 'RSA', n: BASE64URL, e: BASE64URL },
  ES256: { kty: 'EC', crv: 'P-256', x: BASE64URL_32_OCTETS, y: BASE64URL_32_OCTETS },
  Ed25519: { kty: 'OKP', crv: 'Ed25519', x: BASE64URL_32_OCTETS },
};

/**
 * Imports a public JWK. It must name its `kid` and `alg`, and be of the type and curve of that
 * algorithm; RSA needs 2048 bits and an exponent of 65537 or more; `use` and `key_ops`, if present,
 * must allow verification. Members of a certificate (`x5c` and its kin) are ignored.
 *
 * @throws {UnusableKey} for everything else, also when the JWK contains private members
 * @see RFC 7517 §4, RFC 7518 §3.3, RFC 8725 §3.5
 */
export function importVerificationKey(jwk: unknown): VerificationKey {
  const members = readMembers(jwk);
  const { kid, alg } = members;
  if (typeof kid !== 'string' || kid === '') throw new UnusableKey('kid must be a string');
  if (!isSigningAlgorithm(alg)) throw new UnusableKey('alg must be one that is supported');
  if (hasPrivateMember(members)) throw new UnusableKey('must not contain private members');
  requireVerificationUse(members);
  const key = importPublicKey(members, FORMS[alg]);
  return Object.freeze({ kid, alg, key, signatureOctets: requireStrength(key) });
}

function readMembers(jwk: unknown): Readonly<Record<string, unknown>> {
  if (typeof jwk !== 'object' || jwk === null) throw new UnusableKey('must be a JSON object');
  return jwk as Record<string, unknown>;
}

function isSigningAlgorithm(alg: unknown): alg is SigningAlgorithm {
  return (SIGNING_ALGORITHMS as readonly unknown[]).includes(alg);
}

function requireVerificationUse({ use, key_ops: operations }: Record<string, unknown>): void {
  if (use !== undefined && use !== 'sig') throw new UnusableKey('use must be sig');
  if (operations === undefined) return;
  if (!Array.isArray(operations) || !operations.includes('verify')) {
    throw new UnusableKey('key_ops must include verify');
  }
}

function importPublicKey(
  members: Readonly<Record<string, unknown>>,
  form: Readonly<Record<string, string | RegExp>>,
): KeyObject {
  const jwk: JsonWebKey = {};
  for (const [name, expected] of Object.entries(form)) {
    const value = members[name];
    if (typeof value !== 'string' || !matches(value, expected)) {
      throw new UnusableKey(`${name} does not fit alg`);
    }
    jwk[name] = value;
  }
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch (cause) {
    throw new UnusableKey('is not a valid public key', { cause });
  }
}

function matches(value: string, expected: string | RegExp): boolean {
  return typeof expected === 'string' ? value === expected : expected.test(value);
}

/** Returns the signature length in octets: RSA's is the modulus', the others' is 64. */
function requireStrength({ asymmetricKeyDetails }: KeyObject): number {
  const { modulusLength, publicExponent } = asymmetricKeyDetails ?? {};
  if (modulusLength === undefined || publicExponent === undefined) return 64;
  if (modulusLength < RSA_MIN_BITS) throw new UnusableKey(`needs ${RSA_MIN_BITS} bits`);
  if (publicExponent < RSA_MIN_EXPONENT) throw new UnusableKey('public exponent is too small');
  return Math.ceil(modulusLength / 8);
}
