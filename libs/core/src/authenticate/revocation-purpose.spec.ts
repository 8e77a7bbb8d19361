import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { createCore, useAt } from '../../test/create-core.js';
import {
  IDENTITY_ID,
  identityState,
  NOW_MS,
  NOW_SECONDS,
  TRUSTED_ISSUER_ID,
} from '../../test/key-state.js';
import { THEIR_ISSUER, trustedIssuerPolicy } from '../../test/trusted-issuer-policy.js';
import { randomBase62 } from '../keys/random-base62.js';
import type { KeyState } from '../state/key-state.js';
import { isDeadForGood } from './is-dead-for-good.js';

const TO_REVOKE = { purpose: 'revocation', binding: 'unchecked' } as const;

type Core = Awaited<ReturnType<typeof createCore>>;

/** Whether a credential is genuine and worth revoking. */
async function isWorthRevoking(
  { authenticator }: Core,
  credential: string,
  nowMs = NOW_MS,
): Promise<boolean> {
  const { verified } = await authenticator.examine(credential, useAt({ ...TO_REVOKE, nowMs }));
  return verified.ok && !isDeadForGood(verified, nowMs);
}

describe('an API key that is to be revoked', () => {
  it.each<[string, Partial<KeyState>]>([
    ['is disabled', { keyStatus: 'disabled' }],
    ['has expired, which may be put off', { keyExpiresAtMs: NOW_MS - 86_400_000 }],
    ['has a disabled principal', { principalStatus: 'disabled' }],
    ['has a disabled organization', { organizationStatus: 'disabled' }],
  ])('is verified though it %s, and may not be used for all that', async (_why, state) => {
    const core = await createCore({ signingKeys: [] });
    const apiKey = await core.newKey(state);
    expect(await isWorthRevoking(core, apiKey)).toBe(true);
    expect(core.argon2Runs).toEqual(['matched']);
    expect(await core.outcomeOf(apiKey)).not.toBe('accepted');
  });

  it('costs no argon2 once it is dead for good', async () => {
    const dead: Partial<KeyState>[] = [
      { keyStatus: 'revoked' },
      { versionExpiresAtMs: NOW_MS },
      { versionEnded: true },
    ];
    for (const state of dead) {
      const core = await createCore({ signingKeys: [] });
      expect(await isWorthRevoking(core, await core.newKey(state))).toBe(false);
      expect(core.argon2Runs).toEqual([]);
    }
  });

  it('is not worth revoking by a secret that was rotated out, though memory knows it', async () => {
    const core = await createCore({ signingKeys: [] });
    const apiKey = await core.newKey({ versionExpiresAtMs: NOW_MS + 1 });
    expect(await isWorthRevoking(core, apiKey)).toBe(true);
    expect(await isWorthRevoking(core, apiKey, NOW_MS + 1)).toBe(false);
  });

  it('needs its secret, also while it is disabled', async () => {
    const core = await createCore({ signingKeys: [] });
    const apiKey = await core.newKey({ keyStatus: 'disabled' });
    const tagged = apiKey.slice(0, 24) + randomBase62(43);
    expect(await isWorthRevoking(core, tagged + core.tagger.tag(tagged))).toBe(false);
    expect(core.argon2Runs).toEqual(['mismatched']);
  });
});

describe('an access token that is to be revoked', () => {
  it('is worth it until no clock can take it for alive', async () => {
    const core = await createCore();
    const token = await core.newToken(await core.newKey());
    const expiryMs = NOW_MS + 300_000;
    expect(await isWorthRevoking(core, token, expiryMs + 299_999)).toBe(true);
    expect(await isWorthRevoking(core, token, expiryMs + 300_000)).toBe(false);
  });
});

describe("a trusted issuer's token that is to be revoked", () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'theirs' };

  async function federatedCore(policy: Parameters<typeof trustedIssuerPolicy>[0] = {}) {
    const core = await createCore({
      trustedIssuers: [trustedIssuerPolicy(policy)],
      resolveIdentity: async () => IDENTITY_ID,
      keySets: { fetch: async () => new Response(JSON.stringify({ keys: [jwk] })) },
    });
    await core.database.insert(identityState({ organizationId: null, organizationStatus: null }));
    return core;
  }

  function token(claims: object = {}): Promise<string> {
    const times = { iat: NOW_SECONDS, exp: NOW_SECONDS + 300 };
    return new SignJWT({ iss: THEIR_ISSUER, sub: 'alice', aud: 'us', ...times, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: jwk.kid })
      .sign(privateKey);
  }

  it('is verified before its time, and may not be used for all that', async () => {
    const core = await federatedCore();
    const early = await token({ nbf: NOW_SECONDS + 200 });
    expect(await isWorthRevoking(core, early)).toBe(true);
    expect(await core.outcomeOf(early)).toBe('not_yet_valid');
  });

  it('is verified while its issuer is disabled, and may not be used for all that', async () => {
    const core = await federatedCore({ status: 'disabled' });
    const disabled = await token();
    expect(await isWorthRevoking(core, disabled)).toBe(true);
    // Even if what is known of the identity still says otherwise.
    expect(await core.outcomeOf(disabled)).toBe('issuer_disabled');
    core.trustedIssuerPolicies[0] = trustedIssuerPolicy();
    await core.database.announce('trusted_issuer', TRUSTED_ISSUER_ID);
    expect(await core.outcomeOf(disabled)).toBe('accepted');
  });

  it('is worth it until no clock can take it for alive', async () => {
    const core = await federatedCore();
    expect(await isWorthRevoking(core, await token({ exp: NOW_SECONDS - 299 }))).toBe(true);
    expect(await isWorthRevoking(core, await token({ exp: NOW_SECONDS - 300 }))).toBe(false);
  });

  it('needs its signature', async () => {
    const core = await federatedCore({ status: 'disabled' });
    const [header, , signature] = (await token()).split('.');
    const [, payload] = (await token({ sub: 'bob' })).split('.');
    expect(await isWorthRevoking(core, `${header}.${payload}.${signature}`)).toBe(false);
  });
});
