import { randomUUID } from 'node:crypto';
import {
  type AccessTokenClaims,
  type ActClaim,
  type Confirmation,
  DERIVED_FROM_MAX,
  RESERVED_SCOPE_PREFIX,
  type SigningAlgorithm,
} from '@countersign/contracts';
import { TOKEN_MAX_CHARS } from '@countersign/verify';
import { cnfOf } from '../binding/cnf-of.js';
import type { Keyring } from '../signing/keyring.js';
import type { RegisterTokenStatus } from '../status/register-token-status.js';
import { signCompactJws } from '../signing/sign-compact-jws.js';
import { rootOf } from '../state/root-of.js';
import type { VerifiedCredential } from '../state/verified-credential.js';
import { actClaimFor } from './act-claim-for.js';
import { allowedAudience } from './allowed-audience.js';
import { bearsCurrentRestrictions } from './bears-current-restrictions.js';
import { derivedFromOf } from './derived-from-of.js';
import { fitsIntoToken } from './fits-into-token.js';
import { narrowScopes } from './narrow-scopes.js';
import type { RefreshTokenPolicy } from './refresh-token-policy.js';
import { refuseActor } from './refuse-actor.js';
import type { ResourceServers } from './resource-servers.js';
import { selectTarget, type TokenTarget } from './select-target.js';
import type { TokenSubject } from './token-subject.js';

export interface AccessTokenRequest {
  readonly subject: TokenSubject;
  /** Who will act for the subject; undefined: nobody new. */
  readonly actor?: VerifiedCredential | undefined;
  /** The `scope` parameter as it was sent; undefined: not asked. */
  readonly scope: string | undefined;
  /** `audience` and `resource`, without repeats. */
  readonly audience: readonly string[];
  /** What a refreshed token may not go beyond; undefined: all that the subject may do. */
  readonly grantedScopes?: readonly string[] | undefined;
  /**
   * Gives the id of the family of refresh tokens that it comes of, or will come with: it is revoked with
   * the family. Asked only where its whole audience allows refresh tokens. Undefined: there is none.
   */
  readonly refreshFamilyId?: (() => string) | undefined;
  /** The keys that the token is bound to; undefined: to none. */
  readonly confirmation?: Confirmation | undefined;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /**
   * Up to where the change feed was applied before the subject was authenticated: the token's claim
   * `pos`. Taken later it would hide the token from what was revoked meanwhile.
   */
  readonly feedPosition: number;
}

export interface IssuedAccessToken {
  readonly ok: true;
  readonly accessToken: string;
  readonly jti: string;
  /** NumericDate. */
  readonly expiresAt: number;
  readonly expiresInSeconds: number;
  readonly scopes: readonly string[];
  readonly audience: readonly string[];
  /** What its audience allows by way of refresh tokens; null: none. */
  readonly refreshTokens: RefreshTokenPolicy | null;
  readonly alg: SigningAlgorithm;
}

export interface IssueRefused {
  readonly ok: false;
  readonly error: 'invalid_request' | 'invalid_scope' | 'invalid_target' | 'invalid_grant';
  readonly detail: string;
}

export interface AccessTokenIssuerParts {
  readonly issuer: string;
  readonly defaultTtlSeconds: number;
  readonly keyring: Keyring;
  readonly resourceServers: ResourceServers;
  /** For audiences whose tokens get a place in a status list; the others do not pay for it. */
  readonly registerStatus: RegisterTokenStatus;
}

/**
 * Issues access tokens that can do no more, nowhere else, and no longer than what they come from.
 * What no verifier would accept for its size is refused.
 */
export class AccessTokenIssuer {
  readonly #parts: AccessTokenIssuerParts;

  constructor(parts: AccessTokenIssuerParts) {
    this.#parts = parts;
  }

