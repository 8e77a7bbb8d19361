import { isDeepStrictEqual } from 'node:util';
import type { Change } from '../changes/change.js';
import type { ChangeSink } from '../changes/change-sink.js';
import type { TrustedIssuerPolicy } from './trusted-issuer-policy.js';

export type LoadTrustedIssuers = () => Promise<readonly TrustedIssuerPolicy[]>;

/**
 * The trusted issuers in memory, reloaded whenever the feed says that one has changed. A policy that
 * did not change stays the same object, so that what was verified by it stays remembered.
 */
export class TrustedIssuers implements ChangeSink {
  #byIssuer: ReadonlyMap<string, TrustedIssuerPolicy> = new Map();

  /** @param ownIssuer this service's: nobody else speaks for it, whatever is stored */
  constructor(
    private readonly ownIssuer: string,
    private readonly loadTrustedIssuers: LoadTrustedIssuers,
  ) {}

  get size(): number {
    return this.#byIssuer.size;
  }

  find(issuer: string): TrustedIssuerPolicy | undefined {
    return this.#byIssuer.get(issuer);
  }

  async apply(change: Change): Promise<void> {
    if (change.kind === 'trusted_issuer') await this.reset();
  }

  async reset(): Promise<void> {
    const loaded = await this.loadTrustedIssuers();
    const others = loaded.filter(({ issuer }) => issuer !== this.ownIssuer);
    this.#byIssuer = new Map(others.map((policy) => [policy.issuer, this.#unlessKnown(policy)]));
  }

  #unlessKnown(policy: TrustedIssuerPolicy): TrustedIssuerPolicy {
    const known = this.#byIssuer.get(policy.issuer);
    return known !== undefined && isDeepStrictEqual(known, policy) ? known : policy;
  }
}
