import { isDeepStrictEqual } from 'node:util';
import type { IssuerJwks } from '@countersign/contracts';
import {
  type FederatedKey,
  federatedKeySet,
  RemoteKeySet,
  type RemoteKeySetOptions,
} from '@countersign/verify';
import { LRUCache } from 'lru-cache';
import type { TrustedIssuerPolicy } from './trusted-issuer-policy.js';

export type KeySetOptions = Pick<
  RemoteKeySetOptions,
  'allowInsecureHttp' | 'fetch' | 'times' | 'monotonicMs'
>;

/** Where the keys of an issuer are found. */
export type FederatedKeySource = Pick<
  RemoteKeySet<FederatedKey>,
  'fresh' | 'keysFor' | 'keysFitting'
>;

interface KeySource {
  readonly issuer: string;
  readonly jwks: TrustedIssuerPolicy['jwks'];
  readonly jwksUri: string | undefined;
  readonly discovery: TrustedIssuerPolicy['discovery'];
}

// Sets of issuers that are trusted no more go with time.
const CAPACITY = 1_000;

/** The key sets of the trusted issuers: one for each, and none ever stands in for another. */
export class FederatedKeySets {
  readonly #options: KeySetOptions;
  readonly #sets = new LRUCache<
    string,
    { readonly source: KeySource; readonly set: FederatedKeySource }
  >({ max: CAPACITY });

  constructor(options: KeySetOptions) {
    this.#options = options;
  }

  /**
   * The issuer's key set. It begins anew when the keys are to come from elsewhere.
   * @throws {TypeError} when the URL is one that keys may not be fetched from
   */
  of({ id, issuer, jwks, jwksUri, discovery }: TrustedIssuerPolicy): FederatedKeySource {
    const source = { issuer, jwks, jwksUri: jwksUri ?? undefined, discovery };
    const known = this.#sets.get(id);
    if (known !== undefined && isDeepStrictEqual(known.source, source)) return known.set;
    const set = jwks === null ? this.#remote(source) : givenKeys(jwks);
    this.#sets.set(id, { source, set });
    return set;
  }

  #remote({ issuer, jwksUri, discovery }: KeySource): FederatedKeySource {
    return new RemoteKeySet({ ...this.#options, issuer, jwksUri, discovery }, federatedKeySet);
  }
}

/** Keys that an administrator has given are all that there are, for as long as they are given. */
function givenKeys(jwks: IssuerJwks): FederatedKeySource {
  const keys = federatedKeySet(jwks, new Map());
  return { fresh: keys, keysFor: async () => keys, keysFitting: async () => keys };
}
