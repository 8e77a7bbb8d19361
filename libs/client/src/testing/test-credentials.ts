import type {
  AccessTokenClaims,
  IntrospectionResponse,
  Principal,
  Restrictions,
} from '@countersign/contracts';
import { principalFromClaims } from '@countersign/verify';
import { randomApiKey, randomId, randomVersion } from './random-id.js';

/** A credential that a test issuer has issued. */
export interface TestCredential {
  readonly kind: 'api_key' | 'access_token';
  principal: Principal;
  readonly cid: string;
  readonly jti: string | undefined;
  readonly claims: AccessTokenClaims | undefined;
  readonly restrictions: readonly Restrictions[];
  isRevoked: boolean;
}

/** What a test issuer has issued, by its text. */
export class TestCredentials {
  readonly #issued = new Map<string, TestCredential>();

  get(text: string): TestCredential | undefined {
    return this.#issued.get(text);
  }

  /** @throws {Error} when it was not issued here */
  require(text: string): TestCredential {
    const credential = this.#issued.get(text);
    if (credential === undefined) throw new Error('this test issuer did not issue that credential');
    return credential;
  }

  addApiKey(principal: Principal, restrictions: Restrictions | undefined): string {
    const text = randomApiKey();
    const id = randomId('key_');
    const { issuer, issued_at } = principal.credential;
    const root = { type: 'api_key', id } as const;
    this.#issued.set(text, {
      kind: 'api_key',
      principal: {
        ...principal,
        audience: [],
        credential: { type: 'api_key', id, issuer, issued_at, expires_at: null, root },
      },
      cid: `${id}.${randomVersion()}`,
      jti: undefined,
      claims: undefined,
      restrictions: restrictions === undefined ? [] : [restrictions],
      isRevoked: false,
    });
    return text;
  }

  addToken(text: string, claims: AccessTokenClaims): void {
    this.#issued.set(text, {
      kind: 'access_token',
      principal: principalFromClaims(claims),
      cid: claims.cid,
      jti: claims.jti,
      claims,
      restrictions: claims.restrictions === undefined ? [] : [claims.restrictions],
      isRevoked: false,
    });
  }
}

/** What the service would answer about it. */
export function introspectionOf(
  credential: TestCredential | undefined,
  issuer: string,
): IntrospectionResponse {
  if (credential === undefined || credential.isRevoked) return { active: false };
  const { cid, claims, jti, kind, principal, restrictions } = credential;
  const { issued_at, expires_at } = principal.credential;
  const cnf = claims?.cnf;
  if (expires_at !== null && expires_at <= Date.now() / 1000) return { active: false };
  return {
    active: true,
    scope: principal.scopes.join(' '),
    client_id: cid.split('.')[0] ?? cid,
    username: principal.name,
    token_type: kind === 'api_key' ? 'api_key' : cnf?.jkt === undefined ? 'Bearer' : 'DPoP',
    ...(expires_at !== null && { exp: expires_at }),
    iat: issued_at,
    sub: principal.subject,
    ...(principal.audience.length > 0 && { aud: principal.audience }),
    iss: issuer,
    ...(jti !== undefined && { jti }),
    ...(cnf !== undefined && { cnf }),
    restrictions: [...restrictions],
    principal,
  };
}
