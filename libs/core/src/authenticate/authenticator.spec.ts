import { describe, expect, it } from '@jest/globals';
import type { RejectionCode, Restrictions, ScopeExpression } from '@countersign/contracts';
import type { ChangeKind } from '../changes/change.js';
import { createCore, useAt, versionIdOf } from '../../test/create-core.js';
import {
  API,
  KEY_ID,
  NOW_MS,
  ORGANIZATION_ID,
  PRINCIPAL_ID,
  ROLE_ID,
} from '../../test/key-state.js';
import { claimsOf } from '../../test/sign-claims.js';
import { signingKey } from '../../test/signing-keys.js';
import { DependencyUnavailable } from '../dependency-unavailable.js';
import { NEVER } from '../replicas/moment.js';
import type { KeyState } from '../state/key-state.js';
import type { CheckFailure } from './find-failures.js';

const OTHER_API = 'https://other.example.com';
const signingKeys = [await signingKey('ES256'), await signingKey('RS256')];
const policy = {
  scopes: ['read:users'],
  accessTokenTtlSeconds: 600,
  signingAlg: 'ES256',
  tokenTyp: 'at+jwt',
  refreshTokens: null,
} as const;
const resourceServers = [API, OTHER_API].map((audience) => ({ ...policy, audience }));

async function coreWithKey(state: Partial<KeyState> = {}) {
  const core = await createCore({ signingKeys: [...signingKeys], resourceServers });
  const apiKey = await core.newKey(state);
  const change = (kind: ChangeKind, subject: string, changed: Partial<KeyState>) =>
    core.database.update(versionIdOf(apiKey), kind, subject, changed);
  return { ...core, apiKey, change };
}

