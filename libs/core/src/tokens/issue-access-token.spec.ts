import { describe, expect, it } from '@jest/globals';
import type { SigningAlgorithm, TokenTyp } from '@countersign/contracts';
import { decodeProtectedHeader } from 'jose';
import { createCore, useAt, versionIdOf } from '../../test/create-core.js';
import {
  API,
  ISSUER,
  KEY_ID,
  keyState,
  NOW_MS,
  NOW_SECONDS,
  PRINCIPAL_ID,
  VERSION_ID,
} from '../../test/key-state.js';
import { claimsOf } from '../../test/sign-claims.js';
import { oneOfEach } from '../../test/signing-keys.js';
import { DependencyUnavailable } from '../dependency-unavailable.js';
import type { KeyState } from '../state/key-state.js';
import { VerifiedApiKey } from '../state/verified-api-key.js';
import type { VerifiedCredential } from '../state/verified-credential.js';
import type { AccessTokenRequest } from './issue-access-token.js';

const BILLING = 'https://billing.example.com';
const LEGACY = 'https://legacy.example.com';
const policy = (audience: string, signingAlg: SigningAlgorithm, tokenTyp: TokenTyp = 'at+jwt') => ({
  audience,
  scopes: ['read:users', 'delete:users'],
  accessTokenTtlSeconds: 600,
  signingAlg,
  tokenTyp,
  refreshTokens: null,
});
const resourceServers = [
  policy(API, 'ES256'),
  policy(BILLING, 'ES256'),
  policy(LEGACY, 'Ed25519', 'JWT'),
];
const signingKeys = await oneOfEach();

const PLAIN = { scope: undefined, audience: [], nowMs: NOW_MS, feedPosition: 7 };

type Asked = Partial<Omit<AccessTokenRequest, 'subject'>>;

async function issuing(signing = signingKeys) {
  const core = await createCore({ signingKeys: [...signing], resourceServers });
  const issue = (subject: VerifiedCredential, asked: Asked = {}) =>
    core.tokens.issue({ subject, ...PLAIN, ...asked });
  const issued = async (subject: VerifiedCredential, asked: Asked = {}) => {
    const token = await issue(subject, asked);
    if (!token.ok) throw new Error(token.detail);
    return token;
  };
  /** A token for the credential, as what it is when it is presented. */
  const exchanged = async (subject: VerifiedCredential, asked: Asked = {}) => {
    const { accessToken } = await issued(subject, asked);
    const outcome = await core.authenticator.authenticate(
      accessToken,
      useAt({ nowMs: asked.nowMs ?? NOW_MS, purpose: 'exchange' }),
    );
    if (!outcome.ok) throw new Error(outcome.code);
    return outcome;
  };
  /** A key that is in the database. */
  const key = async (state: Partial<KeyState> = {}) => {
    await core.database.insert(keyState(state));
    return new VerifiedApiKey(keyState(state), ISSUER);
  };
  return { ...core, issue, issued, exchanged, key };
}

