import type { FederatedAlgorithm } from '@countersign/contracts';
import {
  checkFederatedExpiry,
  checkFederatedTimes,
  type FederatedKey,
  hasRepeatedClaims,
  KeysUnavailable,
  parseCompactJws,
  type Rejection,
  rejected,
  verifyFederatedSignature,
} from '@countersign/verify';
import { DependencyUnavailable } from '../dependency-unavailable.js';
import type { FederatedKeySets } from '../federation/federated-key-sets.js';
import type { FederatedToken } from '../federation/federated-token.js';
import type { IdentityIds } from '../federation/identity-ids.js';
import { mapScopes } from '../federation/map-scopes.js';
import { type MappedSubject, mapSubject } from '../federation/map-subject.js';
import { readFederatedClaims } from '../federation/read-federated-claims.js';
import type { TrustedIssuerPolicy } from '../federation/trusted-issuer-policy.js';
import type { TrustedIssuers } from '../federation/trusted-issuers.js';
import { unverifiedIssuer } from '../federation/unverified-issuer.js';
import { REVOCATION_MARGIN_SECONDS } from '../revocation/revocation-margin-seconds.js';
import type { IdentityState } from '../state/identity-state.js';
import type { KeySlot } from '../state/key-slot.js';
import type { KeyStates } from '../state/key-states.js';
import { TokenMemory } from '../state/token-memory.js';
import { VerifiedFederatedToken } from '../state/verified-federated-token.js';
import type { RestrictionsPurpose } from './decision-context.js';

// An issuer whose policy changes faster than a token is verified by it is being set up.
const ATTEMPTS = 3;
/**
 * Other types of JWT mean other things, though the same key signs them: a logout token (OpenID
 * Back-Channel Logout §2.4), a DPoP proof (RFC 9449 §4.2). None means what RFC 7519 §5.1 makes of it.
 */
const TYPES: ReadonlySet<string | null> = new Set([null, 'jwt', 'at+jwt', 'application/at+jwt']);

export interface FederatedTokenVerifierParts {
  readonly issuers: TrustedIssuers;
  readonly keySets: FederatedKeySets;
  readonly states: KeyStates;
  readonly identityIds: IdentityIds;
  /** How long after its `exp` a token still passes, 0 to 60. */
  readonly expiryLeewaySeconds: number;
  /** Bytes that remembered tokens may take, about. */
  readonly memoryBytes: number;
}

/** That a signature held, under which key and by which policy; and what the claims were mapped to. */
interface RememberedToken {
  readonly policy: TrustedIssuerPolicy;
  readonly key: FederatedKey;
  readonly token: FederatedToken;
  readonly subject: MappedSubject;
  slot: KeySlot | undefined;
  verified: VerifiedFederatedToken | undefined;
}

type Outcome = VerifiedFederatedToken | Rejection;

/**
 * Verifies tokens of trusted issuers. `iss` chooses the issuer, and the issuer the key: from its own
 * set, by `kid`, for the algorithms that it is allowed; a token without `kid` is verified where only
 * one key of the set can have signed it (OpenID Connect Core §10.1). Remembered is only that a signature held; as
 * long as the issuer's policy is the same and publishes the key.
 */
export class FederatedTokenVerifier {
  readonly #parts: FederatedTokenVerifierParts;
  readonly #remembered: TokenMemory<RememberedToken>;

  constructor(parts: FederatedTokenVerifierParts) {
    this.#parts = parts;
    this.#remembered = new TokenMemory(parts.memoryBytes);
  }

  get size(): number {
    return this.#remembered.size;
  }

  /**
   * The verified token, or why it was turned away; undefined when it does not claim to be of a
   * trusted issuer. Synchronous when memory suffices.
   * @param isUse false: only asked about, and not recorded as a use
   * @param purpose for `revocation`, also a token that cannot be used yet, or not now, is verified
   * @throws {DependencyUnavailable} also when the issuer's keys cannot be had
   */
  verify(
    credential: string,
    nowMs: number,
    isUse = true,
    purpose: RestrictionsPurpose = 'use',
  ): Outcome | undefined | Promise<Outcome> {
    const { issuers } = this.#parts;
    if (issuers.size === 0) return undefined;
    const remembered = this.#recall(credential);
    if (remembered === undefined) {
      const issuer = unverifiedIssuer(credential);
      if (issuer === null || issuers.find(issuer) === undefined) return undefined;
      return this.#verifyUndisturbed(credential, issuer, nowMs, isUse, purpose);
    }
    const { slot, policy } = remembered;
    const state = slot?.state;
    if (slot === undefined || state?.kind !== 'federated_identity') {
      return this.#verifyUndisturbed(credential, policy.issuer, nowMs, isUse, purpose);
    }
    return this.#derived(remembered, slot, state, nowMs, isUse);
  }

