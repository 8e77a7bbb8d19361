import { describe, expect, it } from '@jest/globals';
import { API, ISSUER } from '../../test/key-state.js';
import type { ResourceServerPolicy } from './resource-server-policy.js';
import { selectTarget, type TargetRequest } from './select-target.js';

const BILLING = 'https://billing.example.com';
const LEGACY = 'https://legacy.example.com';
const GONE = 'https://gone.example.com';

const policies: Readonly<Record<string, ResourceServerPolicy>> = {
  [API]: {
    audience: API,
    scopes: ['read:users'],
    accessTokenTtlSeconds: 600,
    signingAlg: 'ES256',
    tokenTyp: 'at+jwt',
    refreshTokens: null,
  },
  [BILLING]: {
    audience: BILLING,
    scopes: ['read:invoices'],
    accessTokenTtlSeconds: 60,
    signingAlg: 'ES256',
    tokenTyp: 'at+jwt',
    refreshTokens: null,
  },
  [LEGACY]: {
    audience: LEGACY,
    scopes: ['read:old'],
    accessTokenTtlSeconds: 900,
    signingAlg: 'ES256',
    tokenTyp: 'JWT',
    refreshTokens: null,
  },
};

function select(requested: string[], allowed: string[] = [], over: Partial<TargetRequest> = {}) {
  return selectTarget({
    requested,
    allowed,
    issuer: ISSUER,
    defaultTtlSeconds: 300,
    find: (audience) => policies[audience],
    ...over,
  });
}

/** The target, or a failure of the test. */
function selected(...request: Parameters<typeof select>) {
  const target = select(...request);
  if (!target.ok) throw new Error(target.detail);
  return target;
}

describe('selectTarget', () => {
  it('allows refresh tokens where every audience does, for as long as the strictest', () => {
    const allowing = (audience: string, idleTtlSeconds: number, absoluteTtlSeconds: number) => ({
      scopes: [],
      accessTokenTtlSeconds: 60,
      signingAlg: 'ES256' as const,
      tokenTyp: 'at+jwt' as const,
      audience,
      refreshTokens: { idleTtlSeconds, absoluteTtlSeconds },
    });
    const servers = [allowing('https://a', 10, 100), allowing('https://b', 20, 50)];
    const target = (requested: string[]) =>
      selectTarget({
        requested,
        allowed: [],
        issuer: ISSUER,
        defaultTtlSeconds: 300,
        find: (audience) =>
          servers.find((server) => server.audience === audience) ?? policies[audience],
      });
    expect(target(['https://a', 'https://b'])).toMatchObject({
      refreshTokens: { idleTtlSeconds: 10, absoluteTtlSeconds: 50 },
    });
    expect(target(['https://a', BILLING])).toMatchObject({ refreshTokens: null });
    expect(target(['https://a', ISSUER])).toMatchObject({ refreshTokens: null });
    expect(target([])).toMatchObject({ refreshTokens: null });
  });

  it('chooses the issuer itself when nothing was asked for and nothing is restricted', () => {
    expect(selected([])).toMatchObject({
      audience: [ISSUER],
      ttlSeconds: 300,
      signingAlg: 'RS256',
      tokenTyp: 'at+jwt',
      refreshTokens: null,
    });
  });

  it('chooses what the credential is restricted to when nothing was asked for', () => {
    expect(selected([], [API, BILLING]).audience).toEqual([API, BILLING]);
  });

  it('takes no scope away when no audience was asked for', () => {
    for (const target of [selected([]), selected([], [API])]) {
      for (const scope of ['read:users', 'anything', 'countersign:admin']) {
        expect(target.defines(scope)).toBe(true);
      }
    }
  });

  it('leaves the scopes that the audience defines when one was asked for, ours for the issuer only', () => {
    const forApi = selected([API]);
    expect(forApi.defines('read:users')).toBe(true);
    expect(forApi.defines('read:invoices')).toBe(false);
    expect(forApi.defines('countersign:admin')).toBe(false);
    const forIssuer = selected([ISSUER]);
    expect(forIssuer.defines('countersign:keys:read')).toBe(true);
    expect(forIssuer.defines('read:users')).toBe(false);
    const forBoth = selected([API, BILLING]);
    expect(forBoth.defines('read:users') && forBoth.defines('read:invoices')).toBe(true);
  });

  it('lets a resource server choose lifetime, algorithm and type', () => {
    expect(selected([LEGACY])).toMatchObject({
      ttlSeconds: 900,
      signingAlg: 'ES256',
      tokenTyp: 'JWT',
      refreshTokens: null,
    });
  });

  it.each([
    ['of two resource servers', [API, BILLING], 60],
    ['of a resource server and the default of the issuer', [API, ISSUER], 300],
    ['of the resource server, when it is shorter than the default', [BILLING, ISSUER], 60],
  ])('holds to the shortest lifetime: %s', (_which, requested, ttlSeconds) => {
    expect(selected(requested).ttlSeconds).toBe(ttlSeconds);
  });

  it('refuses audiences that want different types or signatures: there is one signature', () => {
    expect(select([API, LEGACY])).toMatchObject({ ok: false });
    expect(select([], [API, LEGACY])).toMatchObject({ ok: false });
    const find = (audience: string): ResourceServerPolicy | undefined =>
      policies[audience] && {
        ...policies[audience],
        signingAlg: audience === API ? 'ES256' : 'RS256',
      };
    expect(select([API, BILLING], [], { find })).toMatchObject({ ok: false });
  });

  it('refuses an audience that the credential is not good for, the issuer included', () => {
    expect(select([BILLING], [API])).toMatchObject({
      ok: false,
      detail: expect.stringContaining(BILLING),
    });
    expect(select([API, BILLING], [API])).toMatchObject({ ok: false });
    expect(select([ISSUER], [API])).toMatchObject({ ok: false });
    expect(selected([API], [API, BILLING]).audience).toEqual([API]);
  });

  it('refuses an audience that nobody registered, compared exactly', () => {
    for (const audience of [GONE, `${API}/`, API.toUpperCase(), '']) {
      expect(select([audience])).toMatchObject({ ok: false });
      expect(select([API, audience])).toMatchObject({ ok: false });
    }
  });
});
