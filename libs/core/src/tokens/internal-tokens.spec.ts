import { describe, expect, it } from '@jest/globals';
import { createLocalVerifier, principalFromClaims } from '@countersign/verify';
import { decodeProtectedHeader } from 'jose';
import { createCore, useAt, versionIdOf } from '../../test/create-core.js';
import { API, ISSUER, KEY_ID, keyState, NOW_MS, NOW_SECONDS } from '../../test/key-state.js';
import { claimsOf } from '../../test/sign-claims.js';
import { oneOfEach } from '../../test/signing-keys.js';
import { DependencyUnavailable } from '../dependency-unavailable.js';
import type { KeyState } from '../state/key-state.js';
import { VerifiedApiKey } from '../state/verified-api-key.js';
import { InternalTokens, type Upstream } from './internal-tokens.js';
import type { ResourceServerPolicy } from './resource-server-policy.js';

const policy = {
  audience: API,
  scopes: ['read:users', 'delete:users'],
  accessTokenTtlSeconds: 600,
  signingAlg: 'ES256',
  tokenTyp: 'at+jwt',
  refreshTokens: null,
} as const;

interface JwtOptions {
  readonly audience?: string;
  readonly nowMs?: number;
  readonly feedPosition?: number;
  readonly thumbprint?: string;
}

async function internalTokens() {
  const policies: ResourceServerPolicy[] = [policy];
  const core = await createCore({ resourceServers: policies });
  const feed = { appliedPosition: 7 };
  const tokens = new InternalTokens({ ...core, feed, issuer: ISSUER, defaultTtlSeconds: 300 });
  const upstream = (audience?: string) => tokens.upstream(audience) as Upstream;
  const jwtFor = async (
    credential: VerifiedApiKey,
    {
      audience = API,
      nowMs = NOW_MS,
      feedPosition = feed.appliedPosition,
      thumbprint,
    }: JwtOptions = {},
  ) => {
    const to = upstream(audience);
    const token = await tokens.for(credential, to, nowMs, feedPosition, thumbprint);
    if (!token.ok) throw new Error(token.reason);
    return token.jwt;
  };
  return { ...core, feed, policies, internal: tokens, upstream, jwtFor };
}

function key(state: Partial<KeyState> = {}): VerifiedApiKey {
  return new VerifiedApiKey(keyState(state), ISSUER);
}

