import { readFileSync } from 'node:fs';

type Jwk = Readonly<Record<string, unknown>>;

/** A vector of Wycheproof: what was signed, the key or the keys to verify with, and what must come of it. */
export interface WycheproofVector {
  /** File and number. */
  readonly id: string;
  readonly comment: string;
  readonly isValid: boolean;
  /** A JWS in either serialization; undefined: the vector is a JWE. */
  readonly jws: unknown;
  /** The one key; undefined: there is a set. */
  readonly jwk: Jwk | undefined;
  readonly jwks: { readonly keys: readonly Jwk[] } | undefined;
}

interface Group {
  readonly public?: Jwk;
  readonly private?: Jwk;
  readonly tests: readonly {
    readonly tcId: number;
    readonly comment: string;
    readonly result: string;
    readonly jws?: unknown;
  }[];
}

/** @see libs/verify/test/wycheproof/README.md */
export function wycheproofVectors(name: 'signature' | 'key' | 'crypto'): WycheproofVector[] {
  const file = new URL(`./wycheproof/json_web_${name}_test.json`, import.meta.url);
  const { testGroups } = JSON.parse(readFileSync(file, 'utf8')) as { testGroups: Group[] };
  return testGroups.flatMap((group) => {
    // Those of a symmetric algorithm have no public key.
    const key = group.public ?? group.private ?? {};
    const isSet = Array.isArray(key['keys']);
    return group.tests.map(({ tcId, comment, result, jws }) => ({
      id: `${name} ${tcId}`,
      comment,
      isValid: result === 'valid',
      jws,
      jwk: isSet ? undefined : key,
      jwks: isSet ? (key as { keys: Jwk[] } & Jwk) : undefined,
    }));
  });
}