describe('AccessTokenIssuer', () => {
  it('RFC 9068 §2.2: issues the claims, and says what it issued', async () => {
    const { issued, key } = await issuing();
    const { accessToken, ...answer } = await issued(await key());
    expect(answer).toEqual({
      ok: true,
      jti: claimsOf(accessToken)['jti'],
      expiresAt: NOW_SECONDS + 300,
      expiresInSeconds: 300,
      scopes: ['read:users', 'write:users'],
      audience: [ISSUER],
      refreshTokens: null,
      alg: 'RS256',
    });
    expect(decodeProtectedHeader(accessToken)).toMatchObject({ alg: 'RS256', typ: 'at+jwt' });
    expect(claimsOf(accessToken)).toEqual({
      iss: ISSUER,
      sub: PRINCIPAL_ID,
      aud: ISSUER,
      client_id: KEY_ID,
      iat: NOW_SECONDS,
      exp: NOW_SECONDS + 300,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      scope: 'read:users write:users',
      name: 'Acme nightly export',
      principal_type: 'service',
      org: keyState().organizationId,
      roles: ['exporter'],
      env: 'live',
      cid: `${KEY_ID}.${VERSION_ID}`,
      pos: 7,
    });
  });

  it('RFC 7519 §4.1.7: gives each token a jti of its own', async () => {
    const { issued, key } = await issuing();
    const subject = await key();
    const tokens = await Promise.all([1, 2, 3].map(() => issued(subject)));
    expect(new Set(tokens.map(({ accessToken }) => claimsOf(accessToken).jti)).size).toBe(3);
  });

  it('signs as the resource server wants it', async () => {
    const { issued, key } = await issuing();
    const { accessToken, alg } = await issued(await key(), { audience: [LEGACY] });
    expect(alg).toBe('Ed25519');
    expect(decodeProtectedHeader(accessToken)).toMatchObject({ alg: 'Ed25519', typ: 'JWT' });
    expect(claimsOf(accessToken)).toMatchObject({ aud: LEGACY, exp: NOW_SECONDS + 600 });
  });

  it('is unavailable, and does not refuse, when no key of the algorithm is active', async () => {
    const { issue, key } = await issuing(signingKeys.filter(({ alg }) => alg !== 'ES256'));
    await expect(issue(await key(), { audience: [API] })).rejects.toThrow(DependencyUnavailable);
  });

  it('RFC 6749 §3.3: gives only scopes that are held, and of those what the audience defines', async () => {
    const { issued, issue, key } = await issuing();
    const subject = await key();
    expect((await issued(subject, { audience: [API] })).scopes).toEqual(['read:users']);
    expect((await issued(subject, { scope: 'write:users' })).scopes).toEqual(['write:users']);
    expect(await issue(subject, { scope: 'delete:users' })).toMatchObject({
      error: 'invalid_scope',
    });
    const toApi = { scope: 'write:users', audience: [API] };
    expect(await issue(subject, toApi)).toMatchObject({ ok: false, error: 'invalid_scope' });
  });

  it('keeps to what was granted before, whatever is held now', async () => {
    const { issue, issued, key } = await issuing();
    const subject = await key();
    const grantedScopes = ['read:users', 'gone:since'];
    expect((await issued(subject, { grantedScopes })).scopes).toEqual(['read:users']);
    expect(await issue(subject, { grantedScopes, scope: 'write:users' })).toMatchObject({
      ok: false,
      error: 'invalid_scope',
    });
  });

  it('issues a token without scopes rather than none', async () => {
    const { issued, key } = await issuing();
    const { accessToken, scopes } = await issued(await key({ grantedScopes: [] }));
    expect(scopes).toEqual([]);
    expect(claimsOf(accessToken)).not.toHaveProperty('scope');
  });

  it('keeps to the audiences of the key', async () => {
    const { issued, issue, key } = await issuing();
    const subject = await key({ audiences: [API, BILLING] });
    expect(claimsOf((await issued(subject)).accessToken).aud).toEqual([API, BILLING]);
    expect(claimsOf((await issued(subject, { audience: [API] })).accessToken).aud).toBe(API);
    for (const audience of [[LEGACY], [ISSUER], [API, LEGACY]]) {
      expect(await issue(subject, { audience })).toMatchObject({ error: 'invalid_target' });
    }
  });

  it('refuses several audiences that want different signatures', async () => {
    const { issue, key } = await issuing();
    const refused = await issue(await key(), { audience: [API, LEGACY] });
    expect(refused).toMatchObject({ ok: false, error: 'invalid_target' });
  });

  it.each([
    ['the key', { keyExpiresAtMs: NOW_MS + 100_999 }],
    ['its version', { versionExpiresAtMs: NOW_MS + 100_000 }],
  ])('issues none that outlives %s', async (_what, state) => {
    const { issued, issue, key } = await issuing();
    const subject = await key(state);
    const { accessToken, expiresInSeconds } = await issued(subject);
    expect(expiresInSeconds).toBe(100);
    expect(claimsOf(accessToken).exp).toBe(NOW_SECONDS + 100);
    const late = await issue(subject, { nowMs: NOW_MS + 100_000 });
    expect(late).toMatchObject({ ok: false, error: 'invalid_grant' });
  });

  it('refuses what no verifier would accept for its size', async () => {
    const { issue, issued, key } = await issuing();
    const scopes = Array.from({ length: 256 }, (_, i) => `${i}`.padStart(60, 's'));
    const manyScopes = await key({ keyScopes: scopes, grantedScopes: scopes });
    expect(await issue(manyScopes)).toMatchObject({ ok: false, error: 'invalid_scope' });
    expect((await issued(manyScopes, { scope: scopes[0] })).scopes).toEqual([scopes[0]]);
    const large = {
      principalMetadata: { a: 'x'.repeat(600) },
      keyMetadata: { b: 'x'.repeat(600) },
    };
    expect(await issue(await key(large))).toMatchObject({ ok: false, error: 'invalid_grant' });
  });
});