describe('InternalTokens', () => {
  it('signs the claims of an access token, for the upstream alone and for a minute', async () => {
    const { jwtFor } = await internalTokens();
    const credential = key();
    const jwt = await jwtFor(credential);
    expect(decodeProtectedHeader(jwt)).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
    const claims = claimsOf(jwt);
    expect(claims).toMatchObject({
      iss: ISSUER,
      aud: API,
      client_id: KEY_ID,
      scope: 'read:users',
      iat: NOW_SECONDS,
      exp: NOW_SECONDS + 60,
    });
    const { credential: _, audience: __, ...principal } = credential.principal;
    expect(principalFromClaims(claims as never)).toMatchObject({
      ...principal,
      scopes: ['read:users'],
    });
  });

  it('is for the issuer, with every scope, where no audience is named', async () => {
    const { jwtFor, upstream } = await internalTokens();
    const jwt = await jwtFor(key({ audiences: [ISSUER, API] }), { audience: ISSUER });
    expect(claimsOf(jwt)).toMatchObject({ aud: ISSUER, scope: 'read:users write:users' });
    expect(upstream()).toEqual(upstream(ISSUER));
    expect(upstream('https://unknown.example.com')).toBeUndefined();
  });

  it('bears the restrictions of its key, as whatever derives from a key does', async () => {
    const { jwtFor, keyring } = await internalTokens();
    const jwt = await jwtFor(key({ restrictions: { ips: ['192.0.2.1'], paths: ['/x'] } }));
    const verifier = createLocalVerifier({
      issuer: ISSUER,
      audience: API,
      jwksUri: `${ISSUER}/jwks`,
      now: () => NOW_SECONDS,
      fetch: async () => Response.json(keyring.jwks),
    });
    const request = { ip: '192.0.2.1', method: 'GET', path: '/x' };
    expect(await verifier.verify(jwt, request)).toMatchObject({ ok: true });
    expect(await verifier.verify(jwt, { ...request, path: '/y' })).toMatchObject({ ok: false });
    expect(await verifier.verify(jwt)).toMatchObject({ ok: false });
  });

  it('says which certificate came with a key that is bound to some, and is bound to none', async () => {
    const { jwtFor } = await internalTokens();
    const [one, other] = ['A'.repeat(43), 'E'.repeat(43)];
    const bound = key({ certificateThumbprints: [one, other] });
    const first = await jwtFor(bound, { thumbprint: one });
    expect(claimsOf(first)).toMatchObject({ proven_cnf: { 'x5t#S256': one } });
    expect(claimsOf(first)).not.toHaveProperty('cnf');
    const second = await jwtFor(bound, { thumbprint: other });
    expect(claimsOf(second)).toMatchObject({ proven_cnf: { 'x5t#S256': other } });
    expect(await jwtFor(bound, { thumbprint: one })).toBe(first);
    const unbound = claimsOf(await jwtFor(key(), { thumbprint: one }));
    expect(unbound).not.toHaveProperty('proven_cnf');
  });

  it('counts where an API asks about it, for as long as the key has that certificate', async () => {
    const { jwtFor, newKey, authenticator, database, outcomeOf } = await internalTokens();
    const [thumbprint, other] = ['A'.repeat(43), 'E'.repeat(43)];
    const apiKey = await newKey({ certificateThumbprints: [thumbprint] });
    const context = useAt({ certificateThumbprint: thumbprint });
    const credential = await authenticator.authenticate(apiKey, context);
    if (!credential.ok || credential.kind !== 'api_key') throw new Error('turned away');
    const jwt = await jwtFor(credential, { thumbprint });
    const asked = { isPresentedElsewhere: true } as const;
    expect(await outcomeOf(jwt, asked)).toBe('accepted');
    // Whoever steals it uses it nowhere here, also not with a certificate.
    for (const purpose of ['use', 'exchange'] as const) {
      for (const certificateThumbprint of [undefined, thumbprint]) {
        expect(await outcomeOf(jwt, { purpose, certificateThumbprint })).toBe('binding_unproven');
      }
    }
    const change = { certificateThumbprints: [other] };
    await database.update(versionIdOf(apiKey), 'api_key', KEY_ID, change);
    expect(await outcomeOf(jwt, asked)).toBe('binding_unproven');
  });

  it('is refused to a token that bears other restrictions than its key has now', async () => {
    const { internal, upstream, ...core } = await internalTokens();
    const { authenticator, database, newKey, newToken } = core;
    const apiKey = await newKey({ restrictions: { paths: ['/x'] } });
    const path = { request: { path: '/x' } };
    const token = await newToken(apiKey, { audience: [API], ...path });
    const restrictions = { paths: ['/x', '/y'] };
    await database.update(versionIdOf(apiKey), 'api_key', KEY_ID, { restrictions });
    const outcome = await authenticator.authenticate(token, useAt(path));
    if (!outcome.ok) throw new Error(outcome.code);
    expect(internal.for(outcome, upstream(API), NOW_MS, 7)).toEqual({
      ok: false,
      reason: 'outdated',
    });
  });

  it('is signed once for a state of the credential, and handed out for half of its life', async () => {
    const { jwtFor } = await internalTokens();
    const credential = key();
    const [first, together] = await Promise.all([jwtFor(credential), jwtFor(credential)]);
    expect(together).toBe(first);
    expect(await jwtFor(credential, { nowMs: NOW_MS + 29_999 })).toBe(first);
    const later = await jwtFor(credential, { nowMs: NOW_MS + 30_000 });
    expect(claimsOf(later)).toMatchObject({ exp: NOW_SECONDS + 90 });
  });

  it('says up to where the change feed was applied when its request began', async () => {
    const { jwtFor, feed } = await internalTokens();
    const credential = key();
    const first = await jwtFor(credential);
    feed.appliedPosition = 9;
    // Whatever was applied since did not concern it, or it would have another state.
    const remembered = await jwtFor(credential);
    expect([claimsOf(first)['pos'], remembered]).toEqual([7, first]);
  });

  it('is not handed out again when something was revoked while its request was under way', async () => {
    const { jwtFor, feed } = await internalTokens();
    const credential = key();
    feed.appliedPosition = 9;
    const meanwhile = await jwtFor(credential, { feedPosition: 7 });
    const later = await jwtFor(credential);
    expect([claimsOf(meanwhile)['pos'], claimsOf(later)['pos']]).toEqual([7, 9]);
    expect(await jwtFor(credential)).toBe(later);
  });

  it('is signed anew for another state, another upstream, another policy and another signer', async () => {
    const { jwtFor, policies, resourceServers, signingKeys, keyring } = await internalTokens();
    const credential = key();
    const first = await jwtFor(credential);
    expect(await jwtFor(credential, { audience: ISSUER })).not.toBe(first);
    expect(await jwtFor(credential)).toBe(first);
    expect(await jwtFor(key())).not.toBe(first);

    policies.splice(0, 1, { ...policy, scopes: ['write:users'] });
    await resourceServers.reset();
    const byPolicy = await jwtFor(credential);
    expect(claimsOf(byPolicy)).toMatchObject({ scope: 'write:users' });

    signingKeys.splice(0, signingKeys.length, ...(await oneOfEach()));
    await keyring.reset();
    const bySigner = await jwtFor(credential);
    expect(decodeProtectedHeader(bySigner).kid).not.toBe(decodeProtectedHeader(byPolicy).kid);
  });

  it('is never signed by a key that signs no more', async () => {
    const { jwtFor, signingKeys, keyring } = await internalTokens();
    const credential = key();
    await jwtFor(credential);
    signingKeys.splice(0, signingKeys.length);
    await keyring.reset();
    await expect(jwtFor(credential)).rejects.toThrow(DependencyUnavailable);
  });

  it('lives no longer than other tokens for the upstream', async () => {
    const { jwtFor, policies, resourceServers } = await internalTokens();
    policies.splice(0, 1, { ...policy, accessTokenTtlSeconds: 10 });
    await resourceServers.reset();
    const credential = key();
    const first = await jwtFor(credential);
    expect(claimsOf(first)).toMatchObject({ exp: NOW_SECONDS + 10 });
    expect(await jwtFor(credential, { nowMs: NOW_MS + 4_999 })).toBe(first);
    expect(await jwtFor(credential, { nowMs: NOW_MS + 5_000 })).not.toBe(first);
  });

  it('never outlives the credential', async () => {
    const { jwtFor, internal, upstream } = await internalTokens();
    const jwt = await jwtFor(key({ keyExpiresAtMs: NOW_MS + 20_000 }));
    expect(claimsOf(jwt)).toMatchObject({ exp: NOW_SECONDS + 20 });
    const expiring = key({ versionExpiresAtMs: NOW_MS + 500 });
    expect(internal.for(expiring, upstream(API), NOW_MS, 7)).toEqual({
      ok: false,
      reason: 'expiring',
    });
  });

  it('is refused where no verifier would take it for its size', async () => {
    const { internal, upstream } = await internalTokens();
    const scopes = Array.from({ length: 200 }, (_, index) => `${'s'.repeat(100)}${index}`);
    const large = key({ keyScopes: scopes, grantedScopes: scopes });
    expect(await internal.for(large, upstream(), NOW_MS, 7)).toEqual({
      ok: false,
      reason: 'too_large',
    });
  });
});