describe('Authenticator', () => {
  it('accepts a key and a token for it, and tells nobody of a rejection', async () => {
    const { apiKey, outcomeOf, newToken, rejections } = await coreWithKey();
    expect(await outcomeOf(apiKey)).toBe('accepted');
    expect(await outcomeOf(await newToken(apiKey))).toBe('accepted');
    expect(rejections).toEqual([]);
  });

  it('is synchronous once memory suffices', async () => {
    const { apiKey, authenticator, newToken } = await coreWithKey();
    const token = await newToken(apiKey);
    await authenticator.authenticate(token, useAt());
    for (const credential of [apiKey, token, 'something else', 'cs_live_forged']) {
      expect(authenticator.authenticate(credential, useAt())).not.toBeInstanceOf(Promise);
    }
  });

  it('tells of each rejection, with the credential where one was verified', async () => {
    const { apiKey, outcomeOf, change, rejections } = await coreWithKey();
    expect(await outcomeOf('something else')).toBe('unrecognised');
    expect(await outcomeOf('cs_live_forged')).toBe('bad_tag');
    expect(await outcomeOf('eyJ.e30.c2ln')).toBe('malformed_token');
    await change('api_key', KEY_ID, { keyStatus: 'revoked' });
    expect(await outcomeOf(apiKey)).toBe('credential_revoked');
    expect(rejections).toEqual([
      'unrecognised',
      'bad_tag',
      'malformed_token',
      'credential_revoked',
    ]);
  });

  it('does not accept a key that was revoked while argon2 was running', async () => {
    const { apiKey, outcomeOf, change, hasher } = await coreWithKey();
    const held = hasher.hold();
    const outcomes = [outcomeOf(apiKey), outcomeOf(apiKey)];
    const release = await held;
    await change('api_key', KEY_ID, { keyStatus: 'revoked' });
    release();
    expect(await Promise.all(outcomes)).toEqual(['credential_revoked', 'credential_revoked']);
  });

  it.each<[RejectionCode, ChangeKind, string, Partial<KeyState>]>([
    ['credential_revoked', 'api_key', KEY_ID, { keyStatus: 'revoked' }],
    ['credential_disabled', 'api_key', KEY_ID, { keyStatus: 'disabled' }],
    ['expired', 'api_key', KEY_ID, { keyExpiresAtMs: NOW_MS }],
    ['principal_disabled', 'principal', PRINCIPAL_ID, { principalStatus: 'disabled' }],
    ['organization_disabled', 'organization', ORGANIZATION_ID, { organizationStatus: 'disabled' }],
  ])('%s: key and token are dead as soon as a change of the %s is applied', async (...row) => {
    const [code, kind, subject, changed] = row;
    const { apiKey, outcomeOf, newToken, change } = await coreWithKey();
    const token = await newToken(apiKey);
    expect(await outcomeOf(token)).toBe('accepted');
    await change(kind, subject, changed);
    expect(await outcomeOf(token)).toBe(code);
    expect(await outcomeOf(apiKey)).toBe(code);
  });

  it('lets a token die with the grace of the version that it was issued to', async () => {
    const { apiKey, outcomeOf, newToken, change } = await coreWithKey();
    const token = await newToken(apiKey);
    await outcomeOf(token);
    const graceEnds = { versionExpiresAtMs: NOW_MS + 1_000 };
    await change('api_key_version', versionIdOf(apiKey), graceEnds);
    expect(await outcomeOf(token)).toBe('accepted');
    expect(await outcomeOf(token, { nowMs: NOW_MS + 1_000 })).toBe('expired');
  });

  it('lets key and token die with a version that is ended at once, though the clock is behind', async () => {
    const { apiKey, outcomeOf, newToken, change } = await coreWithKey();
    const token = await newToken(apiKey);
    for (const credential of [apiKey, token]) expect(await outcomeOf(credential)).toBe('accepted');
    const ended = { versionEnded: true, versionExpiresAtMs: NOW_MS + 60_000 };
    await change('api_key_version', versionIdOf(apiKey), ended);
    for (const credential of [apiKey, token]) expect(await outcomeOf(credential)).toBe('expired');
  });

  it('lets a token die with its deleted key', async () => {
    const { apiKey, outcomeOf, newToken, database } = await coreWithKey();
    const token = await newToken(apiKey);
    await outcomeOf(token);
    await database.delete(versionIdOf(apiKey), KEY_ID);
    expect(await outcomeOf(token)).toBe('credential_revoked');
    expect(await outcomeOf(apiKey)).toBe('unknown_credential');
  });

  it('refuses a revoked token though it is remembered, and no other', async () => {
    const { apiKey, outcomeOf, newToken, database } = await coreWithKey();
    const [token, another] = [await newToken(apiKey), await newToken(apiKey)];
    expect(await outcomeOf(token)).toBe('accepted');
    await database.revoke(claimsOf(token).jti);
    expect(await outcomeOf(token)).toBe('credential_revoked');
    expect(await outcomeOf(another)).toBe('accepted');
  });

  it('lets a token expire to the second, and come from a clock that is a little ahead', async () => {
    const { apiKey, outcomeOf, newToken } = await coreWithKey();
    const token = await newToken(apiKey);
    expect(await outcomeOf(token, { nowMs: NOW_MS + 299_999 })).toBe('accepted');
    expect(await outcomeOf(token, { nowMs: NOW_MS + 300_000 })).toBe('expired');
    expect(await outcomeOf(token, { nowMs: NOW_MS - 5_000 })).toBe('accepted');
    expect(await outcomeOf(token, { nowMs: NOW_MS - 6_000 })).toBe('not_yet_valid');
  });

  it('holds a token to its audience', async () => {
    const { apiKey, outcomeOf, newToken } = await coreWithKey();
    const token = await newToken(apiKey, { audience: [API] });
    expect(await outcomeOf(token)).toBe('accepted');
    expect(await outcomeOf(token, { audience: API })).toBe('accepted');
    expect(await outcomeOf(token, { audience: OTHER_API })).toBe('wrong_audience');
  });

  it('takes the tokens along when a key is restricted to other audiences', async () => {
    const { apiKey, outcomeOf, newToken, change } = await coreWithKey();
    const forApi = await newToken(apiKey, { audience: [API] });
    const forBoth = await newToken(apiKey, { audience: [API, OTHER_API] });
    const unrestricted = await newToken(apiKey);
    await change('api_key', KEY_ID, { audiences: [API] });
    expect(await outcomeOf(forApi)).toBe('accepted');
    expect(await outcomeOf(forBoth)).toBe('wrong_audience');
    expect(await outcomeOf(unrestricted)).toBe('wrong_audience');
  });

  it('holds a token to the restrictions of its key: those it was issued with, and those of now', async () => {
    const here = { request: { ip: '192.0.2.1' } };
    const elsewhere = { request: { ip: '192.0.2.2' } };
    const restrictions: Restrictions = { ips: ['192.0.2.1'] };
    const { apiKey, outcomeOf, newToken, change } = await coreWithKey({ restrictions });
    const restricted = await newToken(apiKey, here);
    expect(await outcomeOf(restricted, here)).toBe('accepted');
    expect(await outcomeOf(restricted, elsewhere)).toBe('ip_not_allowed');
    expect(await outcomeOf(restricted)).toBe('ip_not_allowed');

    await change('api_key', KEY_ID, { restrictions: null });
    const unrestricted = await newToken(apiKey);
    expect(await outcomeOf(restricted, elsewhere)).toBe('ip_not_allowed');
    expect(await outcomeOf(unrestricted, elsewhere)).toBe('accepted');
    await change('api_key', KEY_ID, { restrictions });
    expect(await outcomeOf(unrestricted, elsewhere)).toBe('ip_not_allowed');
  });

  it('asks of a token that is exchanged where it comes from, of one that is revoked nothing', async () => {
    const here = { request: { ip: '192.0.2.1', method: 'POST', path: '/token' } };
    const elsewhere = { request: { ...here.request, ip: '192.0.2.2' } };
    const restrictions: Restrictions = { ips: ['192.0.2.1'], methods: ['GET'], paths: ['/a'] };
    const { apiKey, outcomeOf, newToken } = await coreWithKey({ restrictions });
    for (const credential of [apiKey, await newToken(apiKey, here)]) {
      expect(await outcomeOf(credential, here)).toBe('method_not_allowed');
      expect(await outcomeOf(credential, { ...here, purpose: 'exchange' })).toBe('accepted');
      expect(await outcomeOf(credential, { ...elsewhere, purpose: 'exchange' })).toBe(
        'ip_not_allowed',
      );
      expect(await outcomeOf(credential, { ...elsewhere, purpose: 'revocation' })).toBe('accepted');
    }
  });

  it('takes from tokens the scopes that their key or principal has lost', async () => {
    const { apiKey, authenticator, newToken, change } = await coreWithKey();
    const token = await newToken(apiKey);
    const scopes = async () => {
      const outcome = await authenticator.authenticate(token, useAt());
      return outcome.ok ? outcome.principal.scopes : outcome.code;
    };
    expect(await scopes()).toEqual(['read:users', 'write:users']);
    await change('role', ROLE_ID, { grantedScopes: ['write:users'] });
    expect(await scopes()).toEqual(['write:users']);
    await change('api_key', KEY_ID, { keyScopes: ['read:users'] });
    expect(await scopes()).toEqual([]);
    const all = ['read:users', 'write:users', 'delete:users'];
    await change('principal', PRINCIPAL_ID, { grantedScopes: all, keyScopes: all });
    expect(await scopes()).toEqual(['read:users', 'write:users']);
  });
});

