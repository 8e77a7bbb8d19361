import type { SigningAlgorithm, SigningKeyStatus } from '@countersign/contracts';
import { importVerificationKey, type KeySet, type VerificationKey } from '@countersign/verify';
import type { Change } from '../changes/change.js';
import type { ChangeSink } from '../changes/change-sink.js';
import { DependencyUnavailable } from '../dependency-unavailable.js';
import type { PrivateKeySealer } from './private-key-sealer.js';
import { createSigner, type Signer } from './sign-compact-jws.js';
import type { SigningKeyRecord } from './signing-key-record.js';

/** A JWK Set of public keys. @see RFC 7517 §5 */
export interface Jwks {
  readonly keys: readonly Readonly<Record<string, string>>[];
}

/** Reads every signing key that is neither removed nor compromised. */
export type LoadSigningKeys = () => Promise<readonly SigningKeyRecord[]>;

const PUBLISHED: ReadonlySet<SigningKeyStatus> = new Set(['next', 'active', 'retiring']);
const VERIFYING: ReadonlySet<SigningKeyStatus> = new Set(['active', 'retiring']);

interface Keys {
  readonly signers: ReadonlyMap<SigningAlgorithm, Signer>;
  readonly verifying: KeySet;
  readonly jwks: Jwks;
}

/** The signing keys in memory, reloaded whenever the feed says that one has changed. */
export class Keyring implements ChangeSink {
  #keys: Keys = { signers: new Map(), verifying: new Map(), jwks: { keys: [] } };

  constructor(
    private readonly loadSigningKeys: LoadSigningKeys,
    private readonly sealer: PrivateKeySealer,
  ) {}

  /** The keys that verify: those that sign now, and those that did. */
  get verifying(): KeySet {
    return this.#keys.verifying;
  }

  /** The published keys, RSA first; another object whenever they have changed. */
  get jwks(): Jwks {
    return this.#keys.jwks;
  }

  /** @throws {DependencyUnavailable} when no key is active for `alg` */
  signerFor(alg: SigningAlgorithm): Signer {
    const signer = this.#keys.signers.get(alg);
    if (signer === undefined)
      throw new DependencyUnavailable('signing key', 5, {
        cause: new Error(`no active ${alg} key`),
      });
    return signer;
  }

  async apply(change: Change): Promise<void> {
    if (change.kind === 'signing_key') await this.reset();
  }

  async reset(): Promise<void> {
    this.#keys = this.#import(await this.loadSigningKeys());
  }

  #import(records: readonly SigningKeyRecord[]): Keys {
    const verifying = new Map<string, VerificationKey>();
    const signers = new Map<SigningAlgorithm, Signer>();
    const known = this.#keys;
    for (const { kid, alg, status, publicJwk, sealedPrivateJwk } of records) {
      if (VERIFYING.has(status)) {
        // The same object as long as the key is the same: what was verified under it is known by it.
        verifying.set(kid, known.verifying.get(kid) ?? importVerificationKey(publicJwk));
      }
      if (status === 'active' && sealedPrivateJwk !== null) {
        const signer = known.signers.get(alg);
        const current = signer?.kid === kid ? signer : undefined;
        signers.set(
          alg,
          current ?? createSigner(kid, alg, this.sealer.open(kid, sealedPrivateJwk)),
        );
      }
    }
    const published = records.filter(({ status }) => PUBLISHED.has(status));
    return { signers, verifying, jwks: { keys: rsaFirst(published).map((key) => key.publicJwk) } };
  }
}

// Some verifiers take the first key that they can read, and RSA is the one that all of them can.
function rsaFirst(records: readonly SigningKeyRecord[]): readonly SigningKeyRecord[] {
  const rank = (record: SigningKeyRecord) => (record.alg === 'RS256' ? 0 : 1);
  return records.toSorted((a, b) => rank(a) - rank(b));
}
