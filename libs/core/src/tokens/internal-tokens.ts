import { type Confirmation, RESERVED_SCOPE_PREFIX } from '@countersign/contracts';
import { TOKEN_MAX_CHARS } from '@countersign/verify';
import { LRUCache } from 'lru-cache';
import { cnfOf } from '../binding/cnf-of.js';
import type { Keyring } from '../signing/keyring.js';
import { type Signer, signCompactJws } from '../signing/sign-compact-jws.js';
import type { VerifiedCredential } from '../state/verified-credential.js';
import { bearsCurrentRestrictions } from './bears-current-restrictions.js';
import { derivedFromOf } from './derived-from-of.js';
import { fitsIntoToken } from './fits-into-token.js';
import { claimsFor, latestExpiry } from './issue-access-token.js';
import type { ResourceServerPolicy } from './resource-server-policy.js';
import type { ResourceServers } from './resource-servers.js';

const TTL_MAX_SECONDS = 60;
// The other half of its life is left for whoever gets a remembered one.
const REUSED_SHARE = 0.5;
// About 40 MB of tokens; past that, those used longest ago are signed again.
const REMEMBERED_MAX = 20_000;

/** The same object for as long as it is handed out. */
export interface InternalToken {
  readonly ok: true;
  readonly jwt: string;
  /** Those that the token says; sorted by code unit. */
  readonly scopes: readonly string[];
  /** What a gateway is told with it, names and values by turns, once that was rendered. */
  upstreamHeaders?: readonly string[];
}

export interface InternalTokenRefused {
  readonly ok: false;
  /**
   * `expiring`: the credential has less than a second left. `outdated`: it is a token that bears
   * other restrictions than its key has by now, and both cannot be written as one.
   */
  readonly reason: 'expiring' | 'outdated' | 'too_large';
}

export type InternalTokenOutcome = InternalToken | InternalTokenRefused;

/** An upstream as the credentials for it are judged, and its tokens signed. */
export interface Upstream {
  readonly audience: string;
  /** Undefined: the issuer itself, for which every scope counts. */
  readonly policy: ResourceServerPolicy | undefined;
}

export interface InternalTokensParts {
  readonly issuer: string;
  /** Of tokens for the issuer itself; a resource server has its own. Past a minute it is a minute. */
  readonly defaultTtlSeconds: number;
  readonly keyring: Keyring;
  readonly resourceServers: ResourceServers;
  /** Up to where the change feed is applied now. */
  readonly feed: { readonly appliedPosition: number };
}

/** A credential, and the certificate that came with it where that is one of a key's own. */
interface Presented {
  readonly credential: VerifiedCredential;
  readonly certificate: string | undefined;
}

/** By what a token is signed, and about whom: what another one is signed for when it changes. */
interface Signing extends Presented {
  readonly policy: ResourceServerPolicy | undefined;
  readonly signer: Signer;
}

interface Remembered extends Signing {
  readonly untilMs: number;
  readonly token: InternalTokenOutcome | Promise<InternalTokenOutcome>;
}

/**
 * Signs what a gateway hands to an upstream in place of the end client's credential: an access token
 * of a minute at most, so that the upstream trusts a signature and not a header. Nothing is decided here;
 * that is done for each request before it asks. What is remembered is a signature over the very same
 * state of the credential, and for half of the token's life.
 */