  /** What was worked out by a policy is no answer once another one has been applied. */
  async #verifyUndisturbed(
    credential: string,
    issuer: string,
    nowMs: number,
    isUse: boolean,
    purpose: RestrictionsPurpose,
  ): Promise<Outcome> {
    const { issuers } = this.#parts;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const policy = issuers.find(issuer);
      if (policy === undefined) return rejected('wrong_issuer');
      const remembered =
        this.#recall(credential) ?? (await this.#verifyAnew(credential, policy, nowMs, purpose));
      const outcome =
        'ok' in remembered ? remembered : await this.#findIdentity(remembered, nowMs, isUse);
      if (issuers.find(issuer) === policy) return outcome;
    }
    throw new DependencyUnavailable('undisturbed reading');
  }

  #recall(credential: string): RememberedToken | undefined {
    const remembered = this.#remembered.get(credential);
    if (remembered === undefined) return undefined;
    const { policy, key } = remembered;
    if (this.#parts.issuers.find(policy.issuer) !== policy) return undefined;
    return this.#parts.keySets.of(policy).fresh.get(key.kid) === key ? remembered : undefined;
  }

  async #verifyAnew(
    credential: string,
    policy: TrustedIssuerPolicy,
    nowMs: number,
    purpose: RestrictionsPurpose,
  ): Promise<RememberedToken | Rejection> {
    const toRevoke = purpose === 'revocation';
    if (policy.status !== 'active' && !toRevoke) return rejected('issuer_disabled');
    const jws = parseCompactJws(credential, policy.algorithms);
    if (!jws.ok) return jws;
    if (hasRepeatedClaims(jws)) return rejected('malformed_token');
    const { typ, kid } = jws.header;
    if (!TYPES.has(typ && typ.toLowerCase())) return rejected('wrong_type');
    if (jws.payload['iss'] !== policy.issuer) return rejected('wrong_issuer');
    const claims = readFederatedClaims(jws, policy);
    const subject = mapSubject(jws.payload, policy);
    if (claims === null || subject === null) return rejected('malformed_claims');
    if (claims.audiences.length === 0) return rejected('wrong_audience');
    const { expiryLeewaySeconds } = this.#parts;
    const timely = toRevoke
      ? checkFederatedExpiry(claims, nowMs / 1000, expiryLeewaySeconds + REVOCATION_MARGIN_SECONDS)
      : checkFederatedTimes(claims, nowMs / 1000, expiryLeewaySeconds);
    if (!timely.ok) return timely;

    const key = await this.#findKey(policy, kid, jws.header.alg);
    if (key === undefined) return rejected('unknown_signing_key');
    if (!this.#isRemembered(credential, policy, key)) {
      const signed = await verifyFederatedSignature(jws, key);
      if (!signed.ok) return signed;
    }
    const token: FederatedToken = Object.freeze({
      issuer: policy.issuer,
      ...claims,
      revocationId: `${policy.id}/${claims.id}`,
      expiryLeewaySeconds,
      audiences: policy.targetAudiences ?? claims.audiences,
      scopes: mapScopes(jws.payload, policy.mapping.scopes, policy.scopes),
    });
    const remembered = { policy, key, token, subject, slot: undefined, verified: undefined };
    // What was let through only to be revoked is no use to remember, nor for a use to find.
    if (!toRevoke) this.#remembered.set(credential, remembered);
    return remembered;
  }

  /** While the set could not be renewed, its keys are no longer fresh, and what they verified held. */
  #isRemembered(credential: string, policy: TrustedIssuerPolicy, key: FederatedKey): boolean {
    const remembered = this.#remembered.get(credential);
    return remembered?.policy === policy && remembered.key === key;
  }

  /** By its name; without one, the only key of the issuer that can have signed by this algorithm. */
  async #findKey(
    policy: TrustedIssuerPolicy,
    kid: string | null,
    algorithm: FederatedAlgorithm,
  ): Promise<FederatedKey | undefined> {
    const fits = ({ algorithms }: FederatedKey) => algorithms.includes(algorithm);
    try {
      const keySet = this.#parts.keySets.of(policy);
      if (kid !== null) return keySet.fresh.get(kid) ?? (await keySet.keysFor(kid)).get(kid);
      return onlyOne(keySet.fresh, fits) ?? onlyOne(await keySet.keysFitting(fits), fits);
    } catch (cause) {
      // A TypeError: the configuration forbids by now to fetch from where the issuer's keys are.
      if (cause instanceof KeysUnavailable || cause instanceof TypeError) {
        throw new DependencyUnavailable('trusted issuer', 1, { cause });
      }
      throw cause;
    }
  }

  async #findIdentity(
    remembered: RememberedToken,
    nowMs: number,
    isUse: boolean,
  ): Promise<Outcome> {
    const { identityIds, states } = this.#parts;
    const { subject, policy } = remembered;
    // Twice: the first id may be that of an identity that was deleted since.
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const id = await identityIds.of(subject, policy);
      if (id === null) return rejected('unknown_identity');
      const found = await states.find(id);
      if (found?.state.kind === 'federated_identity' && isOf(found.state, subject)) {
        remembered.slot = found.slot;
        return this.#derived(remembered, found.slot, found.state, nowMs, isUse);
      }
      identityIds.forget(subject);
    }
    return rejected('unknown_identity');
  }

  #derived(
    remembered: RememberedToken,
    slot: KeySlot,
    state: IdentityState,
    nowMs: number,
    isUse: boolean,
  ): VerifiedFederatedToken {
    if (isUse) this.#parts.states.touch(slot, nowMs);
    const root = slot.verified(state);
    if (remembered.verified?.root !== root) {
      remembered.verified = new VerifiedFederatedToken(remembered.token, root);
    }
    return remembered.verified;
  }
}

/** Of several, none: to try one after the other would let a token choose among them. */
function onlyOne(
  keys: ReadonlyMap<string, FederatedKey>,
  fits: (key: FederatedKey) => boolean,
): FederatedKey | undefined {
  const [key, ...others] = [...keys.values()].filter(fits);
  return others.length === 0 ? key : undefined;
}

/** An identity is found by an id; that it is the one that was meant is checked all the same. */
function isOf(state: IdentityState, subject: MappedSubject): boolean {
  return (
    state.trustedIssuerId === subject.trustedIssuerId &&
    state.organizationId === subject.organizationId
  );
}
