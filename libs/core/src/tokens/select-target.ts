import type { SigningAlgorithm, TokenTyp } from '@countersign/contracts';
import { definesScope } from './defines-scope.js';
import { type RefreshTokenPolicy, strictestRefreshTokenPolicy } from './refresh-token-policy.js';
import type { ResourceServerPolicy } from './resource-server-policy.js';

/** For whom a token is issued, and what they ask of it. */
export interface TokenTarget {
  readonly ok: true;
  readonly audience: readonly string[];
  readonly ttlSeconds: number;
  readonly signingAlg: SigningAlgorithm;
  readonly tokenTyp: TokenTyp;
  /** What all of the audience allow by way of refresh tokens; null: none. */
  readonly refreshTokens: RefreshTokenPolicy | null;
  /** Whether any of the audience wants the token to have a place in a status list. Absent: no. */
  readonly tokenStatusList?: true;
  /** Whether the audience has a use for a scope; everything passes when none was asked for. */
  readonly defines: (scope: string) => boolean;
}

/** The audience cannot be had: `invalid_target`. @see RFC 8707 §2, RFC 8693 §2.2.2 */
export interface TargetRefused {
  readonly ok: false;
  readonly detail: string;
}

export interface TargetRequest {
  /** `audience` and `resource` of the request, without repeats; empty: none was asked for. */
  readonly requested: readonly string[];
  /** What the credential is restricted to; empty: nothing. */
  readonly allowed: readonly string[];
  readonly issuer: string;
  readonly defaultTtlSeconds: number;
  readonly find: (audience: string) => ResourceServerPolicy | undefined;
}

/**
 * Chooses the audience: what was asked for, else what the credential is restricted to, else the
 * issuer itself. Of several resource servers the shortest lifetime holds, and they have to agree on
 * how the token is signed, since there is one signature.
 */
export function selectTarget(request: TargetRequest): TokenTarget | TargetRefused {
  const { requested, allowed, issuer } = request;
  for (const audience of requested) {
    if (allowed.length > 0 && !allowed.includes(audience)) {
      return refused(`the credential is not good for the audience ${audience}`);
    }
    if (audience !== issuer && request.find(audience) === undefined) {
      return refused(`there is no resource server with the audience ${audience}`);
    }
  }
  if (requested.length > 0) return targetFor(requested, request);
  const implied = targetFor(allowed.length > 0 ? allowed : [issuer], request);
  return implied.ok ? { ...implied, defines: () => true } : implied;
}

function targetFor(
  audience: readonly string[],
  { issuer, find, defaultTtlSeconds }: TargetRequest,
): TokenTarget | TargetRefused {
  const policies = audience.map(find).filter((policy) => policy !== undefined);
  const [first, ...others] = policies;
  const signingAlg = first?.signingAlg ?? 'RS256';
  const tokenTyp = first?.tokenTyp ?? 'at+jwt';
  if (others.some((one) => one.signingAlg !== signingAlg || one.tokenTyp !== tokenTyp)) {
    return refused('these audiences want tokens of different signatures or types; ask for one');
  }
  const ttls = policies.map((policy) => policy.accessTokenTtlSeconds);
  if (policies.length < audience.length) ttls.push(defaultTtlSeconds);
  return {
    ok: true,
    audience,
    ttlSeconds: Math.min(...ttls),
    signingAlg,
    tokenTyp,
    refreshTokens: strictestRefreshTokenPolicy(
      audience.map((one) => find(one)?.refreshTokens ?? null),
    ),
    ...(policies.some((policy) => policy.tokenStatusList) && { tokenStatusList: true }),
    defines: (scope) => audience.some((one) => definesScope(scope, one, find(one), issuer)),
  };
}

function refused(detail: string): TargetRefused {
  return { ok: false, detail };
}