describe('AccessTokenIssuer, for a token', () => {
  it('gives no scope that the token does not have', async () => {
    const { issued, issue, exchanged, key } = await issuing();
    const subject = await exchanged(await key(), { scope: 'read:users' });
    expect((await issued(subject)).scopes).toEqual(['read:users']);
    expect(await issue(subject, { scope: 'write:users' })).toMatchObject({
      error: 'invalid_scope',
    });
  });

  it('gives no audience that the token does not have', async () => {
    const { issued, issue, exchanged, key } = await issuing();
    const subject = await exchanged(await key(), { audience: [API, BILLING] });
    expect(claimsOf((await issued(subject)).accessToken).aud).toEqual([API, BILLING]);
    expect(claimsOf((await issued(subject, { audience: [API] })).accessToken).aud).toBe(API);
    for (const audience of [[LEGACY], [ISSUER]]) {
      expect(await issue(subject, { audience })).toMatchObject({ error: 'invalid_target' });
    }
  });

  it('takes one for the issuer alone as not restricted to an audience, and no other', async () => {
    const { issued, issue, exchanged, key } = await issuing();
    const unrestricted = await exchanged(await key());
    expect(claimsOf((await issued(unrestricted, { audience: [API] })).accessToken).aud).toBe(API);
    const both = await exchanged(await key(), { audience: [ISSUER, API] });
    expect(await issue(both, { audience: [BILLING] })).toMatchObject({ error: 'invalid_target' });
  });

  it('issues none that outlives the token, nor what its key has become', async () => {
    const { issued, issue, exchanged, key, database } = await issuing();
    const subject = await exchanged(await key());
    const later = { nowMs: NOW_MS + 200_000, audience: [API] };
    expect(await issued(subject, later)).toMatchObject({ expiresInSeconds: 100 });
    const tooLate = { nowMs: NOW_MS + 300_000 };
    expect(await issue(subject, tooLate)).toMatchObject({ error: 'invalid_grant' });
    await database.update(VERSION_ID, 'api_key', KEY_ID, { keyExpiresAtMs: NOW_MS + 50_000 });
    expect(await issued(await exchanged(subject))).toMatchObject({ expiresInSeconds: 50 });
  });

  it('names the same root, through any number of exchanges', async () => {
    const { exchanged, key } = await issuing();
    const first = await exchanged(await key());
    const second = await exchanged(await exchanged(first, { scope: 'read:users' }));
    expect(second.principal.credential.root).toEqual({ type: 'api_key', id: KEY_ID });
    expect(second.principal.credential.id).not.toBe(first.principal.credential.id);
  });

  it('does not shed the restrictions of the token when those of its key are relaxed', async () => {
    const { newKey, newToken, authenticator, database, issue } = await issuing();
    const from = { request: { ip: '192.0.2.1' } };
    const context = useAt(from);
    const apiKey = await newKey({ restrictions: { ips: ['192.0.2.1'] } });
    const token = await newToken(apiKey, from);
    const before = await authenticator.authenticate(token, context);
    if (!before.ok) throw new Error(before.code);
    expect(await issue(before)).toMatchObject({ ok: true });
    await database.update(versionIdOf(apiKey), 'api_key', KEY_ID, { restrictions: null });
    const after = await authenticator.authenticate(token, context);
    if (!after.ok) throw new Error(after.code);
    expect(await issue(after)).toMatchObject({ ok: false, error: 'invalid_grant' });
  });
});
