import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { FederatedAlgorithm } from '@countersign/contracts';
import { hasPrivateMember } from './has-private-member.js';
import { isRocaModulus } from './is-roca-modulus.js';
import { UnusableKey } from './unusable-key.js';

/** Another issuer's public key, with the algorithms that it may be used by. */
export interface FederatedKey {
  /** Unlike that of any other key in the set; one that was published without has one of ours. */
  readonly kid: string;
  readonly algorithms: readonly FederatedAlgorithm[];
  readonly key: KeyObject;
  /** The public members as they were published: two keys with the same are the same key. */
  readonly text: string;
}

const RSA: readonly FederatedAlgorithm[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const RSA_MIN_BITS = 2048;
const RSA_MIN_EXPONENT = 65_537n;

interface KeyForm {
  readonly members: readonly string[];
  readonly algorithms: readonly FederatedAlgorithm[];
}

/** By `kty`, and `crv` where there is one. @see RFC 7518 §3.1, §6, RFC 8037 §2, §3.1 */
const FORMS: Readonly<Record<string, KeyForm>> = {
  RSA: { members: ['kty', 'n', 'e'], algorithms: RSA },
  'EC P-256': { members: ['kty', 'crv', 'x', 'y'], algorithms: ['ES256'] },
  'EC P-384': { members: ['kty', 'crv', 'x', 'y'], algorithms: ['ES384'] },
  'EC P-521': { members: ['kty', 'crv', 'x', 'y'], algorithms: ['ES512'] },
  'OKP Ed25519': { members: ['kty', 'crv', 'x'], algorithms: ['EdDSA', 'Ed25519'] },
};

/**
 * Imports another issuer's public JWK. RSA needs 2048 bits and an exponent of
 * 65537 or more. Without `alg`, as
 * some publish it, it fits each algorithm of its type and curve. Only public members are read.
 *
 * @throws {UnusableKey} for everything else, symmetric keys among them
 * @see RFC 7517 §4, RFC 8725 §3.5
 */
export function importFederatedKey(jwk: unknown): FederatedKey {
  if (typeof jwk !== 'object' || jwk === null) throw new UnusableKey('must be a JSON object');
  const members = jwk as Readonly<Record<string, unknown>>;
  const { kid, alg, use, kty, crv, key_ops: operations } = members;
  if (kid !== undefined && (typeof kid !== 'string' || kid === '')) {
    throw new UnusableKey('kid must be a string');
  }
  if (hasPrivateMember(members)) throw new UnusableKey('must not contain private members');
  if (use !== undefined && use !== 'sig') throw new UnusableKey('use must be sig');
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) {
    throw new UnusableKey('key_ops must include verify');
  }
  const form = formOf(kty, crv);
  const algorithms = form.algorithms.filter((one) => alg === undefined || one === alg);
  if (algorithms.length === 0) throw new UnusableKey('alg does not fit the key');
  const publicJwk = publicMembers(members, form);
  const text = JSON.stringify([kid, algorithms, publicJwk]);
  return Object.freeze({ kid: kid ?? text, algorithms, key: importPublicKey(publicJwk), text });
}

function formOf(kty: unknown, crv: unknown): KeyForm {
  const name = [kty, crv].filter((member) => typeof member === 'string').join(' ');
  const form = Object.hasOwn(FORMS, name) ? FORMS[name] : undefined;
  if (form === undefined) throw new UnusableKey('kty and crv are of no supported key');
  return form;
}

function publicMembers(jwk: Readonly<Record<string, unknown>>, form: KeyForm): JsonWebKey {
  const read: JsonWebKey = {};
  for (const name of form.members) {
    const value = jwk[name];
    if (typeof value !== 'string') throw new UnusableKey(`${name} must be a string`);
    read[name] = value;
  }
  return read;
}

function importPublicKey(jwk: JsonWebKey): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: jwk, format: 'jwk' });
  } catch (cause) {
    throw new UnusableKey('is not a valid public key', { cause });
  }
  const { modulusLength, publicExponent } = key.asymmetricKeyDetails ?? {};
  if (modulusLength === undefined || publicExponent === undefined) return key;
  if (modulusLength < RSA_MIN_BITS) throw new UnusableKey(`needs ${RSA_MIN_BITS} bits`);
  if (publicExponent < RSA_MIN_EXPONENT) throw new UnusableKey('public exponent is too small');
  if (isRocaModulus(jwk.n ?? '')) throw new UnusableKey('is one that can be factored (ROCA)');
  return key;
}
