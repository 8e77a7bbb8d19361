import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { RejectionCode } from '@countersign/contracts';
import { SignJWT } from 'jose';
import { createCore, useAt } from '../../test/create-core.js';
import {
  IDENTITY_ID,
  identityState,
  ISSUER,
  NOW_MS,
  NOW_SECONDS,
  TRUSTED_ISSUER_ID,
} from '../../test/key-state.js';
import { THEIR_ISSUER, trustedIssuerPolicy } from '../../test/trusted-issuer-policy.js';
import { DependencyUnavailable } from '../dependency-unavailable.js';
import { NEVER } from '../replicas/moment.js';

const [first, second] = [newKey('first'), newKey('second')];

function newKey(kid: string) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid } };
}

interface Options {
  readonly expiryLeewaySeconds?: number;
  readonly staleLimitSeconds?: number;
}

/** Everything with one trusted issuer, whose one subject has an identity. */
async function federatedCore({ staleLimitSeconds = 7_200, ...options }: Options = {}) {
  const theirs = {
    keys: [first.jwk],
    jwksUri: `${THEIR_ISSUER}/jwks`,
    down: false,
    fetches: 0,
    nowMs: 1_000_000,
    beforeAnswer: async () => {},
  };
  let resolutions = 0;
  const core = await createCore({
    trustedIssuers: [trustedIssuerPolicy()],
    resolveIdentity: async () => {
      resolutions += 1;
      return IDENTITY_ID;
    },
    keySets: {
      monotonicMs: () => theirs.nowMs,
      times: { refreshAgeSeconds: 300, staleLimitSeconds },
      fetch: async (url) => {
        theirs.fetches += 1;
        await theirs.beforeAnswer();
        if (theirs.down) throw new Error('down');
        const metadata = { issuer: THEIR_ISSUER, jwks_uri: theirs.jwksUri };
        const set = url === theirs.jwksUri ? theirs.keys : [first.jwk];
        return Response.json(url.includes('.well-known') ? metadata : { keys: set });
      },
    },
    ...options,
  });
  await core.database.insert(identityState({ organizationId: null, organizationStatus: null }));
  const change = async (policy: Parameters<typeof trustedIssuerPolicy>[0]) => {
    core.trustedIssuerPolicies[0] = trustedIssuerPolicy(policy);
    await core.database.announce('trusted_issuer', TRUSTED_ISSUER_ID);
  };
  const resolved = () => resolutions;
  return { ...core, theirs, change, resolved };
}

function token(claims: object = {}, key = first, alg = 'RS256'): Promise<string> {
  const payload = {
    iss: THEIR_ISSUER,
    sub: 'alice',
    aud: 'us',
    iat: NOW_SECONDS,
    exp: NOW_SECONDS + 300,
    scope: 'read:users delete:users',
    ...claims,
  };
  return new SignJWT(payload).setProtectedHeader({ alg, kid: key.kid }).sign(key.privateKey);
}