export class InternalTokens {
  readonly #parts: InternalTokensParts;
  readonly #remembered = new LRUCache<string, Remembered>({
    max: REMEMBERED_MAX,
    dispose: (remembered) => this.#forget(remembered),
  });
  /** Of what is remembered, the latest for each state of a credential: found without its id. */
  readonly #latest = new WeakMap<VerifiedCredential, Remembered>();
  readonly #ourselves: Upstream;

  constructor(parts: InternalTokensParts) {
    this.#parts = parts;
    this.#ourselves = { audience: parts.issuer, policy: undefined };
  }

  get size(): number {
    return this.#remembered.size;
  }

  /**
   * The upstream with this audience; undefined: there is no such resource server.
   * @param audience undefined: the issuer itself
   */
  upstream(audience: string | undefined): Upstream | undefined {
    const { issuer, resourceServers } = this.#parts;
    if (audience === undefined || audience === issuer) return this.#ourselves;
    const policy = resourceServers.find(audience);
    return policy && { audience, policy };
  }

  /** What the credential may do at the upstream; sorted by code unit. */
  scopesAt({ policy }: Upstream, { principal }: VerifiedCredential): readonly string[] {
    if (policy === undefined) return principal.scopes;
    return principal.scopes.filter((scope) => policy.scopes.includes(scope));
  }

  /**
   * A token for the upstream with at least half of its life left, or all that its credential has.
   * Synchronous when one is remembered.
   * @param nowMs milliseconds since the epoch
   * @param feedPosition up to where the change feed was applied before `credential` was authenticated
   * @param thumbprint of the certificate that came with it; undefined: none did
   * @throws {DependencyUnavailable} when no key is active for the algorithm
   */
  for(
    credential: VerifiedCredential,
    upstream: Upstream,
    nowMs: number,
    feedPosition: number,
    thumbprint?: string,
  ): InternalTokenOutcome | Promise<InternalTokenOutcome> {
    const { policy } = upstream;
    const signer = this.#parts.keyring.signerFor(policy?.signingAlg ?? 'RS256');
    const certificate = isForCertificates(credential) ? thumbprint : undefined;
    const wanted = { credential, certificate, policy, signer };
    const latest = this.#latest.get(credential);
    if (latest !== undefined && isGood(latest, wanted, nowMs)) return latest.token;
    const id = idOf(credential, upstream, certificate);
    const remembered = this.#remembered.get(id);
    if (remembered !== undefined && isGood(remembered, wanted, nowMs)) return remembered.token;
    return this.#sign(id, { credential, certificate }, upstream, signer, nowMs, feedPosition);
  }

  #sign(
    id: string,
    { credential, certificate }: Presented,
    upstream: Upstream,
    signer: Signer,
    nowMs: number,
    feedPosition: number,
  ): InternalTokenOutcome | Promise<InternalTokenOutcome> {
    const { principal } = credential;
    const issuedAt = Math.floor(nowMs / 1000);
    const ttlSeconds = this.#ttlSeconds(upstream);
    const expiresAt = Math.min(issuedAt + ttlSeconds, latestExpiry(credential));
    if (expiresAt <= issuedAt) return { ok: false, reason: 'expiring' };
    if (!bearsCurrentRestrictions(credential)) return { ok: false, reason: 'outdated' };
    if (!fitsIntoToken(principal.metadata)) return { ok: false, reason: 'too_large' };
    const scopes = this.scopesAt(upstream, credential).filter(isForUpstreams);
    const proven = provenBy(credential, certificate);
    const derivedFrom = derivedFromOf([credential], signer.kid);
    const claims = {
      ...claimsFor(
        credential,
        this.#parts.issuer,
        { audience: [upstream.audience] },
        scopes,
        issuedAt,
        expiresAt,
        feedPosition,
      ),
      ...(proven !== undefined && { proven_cnf: proven }),
      ...(derivedFrom.length > 0 && { derived_from: [...derivedFrom] }),
    };
    const { appliedPosition } = this.#parts.feed;
    const remember = (token: Remembered['token']) => {
      // The state is newer than the token tells, which would be taken for revoked by what came between.
      if (feedPosition < appliedPosition) return;
      const { policy } = upstream;
      const untilMs = nowMs + ttlSeconds * 1000 * REUSED_SHARE;
      const remembered = { credential, certificate, policy, signer, untilMs, token };
      this.#remembered.set(id, remembered);
      this.#latest.set(credential, remembered);
    };
    const signing = signCompactJws(
      signer,
      upstream.policy?.tokenTyp ?? 'at+jwt',
      JSON.stringify(claims),
    )
      .then((jwt): InternalTokenOutcome => {
        if (jwt.length > TOKEN_MAX_CHARS) return { ok: false, reason: 'too_large' };
        const token: InternalToken = { ok: true, jwt, scopes };
        remember(token);
        return token;
      })
      .catch((error: unknown) => {
        this.#remembered.delete(id);
        throw error;
      });
    // Requests that come meanwhile wait for the same signature.
    remember(signing);
    return signing;
  }

  #forget(remembered: Remembered): void {
    const { credential } = remembered;
    if (this.#latest.get(credential) === remembered) this.#latest.delete(credential);
  }

  // No longer than other tokens, by which it is told when a signing key may go.
  #ttlSeconds({ policy }: Upstream): number {
    const { defaultTtlSeconds } = this.#parts;
    return Math.min(TTL_MAX_SECONDS, policy?.accessTokenTtlSeconds ?? defaultTtlSeconds);
  }
}

function isGood(remembered: Remembered, wanted: Signing, nowMs: number): boolean {
  return (
    remembered.credential === wanted.credential &&
    remembered.certificate === wanted.certificate &&
    remembered.policy === wanted.policy &&
    remembered.signer === wanted.signer &&
    nowMs < remembered.untilMs
  );
}

/**
 * One for each credential, whatever its state, and upstream; the state is compared by identity. For
 * ourselves, whom most ask about, it is a text that exists already, and whose hash is known.
 */
function idOf(
  credential: VerifiedCredential,
  { audience, policy }: Upstream,
  certificate: string | undefined,
): string {
  const id = credentialIdOf(credential);
  if (certificate !== undefined) return `${id} ${audience} ${certificate}`;
  return policy === undefined ? id : `${id} ${audience}`;
}

/** Whether it is a key that is good with any of several certificates; a token says which one. */
function isForCertificates(credential: VerifiedCredential): boolean {
  return credential.kind === 'api_key' && credential.state.certificateThumbprints.length > 0;
}

/**
 * What the end client has proven of the keys that its credential is bound to: all of them, or it would
 * not have been let through.
 */
function provenBy(
  credential: VerifiedCredential,
  certificate: string | undefined,
): Confirmation | undefined {
  return certificate === undefined ? cnfOf(credential) : { 'x5t#S256': certificate };
}

/** No upstream administers Countersign in the name of who calls it. */
function isForUpstreams(scope: string): boolean {
  return !scope.startsWith(RESERVED_SCOPE_PREFIX);
}

function credentialIdOf(credential: VerifiedCredential): string {
  switch (credential.kind) {
    case 'api_key':
      return credential.state.versionId;
    case 'access_token':
      return credential.token.claims.jti;
    case 'federated_token':
      return credential.token.revocationId;
  }
}