describe('Authenticator, when it examines', () => {
  const names = (failures: readonly CheckFailure[]) => failures.map(({ check }) => check.name);

  it('finds every check that fails, and tells of the gravest', async () => {
    const { apiKey, authenticator, change, rejections } = await coreWithKey();
    await authenticator.authenticate(apiKey, useAt());
    await change('api_key', KEY_ID, { keyStatus: 'disabled', restrictions: { ips: ['::1'] } });
    const { verified, failures } = await authenticator.examine(apiKey, useAt());
    expect(verified.ok).toBe(true);
    expect(names(failures)).toEqual(['status', 'ip']);
    expect(rejections).toEqual(['credential_disabled']);
  });

  it('is synchronous once memory suffices, as authentication is', async () => {
    const { apiKey, authenticator, newToken } = await coreWithKey();
    const token = await newToken(apiKey);
    await authenticator.examine(token, useAt());
    for (const credential of [apiKey, token, 'something else', 'cs_live_forged']) {
      expect(authenticator.examine(credential, useAt())).not.toBeInstanceOf(Promise);
    }
  });

  it('counts at an audience only the scopes that it defines', async () => {
    const { apiKey, authenticator } = await coreWithKey();
    const failing = async (audience: string | undefined, requiredScopes: ScopeExpression) =>
      names((await authenticator.examine(apiKey, useAt({ audience, requiredScopes }))).failures);
    expect(await failing(undefined, ['read:users', 'write:users'])).toEqual([]);
    expect(await failing(API, 'read:users')).toEqual([]);
    expect(await failing(API, 'write:users')).toEqual(['scopes']);
    expect(await failing('https://nobody.example.com', 'read:users')).toEqual(['scopes']);
    expect(await failing('https://nobody.example.com', [])).toEqual([]);
  });

  it('does not record a use where it is only asked', async () => {
    const { apiKey, authenticator, newToken, states } = await coreWithKey();
    const token = await newToken(apiKey);
    states.takeUses();
    for (const credential of [apiKey, token, token]) {
      await authenticator.examine(credential, useAt({ dryRun: true }));
    }
    expect(states.takeUses().size).toBe(0);
    await authenticator.examine(token, useAt());
    expect([...states.takeUses().keys()]).toEqual([KEY_ID]);
  });

  it('says neither yes nor no while memory is older than it may be', async () => {
    const { apiKey, authenticator, lease } = await coreWithKey();
    await authenticator.examine(apiKey, useAt());
    lease.since = NEVER;
    const answer = async () => authenticator.examine(apiKey, useAt());
    await expect(answer()).rejects.toThrow(DependencyUnavailable);
  });

  it('identifies the key that was meant by its tag, whatever its state, and no other', async () => {
    const { apiKey, authenticator, change } = await coreWithKey();
    await change('api_key', KEY_ID, { keyStatus: 'revoked' });
    expect((await authenticator.identify(apiKey))?.state.keyId).toBe(KEY_ID);
    expect(await authenticator.identify(`${apiKey.slice(0, -1)}!`)).toBeUndefined();
    expect(await authenticator.identify(apiKey.slice(0, -1))).toBeUndefined();
    const other = await createCore();
    expect(await authenticator.identify(await other.newKey())).toBeUndefined();
  });
});

