import type { Metadata } from '@countersign/contracts';

// Compared without case and separators: secret_hash, secretHash and SECRET-HASH are one.
const SECRET_NAMES: ReadonlySet<string> = new Set([
  'accesstoken',
  'apikey',
  'clientsecret',
  'credential',
  'hash',
  'key',
  'password',
  'privatejwk',
  'privatekey',
  'refreshtoken',
  'sealedprivatejwk',
  'secret',
  'secrethash',
  'token',
]);
// The private members of RSA, EC and OKP keys. @see RFC 7518 §6
const PRIVATE_JWK_MEMBERS: ReadonlySet<string> = new Set([
  'd',
  'p',
  'q',
  'dp',
  'dq',
  'qi',
  'oth',
  'k',
]);
const SECRET_VALUE = /^\$argon2/;
const FREE_FORM: ReadonlySet<string> = new Set(['metadata', 'mapping']);

/**
 * Takes the state of a resource before or after a change for the record. Throws rather than leave
 * something out or let a secret in: whatever is not JSON (a Date, undefined, NaN), and whatever is
 * named or looks like a secret. What is under `metadata` or `mapping` is named by the caller, and only
 * has to be JSON.
 *
 * @throws {TypeError} naming the path, never the value
 */
export function auditContent(state: object): Metadata {
  if (!isPlainObject(state)) throw new TypeError('audit: the state is not a plain object');
  assertRecordable(state, '', false);
  return structuredClone(state) as Metadata;
}

function assertRecordable(value: unknown, path: string, own: boolean): void {
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (typeof value === 'string') {
    if (!own && SECRET_VALUE.test(value)) throw new TypeError(`audit: ${path} holds a secret`);
    return;
  }
  if (Array.isArray(value)) {
    value.forEach((item, index) => assertRecordable(item, `${path}[${index}]`, own));
    return;
  }
  if (!isPlainObject(value)) throw new TypeError(`audit: ${path} is not JSON`);
  const isJwk = typeof value['kty'] === 'string';
  for (const [name, member] of Object.entries(value)) {
    const memberPath = path === '' ? name : `${path}.${name}`;
    if (!own && (isSecretName(name) || (isJwk && PRIVATE_JWK_MEMBERS.has(name)))) {
      throw new TypeError(`audit: ${memberPath} may hold a secret`);
    }
    assertRecordable(member, memberPath, own || FREE_FORM.has(memberPath));
  }
}

function isSecretName(name: string): boolean {
  return SECRET_NAMES.has(name.replaceAll(/[^a-z]/gi, '').toLowerCase());
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