  /**
   * @throws {DependencyUnavailable} when no key is active for the algorithm, or the token cannot get
   *   its place in a status list
   */
  async issue(request: AccessTokenRequest): Promise<IssuedAccessToken | IssueRefused> {
    const { issuer, defaultTtlSeconds, resourceServers, keyring } = this.#parts;
    const { subject, actor, nowMs, feedPosition } = request;
    const act = actClaimFor(subject, actor);
    const refusal = actor && refuseActor(subject, actor, act, nowMs);
    if (refusal !== undefined) return refused('invalid_request', refusal);
    const allowed = allowedAudience(subject, actor, issuer);
    if (allowed === null) {
      return refused('invalid_target', 'subject and actor are good for no common audience');
    }
    const target = selectTarget({
      requested: request.audience,
      allowed,
      issuer,
      defaultTtlSeconds,
      find: (audience) => resourceServers.find(audience),
    });
    if (!target.ok) return refused('invalid_target', target.detail);
    const { grantedScopes } = request;
    const held = subject.principal.scopes.filter(
      (scope) => (grantedScopes?.includes(scope) ?? true) && isDelegable(scope, act),
    );
    const narrowed = narrowScopes(request.scope, held, target.defines);
    if (!narrowed.ok) return refused('invalid_scope', narrowed.detail);
    if (!fitsIntoToken(subject.principal.metadata)) {
      return refused('invalid_grant', 'the metadata of principal and key is too large for a token');
    }

    if (!bearsCurrentRestrictions(subject)) {
      return refused('invalid_grant', 'the restrictions of the key have changed since');
    }

    if (![subject, actor].every((one) => staysBound(one, request.confirmation))) {
      return refused('invalid_grant', 'the token is bound to a key, of which there is no proof');
    }

    const signer = keyring.signerFor(target.signingAlg);
    const { refreshFamilyId } = request;
    const familyIds = refreshFamilyId && target.refreshTokens ? [refreshFamilyId()] : [];
    const derivedFrom = [...derivedFromOf([subject, actor], signer.kid), ...familyIds];
    // Two places are left for what a gateway hands on: this token and its key.
    if (derivedFrom.length > DERIVED_FROM_MAX - 2) {
      return refused('invalid_request', 'the token comes of too many exchanges');
    }

    const issuedAt = Math.floor(nowMs / 1000);
    const latest = Math.min(latestExpiry(subject), actor ? latestExpiry(actor) : Infinity);
    const expiresAt = Math.min(issuedAt + target.ttlSeconds, latest);
    if (expiresAt <= issuedAt) return refused('invalid_grant', 'the credential is about to expire');
    const { confirmation } = request;
    const claims = {
      ...claimsFor(subject, issuer, target, narrowed.scopes, issuedAt, expiresAt, feedPosition),
      ...(act !== undefined && { act }),
      ...(confirmation !== undefined && { cnf: confirmation }),
      ...(derivedFrom.length > 0 && { derived_from: derivedFrom }),
    };
    const complete = target.tokenStatusList ? await this.#withStatus(claims) : claims;
    const accessToken = await signCompactJws(signer, target.tokenTyp, JSON.stringify(complete));
    if (accessToken.length > TOKEN_MAX_CHARS) {
      return refused('invalid_scope', 'the token would be too long; ask for fewer scopes');
    }
    return {
      ok: true,
      accessToken,
      jti: claims.jti,
      expiresAt,
      expiresInSeconds: expiresAt - issuedAt,
      scopes: narrowed.scopes,
      audience: target.audience,
      refreshTokens: target.refreshTokens,
      alg: target.signingAlg,
    };
  }

  async #withStatus(claims: AccessTokenClaims): Promise<AccessTokenClaims> {
    const { jti, derived_from: derivedFrom = [], exp: expiresAt, pos: feedPosition = 0 } = claims;
    const rootIds = rootIdsOf(claims);
    const { registerStatus } = this.#parts;
    const status = await registerStatus({ jti, rootIds, derivedFrom, feedPosition, expiresAt });
    return { ...claims, status };
  }
}

/** What a token hangs on: the part of `cid` after the dot, of its own and of its actors. */
function rootIdsOf({ cid, act }: AccessTokenClaims): string[] {
  const ids = [cid];
  for (let actor = act; actor !== undefined; actor = actor.act) ids.push(actor.cid);
  return [...new Set(ids.map((id) => id.slice(id.indexOf('.') + 1)))];
}

function refused(error: IssueRefused['error'], detail: string): IssueRefused {
  return { ok: false, error, detail };
}

/** What is derived from a bound token is bound to the same keys: exchange is no way out of it. */
function staysBound(from: TokenSubject | undefined, to: Confirmation | undefined): boolean {
  const cnf = from && cnfOf(from);
  return (
    cnf === undefined ||
    ((cnf.jkt === undefined || cnf.jkt === to?.jkt) &&
      (cnf['x5t#S256'] === undefined || cnf['x5t#S256'] === to?.['x5t#S256']))
  );
}

/** Who acts for another does not administer in its name. */
function isDelegable(scope: string, act: ActClaim | undefined): boolean {
  return act === undefined || !scope.startsWith(RESERVED_SCOPE_PREFIX);
}

/** What is derived from a credential never outlives it. NumericDate. */
export function latestExpiry(subject: TokenSubject): number {
  const rootExpiry = Math.floor(rootOf(subject).expiresAtMs / 1000);
  if (subject.kind === 'federated_token') return Math.floor(subject.token.exp);
  if (subject.kind !== 'access_token') return rootExpiry;
  const actorExpiries = subject.actorRoots.map((actor) => Math.floor(actor.expiresAtMs / 1000));
  return Math.min(rootExpiry, subject.token.claims.exp, ...actorExpiries);
}

/**
 * The claims of a token that is derived from `subject`, with the restrictions that its key has now
 * and the actors that it names.
 * @param issuedAt NumericDate, as `expiresAt` is
 * @param feedPosition up to where the change feed was applied before `subject` was authenticated
 * @see RFC 9068 §2.2
 */
export function claimsFor(
  subject: TokenSubject,
  issuer: string,
  target: Pick<TokenTarget, 'audience'>,
  scopes: readonly string[],
  issuedAt: number,
  expiresAt: number,
  feedPosition: number,
): AccessTokenClaims {
  const { clientId, cid, restrictions } = rootOf(subject);
  const { principal } = subject;
  const act = actClaimFor(subject, undefined);
  const [onlyAudience, ...more] = target.audience;
  return {
    iss: issuer,
    sub: principal.subject,
    aud: more.length === 0 && onlyAudience !== undefined ? onlyAudience : [...target.audience],
    client_id: clientId,
    iat: issuedAt,
    exp: expiresAt,
    jti: randomUUID(),
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    name: principal.name,
    principal_type: principal.type,
    ...(principal.organization !== null && { org: principal.organization }),
    ...(principal.roles.length > 0 && { roles: principal.roles }),
    env: principal.environment,
    ...(Object.keys(principal.metadata).length > 0 && { meta: principal.metadata }),
    cid,
    pos: feedPosition,
    ...(restrictions !== null && { restrictions }),
    ...(act !== undefined && { act }),
  };
}
