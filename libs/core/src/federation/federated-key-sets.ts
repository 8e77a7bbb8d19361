import { isDeepStrictEqual } from 'node:util';
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

interface KeySource {
  readonly issuer: string;
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
    { readonly source: KeySource; readonly set: RemoteKeySet<FederatedKey> }
  >({ max: CAPACITY });

  constructor(options: KeySetOptions) {
    this.#options = options;
  }

  /**
   * The issuer's key set. It begins anew when the keys are to come from elsewhere.
   * @throws {TypeError} when the URL is one that keys may not be fetched from
   */
  of({ id, issuer, jwksUri, discovery }: TrustedIssuerPolicy): RemoteKeySet<FederatedKey> {
    const source = { issuer, jwksUri: jwksUri ?? undefined, discovery };
    const known = this.#sets.get(id);
    if (known !== undefined && isDeepStrictEqual(known.source, source)) return known.set;
    const set = new RemoteKeySet({ ...this.#options, ...source }, federatedKeySet);
    this.#sets.set(id, { source, set });
    return set;
  }
}