describe('Authenticator, while memory is older than it may be', () => {
  it('says neither yes nor no', async () => {
    const { apiKey, authenticator, newToken, newKey, lease, rejections } = await coreWithKey();
    const token = await newToken(apiKey);
    const revoked = await newKey({ keyStatus: 'revoked', keyId: 'key_01JD0000000000000000000008' });
    lease.since = NEVER;
    for (const credential of [apiKey, token, revoked, await newKey(), `${token}x`]) {
      const answer = async () => authenticator.authenticate(credential, useAt());
      await expect(answer()).rejects.toThrow(DependencyUnavailable);
      await expect(answer()).rejects.toThrow(DependencyUnavailable);
    }
    expect(rejections).toEqual([]);
  });

  it('still refuses a forged key and what is no credential: neither needs memory', async () => {
    const { apiKey, lease, outcomeOf } = await coreWithKey();
    lease.since = NEVER;
    expect(await outcomeOf(apiKey.slice(0, -1))).toBe('bad_tag');
    expect(await outcomeOf('something else')).toBe('unrecognised');
  });

  it('judges by the age of memory at the end, not at the beginning', async () => {
    const { apiKey, lease, outcomeOf, hasher } = await coreWithKey();
    const held = hasher.hold();
    const outcome = outcomeOf(apiKey);
    const release = await held;
    lease.since = NEVER;
    release();
    await expect(outcome).rejects.toThrow(DependencyUnavailable);
  });
});
