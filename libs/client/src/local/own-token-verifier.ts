import { FEDERATED_ALGORITHMS } from '@countersign/contracts';
import {
  type CompactJws,
  checkToken,
  type KeySet,
  parseCompactJws,
  type Rejection,
  rejected,
  type RemoteKeySet,
  typWithoutPrefix,
  verifySignature,
} from '@countersign/verify';
import { type CredentialUse, usedNow } from '../credential-use.js';
import type { VerifierSettings } from '../read-verifier-options.js';
import { type RememberedToken, VerifiedTokens } from './verified-tokens.js';

/** A JWT that somebody else issued: only the service can tell whom it trusts. */
export interface ForeignToken {
  readonly ok: 'foreign';
}

/** A JWT that says it is ours, signed by a key that the key set does not have. */
export interface UnknownKey {
  readonly ok: 'unknown_key';
  readonly kid: string;
  /** What it says, which nothing proves. */
  readonly payload: CompactJws['payload'];
}

/**
 * What a JWT is, before what became of it is looked at: a token of ours is one that is good for this use as
 * far as the token itself says.
 */
export type JudgedToken = RememberedToken | ForeignToken | UnknownKey | Rejection;

const FOREIGN: ForeignToken = { ok: 'foreign' };

/**
 * Verifies Countersign's own access tokens, all but what became of them since. Remembered is only that a
 * signature held, for as long as its key is published; everything else is checked at each use.
 */
export class OwnTokenVerifier {
  readonly #tokens: VerifiedTokens;

  constructor(
    private readonly settings: VerifierSettings,
    private readonly keySet: RemoteKeySet,
  ) {
    this.#tokens = new VerifiedTokens(settings.tokenCacheSize);
  }

  /**
   * Synchronous when memory suffices.
   * @throws {KeysUnavailable} by rejection
   */
  verify(use: CredentialUse): JudgedToken | Promise<JudgedToken> {
    const { credential } = use;
    const remembered = this.#tokens.get(credential);
    if (remembered !== undefined) {
      const { kid } = remembered.key;
      const keys = this.keySet.fresh;
      if (keys.has(kid)) return this.#checkRemembered(remembered, keys, use);
      return this.#fetchedFor(kid, use, (all, later) =>
        this.#checkRemembered(remembered, all, later),
      );
    }
    const jws = parseCompactJws(credential);
    if (!jws.ok) {
      return jws === rejected('unsupported_algorithm') ? this.#byOtherAlgorithm(credential) : jws;
    }
    if (jws.payload['iss'] !== this.settings.issuer) return FOREIGN;
    const first = this.#verifySignature(jws, this.keySet.fresh, use);
    if (first.ok !== 'unknown_key') return first;
    return this.#fetchedFor(first.kid, use, (keys, later) =>
      this.#verifySignature(jws, keys, later),
    );
  }

  /** Whether a key may be published that the key set does not have yet. */
  get areKeysDoubted(): boolean {
    return this.keySet.isDoubted;
  }

  clear(): void {
    this.#tokens.clear();
  }

  /** To fetch keys takes seconds at worst, in which a token may have expired. */
  async #fetchedFor<T>(
    kid: string,
    use: CredentialUse,
    check: (keys: KeySet, later: CredentialUse) => T,
  ): Promise<T> {
    const keys = await this.keySet.keysFor(kid);
    return check(keys, usedNow(use, this.settings.clock));
  }

  /** A key that is not the very same any more is another one, until it has verified the signature. */
  #checkRemembered(remembered: RememberedToken, keys: KeySet, use: CredentialUse) {
    if (keys.get(remembered.key.kid) === remembered.key) return this.#check(remembered, use);
    this.#tokens.delete(use.credential);
    const jws = parseCompactJws(use.credential);
    return jws.ok ? this.#verifySignature(jws, keys, use) : jws;
  }

  #verifySignature(
    jws: CompactJws,
    keys: KeySet,
    use: CredentialUse,
  ): RememberedToken | UnknownKey | Rejection {
    const verified = verifySignature(jws, keys, this.settings.issuer);
    if (verified === rejected('unknown_signing_key')) return this.#unknownKey(jws);
    if (!verified.ok) return verified;
    const key = keys.get(verified.kid);
    if (key === undefined) return rejected('unknown_signing_key');
    return this.#check(this.#tokens.add(jws, verified, key), use);
  }

  /** What is certain whatever the key: a token of ours names one, and its type is one that is taken. */
  #unknownKey({ header, payload }: CompactJws): UnknownKey | Rejection {
    const { kid } = header;
    if (kid === null) return rejected('unknown_signing_key');
    const types: readonly (string | null)[] = this.settings.types;
    if (!types.includes(typWithoutPrefix(header.typ))) return rejected('wrong_type');
    return { ok: 'unknown_key', kid, payload };
  }

  #check(
    token: RememberedToken,
    { context, binding, now }: CredentialUse,
  ): RememberedToken | Rejection {
    const { audiences, clockToleranceSeconds, types } = this.settings;
    const checked = checkToken(token.verified, {
      types,
      audience: audiences,
      nowSeconds: now.wallMs / 1000,
      clockToleranceSeconds,
      context,
      binding,
    });
    if (checked.ok) return token;
    if (checked === rejected('expired')) this.#tokens.delete(token.text);
    return checked;
  }

  #byOtherAlgorithm(credential: string): ForeignToken | Rejection {
    const jws = parseCompactJws(credential, FEDERATED_ALGORITHMS);
    if (!jws.ok) return jws;
    return jws.payload['iss'] === this.settings.issuer
      ? rejected('unsupported_algorithm')
      : FOREIGN;
  }
}