describe('FederatedTokenVerifier', () => {
  it('yields the token with its identity, and the scopes that all agree on', async () => {
    const { authenticator } = await federatedCore();
    const outcome = await authenticator.authenticate(await token(), useAt());
    expect(outcome).toMatchObject({
      ok: true,
      kind: 'federated_token',
      root: { state: { identityId: IDENTITY_ID } },
      principal: { scopes: ['read:users'], audience: ['us'] },
    });
  });

  it('answers a second use at once, with the very same, and asks nobody', async () => {
    const { authenticator, theirs, database, resolved } = await federatedCore();
    const credential = await token();
    const outcome = await authenticator.authenticate(credential, useAt());
    expect(authenticator.authenticate(credential, useAt())).toBe(outcome);
    await authenticator.authenticate(await token({ jti: 'another' }), useAt());
    expect([theirs.fetches, database.reads.length, resolved()]).toEqual([1, 1, 1]);
  });

  it.each<[string, object, RejectionCode | 'accepted']>([
    ['60 s ahead', { iat: NOW_SECONDS + 60, nbf: NOW_SECONDS + 60 }, 'accepted'],
    ['issued 61 s ahead', { iat: NOW_SECONDS + 61 }, 'not_yet_valid'],
    ['valid in 61 s', { nbf: NOW_SECONDS + 61 }, 'not_yet_valid'],
    ['a moment before its end', { exp: NOW_SECONDS + 0.5 }, 'accepted'],
    ['at its end', { exp: NOW_SECONDS }, 'expired'],
  ])('with a token %s', async (_what, claims, outcome) => {
    const { outcomeOf } = await federatedCore();
    expect(await outcomeOf(await token(claims))).toBe(outcome);
  });

  it('passes a token for as long after its end as is configured, remembered or not', async () => {
    const { outcomeOf } = await federatedCore({ expiryLeewaySeconds: 60 });
    const credential = await token();
    const at = (seconds: number) => ({ nowMs: NOW_MS + 1000 * seconds });
    expect(await outcomeOf(credential, at(359))).toBe('accepted');
    expect(await outcomeOf(credential, at(360))).toBe('expired');
    expect(await outcomeOf(await token({ exp: NOW_SECONDS - 60 }))).toBe('expired');
  });

  it('asks for no keys for what can be turned away without them', async () => {
    const { outcomeOf, theirs } = await federatedCore();
    const cases: [RejectionCode, string][] = [
      ['wrong_issuer', await token({ iss: 'https://evil.example' })],
      ['unsupported_algorithm', await token({}, first, 'RS512')],
      ['wrong_audience', await token({ aud: 'them' })],
      ['expired', await token({ exp: NOW_SECONDS - 1 })],
      ['malformed_claims', await token({ sub: 'a\nb' })],
    ];
    for (const [code, credential] of cases) expect(await outcomeOf(credential)).toBe(code);
    expect(theirs.fetches).toBe(0);
  });

  it('applies a change of the issuer to remembered tokens at once', async () => {
    const { outcomeOf, change } = await federatedCore();
    const credential = await token();
    expect(await outcomeOf(credential)).toBe('accepted');
    await change({ audiences: ['others'] });
    expect(await outcomeOf(credential)).toBe('wrong_audience');
    await change({ status: 'disabled' });
    expect(await outcomeOf(credential)).toBe('issuer_disabled');
    await change({ algorithms: ['PS256'] });
    expect(await outcomeOf(credential)).toBe('unsupported_algorithm');
    await change({ issuer: 'https://moved.example' });
    expect(await outcomeOf(credential)).toBe('wrong_issuer');
    await change({});
    expect(await outcomeOf(credential)).toBe('accepted');
  });

  it('answers by no policy that another one has replaced meanwhile', async () => {
    const { authenticator, change, theirs, database } = await federatedCore();
    let answer = () => {};
    theirs.beforeAnswer = () => new Promise<void>((resolve) => (answer = resolve));
    const duringFetch = authenticator.authenticate(await token(), useAt());
    await change({ audiences: ['others'] });
    answer();
    expect(await duringFetch).toMatchObject({ ok: false, code: 'wrong_audience' });

    await change({});
    theirs.beforeAnswer = async () => {};
    database.beforeAnswer = () => new Promise<void>((resolve) => (answer = resolve));
    const duringRead = authenticator.authenticate(await token(), useAt());
    while (database.reads.length === 0) await new Promise(setImmediate);
    await change({ scopes: [] });
    database.beforeAnswer = async () => {};
    answer();
    expect(await duringRead).toMatchObject({ ok: true, token: { scopes: [] } });
  });

  it('never lets a stored policy speak for our own issuer', async () => {
    const { outcomeOf, change } = await federatedCore();
    await change({ issuer: ISSUER });
    expect(await outcomeOf(await token({ iss: ISSUER }))).toBe('unknown_signing_key');
  });

  it('forgets what a key verified that its issuer has withdrawn', async () => {
    const { outcomeOf, theirs } = await federatedCore();
    const credential = await token();
    expect(await outcomeOf(credential)).toBe('accepted');
    theirs.keys = [second.jwk];
    theirs.nowMs += 601_000;
    expect(await outcomeOf(credential)).toBe('unknown_signing_key');
    expect(await outcomeOf(await token({}, second))).toBe('accepted');
  });

  it('takes a new key that its issuer signs with, and asks for one only once in the cooldown', async () => {
    const { outcomeOf, theirs } = await federatedCore();
    expect(await outcomeOf(await token())).toBe('accepted');
    theirs.keys = [second.jwk];
    theirs.nowMs += 29_999;
    for (const jti of ['a', 'b']) {
      expect(await outcomeOf(await token({ jti }, second))).toBe('unknown_signing_key');
    }
    expect(theirs.fetches).toBe(1);
    theirs.nowMs += 1;
    expect(await outcomeOf(await token({}, second))).toBe('accepted');
    expect(await outcomeOf(await token())).toBe('unknown_signing_key');
    expect(await outcomeOf(await token({}, newKey('third')))).toBe('unknown_signing_key');
    expect(theirs.fetches).toBe(2);
  });

  it('follows an issuer that moves its keys, and trusts those at the old place no more', async () => {
    const { outcomeOf, theirs, change } = await federatedCore();
    await change({ jwksUri: null });
    expect(await outcomeOf(await token())).toBe('accepted');
    theirs.jwksUri = `${THEIR_ISSUER}/moved`;
    theirs.keys = [second.jwk];
    theirs.nowMs += 601_000;
    expect(await outcomeOf(await token({}, second))).toBe('accepted');
    expect(await outcomeOf(await token())).toBe('unknown_signing_key');
  });

  it('renews the keys beside their use, and keeps what the same ones verified', async () => {
    const { authenticator, theirs } = await federatedCore();
    const credential = await token();
    const outcome = await authenticator.authenticate(credential, useAt());
    theirs.nowMs += 301_000;
    expect(authenticator.authenticate(credential, useAt())).toBe(outcome);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    theirs.nowMs += 301_000;
    expect(authenticator.authenticate(credential, useAt())).toBe(outcome);
    expect(theirs.fetches).toBeGreaterThan(1);
  });

  it('goes on with the keys of an issuer that is down up to the limit, and then cannot tell', async () => {
    const { authenticator, outcomeOf, theirs, rejections, newKey } = await federatedCore();
    const credential = await token();
    expect(await outcomeOf(credential)).toBe('accepted');
    theirs.down = true;
    theirs.nowMs += 7_199_000;
    expect(await outcomeOf(credential)).toBe('accepted');
    expect(await outcomeOf(await token({ jti: 'new' }))).toBe('accepted');
    theirs.nowMs += 1_000;
    const context = useAt();
    await expect(authenticator.authenticate(credential, context)).rejects.toMatchObject({
      name: 'DependencyUnavailable',
      dependency: 'trusted issuer',
    });
    await expect(authenticator.authenticate(await token({ jti: 'b' }), context)).rejects.toThrow(
      DependencyUnavailable,
    );
    expect(rejections).toEqual([]);
    expect(await outcomeOf(await newKey())).toBe('accepted');
  });

  it('turns a token away once its identity, issuer, principal or organization is disabled', async () => {
    const { outcomeOf, database } = await federatedCore();
    const credential = await token();
    const derived = async (change: object) => {
      await database.update(IDENTITY_ID, 'federated_identity', IDENTITY_ID, change);
      return outcomeOf(credential);
    };
    expect(await derived({ identityStatus: 'disabled' })).toBe('credential_disabled');
    expect(await derived({ issuerStatus: 'disabled' })).toBe('issuer_disabled');
    expect(await derived({ issuerStatus: 'active', identityStatus: 'active' })).toBe('accepted');
    expect(await derived({ principalStatus: 'disabled' })).toBe('principal_disabled');
  });

  it('takes the identity of another organization, or of another issuer, for nobody', async () => {
    const { outcomeOf, database } = await federatedCore();
    await database.insert(identityState({ organizationId: 'org_other' }));
    expect(await outcomeOf(await token())).toBe('unknown_identity');
    await database.insert(identityState({ organizationId: null, trustedIssuerId: 'tis_other' }));
    expect(await outcomeOf(await token())).toBe('unknown_identity');
  });

  it('does not outlive memory that is too old: what it knows may be outdated', async () => {
    const { authenticator, lease } = await federatedCore();
    const credential = await token();
    await authenticator.authenticate(credential, useAt());
    lease.since = NEVER;
    expect(() => authenticator.authenticate(credential, useAt())).toThrow(DependencyUnavailable);
  });
});
