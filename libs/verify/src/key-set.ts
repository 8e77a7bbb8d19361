import { importVerificationKey, type VerificationKey } from './import-verification-key.js';
import { UnusableKey } from './unusable-key.js';

/** Verification keys by `kid`. */
export type KeySet = ReadonlyMap<string, VerificationKey>;

/**
 * Reads a JWK Set. Entries that cannot be used (unknown `kty` or `alg`, no `kid`, too weak, not
 * for signatures) are skipped, so that a set may carry keys for others (RFC 7517 §5). When two
 * usable entries share a `kid`, neither is used: which one is meant cannot be known.
 *
 * @throws {UnusableKey} when the document is not a JWK Set at all
 * @see RFC 7517 §5
 */
export function keySetFromJwks(document: unknown): KeySet {
  return readKeySet(document, importVerificationKey);
}

/**
 * Reads a JWK Set as `keySetFromJwks` does, with keys of another kind.
 * @param importKey throws `UnusableKey` for an entry to skip
 */
export function readKeySet<Key extends { readonly kid: string }>(
  document: unknown,
  importKey: (jwk: unknown) => Key,
): ReadonlyMap<string, Key> {
  const keys = new Map<string, Key>();
  const ambiguous = new Set<string>();
  for (const jwk of readEntries(document)) {
    const key = importUsableKey(jwk, importKey);
    if (key === null) continue;
    if (keys.has(key.kid)) ambiguous.add(key.kid);
    keys.set(key.kid, key);
  }
  for (const kid of ambiguous) keys.delete(kid);
  return keys;
}

function readEntries(document: unknown): readonly unknown[] {
  if (typeof document === 'object' && document !== null && 'keys' in document) {
    if (Array.isArray(document.keys)) return document.keys;
  }
  throw new UnusableKey('not a JWK Set: `keys` must be an array');
}

function importUsableKey<Key>(jwk: unknown, importKey: (jwk: unknown) => Key): Key | null {
  try {
    return importKey(jwk);
  } catch (error) {
    if (error instanceof UnusableKey) return null;
    throw error;
  }
}
