import { describe, expect, it } from '@jest/globals';
import {
  CLIENT_ASSERTION_MAX_SECONDS,
  CLIENT_SIGNING_ALGORITHMS,
  type RejectionCode,
} from '@countersign/contracts';
import { base64url, SignJWT } from 'jose';
import {
  type AssertionClient,
  CLIENT_ID,
  clientIds,
  createAssertionClient,
} from '../../test/assertion-client.js';
import { createCore, useAt } from '../../test/create-core.js';
import { API, ISSUER, keyState, NOW_MS, NOW_SECONDS } from '../../test/key-state.js';
import { oneOfEach } from '../../test/signing-keys.js';
import { DependencyUnavailable } from '../dependency-unavailable.js';
import { NEVER } from '../replicas/moment.js';
import { versionIdWithoutSecret } from '../keys/version-id-without-secret.js';
import type { KeyState } from '../state/key-state.js';

const OTHER_KEY_ID = clientIds.mint('key_01JD0000000000000000000009');
const VERSION_ID = versionIdWithoutSecret(CLIENT_ID);
const signingKeys = await oneOfEach();
const ecClient = await createAssertionClient();

async function coreWith(client: AssertionClient, overrides: Partial<KeyState> = {}) {
  const core = await createCore({ signingKeys });
  const { authentication } = client;
  const withoutSecret = {
    keyId: CLIENT_ID,
    versionId: VERSION_ID,
    secretHash: null,
    authentication,
  };
  await core.database.insert(keyState({ ...withoutSecret, ...overrides }));
  const authenticate = async (assertion: string, clientId?: string, context = useAt()) => {
    const outcome = await core.authenticator.authenticateClient(assertion, clientId, context);
    return outcome.ok ? ('accepted' as const) : outcome.code;
  };
  return { ...core, authenticate };
}

describe('a client assertion', () => {
  it.each([...CLIENT_SIGNING_ALGORITHMS])('of %s stands for its key', async (alg) => {
    const client = await createAssertionClient(alg);
    const { authenticator } = await coreWith(client);
    const outcome = await authenticator.authenticateClient(
      await client.assert(),
      CLIENT_ID,
      useAt(),
    );
    expect(outcome).toMatchObject({ ok: true, kind: 'api_key', state: { keyId: CLIENT_ID } });
  });

  it.each<[RejectionCode, string, Record<string, unknown>]>([
    ['wrong_issuer', 'of another issuer (§3 item 1)', { iss: OTHER_KEY_ID }],
    ['malformed_claims', 'without an issuer (§3 item 1)', { iss: undefined }],
    ['unknown_credential', 'for another subject (§3 item 2.B)', { sub: OTHER_KEY_ID }],
    ['malformed_token', 'without a subject (§3 item 2)', { sub: undefined }],
    ['wrong_audience', 'for another server (§3 item 3)', { aud: API }],
    ['wrong_audience', 'for an endpoint of ours, not for us', { aud: `${ISSUER}/token` }],
    ['wrong_audience', 'for us among others', { aud: [ISSUER, API] }],
    ['wrong_audience', 'for us in a list', { aud: [ISSUER] }],
    ['malformed_claims', 'for nobody (§3 item 3)', { aud: undefined }],
    ['expired', 'that has expired (§3 item 4)', { exp: NOW_SECONDS - 5 }],
    ['malformed_claims', 'that never expires (§3 item 4)', { exp: undefined }],
    ['malformed_claims', 'that lives for too long (§3 item 4)', { exp: NOW_SECONDS + 306 }],
    ['not_yet_valid', 'that is good later (§3 item 5)', { nbf: NOW_SECONDS + 6 }],
    ['not_yet_valid', 'that is issued in the future (§3 item 6)', { iat: NOW_SECONDS + 6 }],
    ['malformed_claims', 'without a jti (§3 item 7)', { jti: undefined }],
    ['malformed_claims', 'with an empty jti (§3 item 7)', { jti: '' }],
    ['malformed_claims', 'with a jti that is too long', { jti: 'x'.repeat(257) }],
    ['malformed_claims', 'with a jti that is no string', { jti: 7 }],
    ['malformed_claims', 'with an exp that is no number', { exp: '9999999999' }],
  ])('is refused as %s: one %s of RFC 7523', async (code, _, claims) => {
    const { authenticate, usedAssertions } = await coreWith(ecClient);
    expect(await authenticate(await ecClient.assert(claims))).toBe(code);
    expect(usedAssertions.size).toBe(0);
  });

  it('may lack iat and nbf, and live for five minutes', async () => {
    const { authenticate } = await coreWith(ecClient);
    const exp = NOW_SECONDS + CLIENT_ASSERTION_MAX_SECONDS;
    expect(await authenticate(await ecClient.assert({ iat: undefined, exp }))).toBe('accepted');
  });

  it('is good once (§3 item 7), and remembered until no clock takes it any more', async () => {
    const { authenticate, usedAssertions } = await coreWith(ecClient);
    const assertion = await ecClient.assert({ jti: 'once' });
    const outcomes = await Promise.all([authenticate(assertion), authenticate(assertion)]);
    expect(outcomes.sort()).toEqual(['accepted', 'replayed']);
    expect(await authenticate(await ecClient.assert({ jti: 'once' }))).toBe('replayed');
    const [goodUntil] = usedAssertions.values();
    expect(goodUntil?.getTime()).toBe(NOW_MS + 65_000);
    const inTime = useAt({ nowMs: NOW_MS + 64_000 });
    expect(await authenticate(assertion, CLIENT_ID, inTime)).toBe('replayed');
    const late = useAt({ nowMs: NOW_MS + 65_000 });
    expect(await authenticate(assertion, CLIENT_ID, late)).toBe('expired');
  });

  it('must be of the client that the request names (RFC 7521 §4.2)', async () => {
    const { authenticate } = await coreWith(ecClient);
    expect(await authenticate(await ecClient.assert(), OTHER_KEY_ID)).toBe('wrong_issuer');
    expect(await authenticate(await ecClient.assert(), CLIENT_ID)).toBe('accepted');
  });

  it('is of the registered key and of no other', async () => {
    const { authenticate } = await coreWith(ecClient);
    const impostor = await createAssertionClient();
    expect(await authenticate(await impostor.assert())).toBe('bad_signature');
  });

  it('is of the algorithm that its key is bound to (RFC 8725 §3.1)', async () => {
    const rsa = await createAssertionClient('RS256');
    const { authenticate } = await coreWith(rsa);
    const algorithms = ['none', 'HS256', 'RS512', 'PS256', 'ES256'];
    for (const alg of algorithms) {
      const [, payload, signature] = (await rsa.assert()).split('.');
      const header = base64url.encode(JSON.stringify({ alg }));
      const assertion = `${header}.${payload}.${alg === 'none' ? '' : signature}`;
      expect(await authenticate(assertion)).toBe('unsupported_algorithm');
    }
  });

  it('cannot be signed with the public key as a secret', async () => {
    const { authenticate } = await coreWith(ecClient);
    const publicKey = JSON.stringify(ecClient.authentication.jwks.keys[0]);
    const forged = await new SignJWT({ iss: CLIENT_ID, sub: CLIENT_ID, aud: ISSUER, jti: 'x' })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime(NOW_SECONDS + 60)
      .sign(new TextEncoder().encode(publicKey));
    expect(await authenticate(forged)).toBe('unsupported_algorithm');
  });

  it.each(['JWT', 'client-authentication+jwt'])('may be of the type %s', async (typ) => {
    const { authenticate } = await coreWith(ecClient);
    expect(await authenticate(await ecClient.assert({}, { typ }))).toBe('accepted');
  });

  it.each(['at+jwt', 'dpop+jwt', 'logout+jwt', ''])(
    'is none when it is of the type %j (RFC 8725 §3.11)',
    async (typ) => {
      const { authenticate } = await coreWith(ecClient);
      expect(await authenticate(await ecClient.assert({}, { typ }))).toBe('wrong_type');
    },
  );

  it('is refused with an extension that nobody here understands (RFC 7515 §4.1.11)', async () => {
    const { authenticate } = await coreWith(ecClient);
    const header = base64url.encode(JSON.stringify({ alg: 'ES256', crit: ['x'], x: 1 }));
    const [, payload, signature] = (await ecClient.assert()).split('.');
    expect(await authenticate(`${header}.${payload}.${signature}`)).toBe('malformed_token');
  });

  it.each(['', 'x', 'a.b.c', 'eyJhbGciOiJFUzI1NiJ9.e30.', '....', 'x'.repeat(9_000)])(
    'is no nonsense: %#',
    async (nonsense) => {
      const { authenticate } = await coreWith(ecClient);
      expect(await authenticate(nonsense)).toBe('malformed_token');
    },
  );

  it('names one of several keys by its kid', async () => {
    const [a, b] = [
      await createAssertionClient('ES256', 'a'),
      await createAssertionClient('Ed25519', 'b'),
    ];
    const keys = [...a.authentication.jwks.keys, ...b.authentication.jwks.keys];
    const authentication = { method: 'private_key_jwt' as const, jwks: { keys } };
    const { authenticate } = await coreWith(a, { authentication });
    expect(await authenticate(await a.assert())).toBe('accepted');
    expect(await authenticate(await b.assert())).toBe('accepted');
    expect(await authenticate(await a.assert({}, { kid: 'c' }))).toBe('unknown_signing_key');
    expect(await authenticate(await a.assert({}, { kid: undefined }))).toBe('unknown_signing_key');
    expect(await authenticate(await a.assert({}, { kid: 'b' }))).toBe('unsupported_algorithm');
  });
});

describe('a key without a secret', () => {
  it.each<[RejectionCode, Partial<KeyState>]>([
    ['credential_revoked', { keyStatus: 'revoked' }],
    ['credential_disabled', { keyStatus: 'disabled' }],
    ['expired', { keyExpiresAtMs: NOW_MS }],
    ['principal_disabled', { principalStatus: 'disabled' }],
    ['organization_disabled', { organizationStatus: 'disabled' }],
  ])('is refused as %s, and the assertion not used up', async (code, state) => {
    const { authenticate, usedAssertions } = await coreWith(ecClient, state);
    expect(await authenticate(await ecClient.assert())).toBe(code);
    expect(usedAssertions.size).toBe(0);
  });

  it('is not accepted when it is revoked while the assertion is being marked as used', async () => {
    const { authenticate, database, assertionStore } = await coreWith(ecClient);
    assertionStore.beforeUse = () =>
      database.update(VERSION_ID, 'api_key', CLIENT_ID, { keyStatus: 'revoked' });
    expect(await authenticate(await ecClient.assert())).toBe('credential_revoked');
  });

  it('is not accepted when its public keys are replaced while that is being done', async () => {
    const { authenticate, database, assertionStore } = await coreWith(ecClient);
    const { authentication } = await createAssertionClient();
    assertionStore.beforeUse = () =>
      database.update(VERSION_ID, 'api_key', CLIENT_ID, { authentication });
    expect(await authenticate(await ecClient.assert())).toBe('bad_signature');
  });

  it('no longer takes a public key that was replaced', async () => {
    const { authenticate, database } = await coreWith(ecClient);
    expect(await authenticate(await ecClient.assert())).toBe('accepted');
    const { authentication } = await createAssertionClient();
    await database.update(VERSION_ID, 'api_key', CLIENT_ID, { authentication });
    expect(await authenticate(await ecClient.assert())).toBe('bad_signature');
  });

  it('is not found by the version of a key with a secret', async () => {
    const core = await coreWith(ecClient, { versionId: 'AAAAbbbbCCCC0001' });
    await core.database.insert(keyState({ versionId: VERSION_ID, keyId: OTHER_KEY_ID }));
    expect(await core.authenticate(await ecClient.assert())).toBe('unknown_credential');
    const claims = { iss: OTHER_KEY_ID, sub: OTHER_KEY_ID };
    expect(await core.authenticate(await ecClient.assert(claims))).toBe('unknown_credential');
  });

  it('is not looked for under an id that was never issued', async () => {
    const { authenticate, states, lease } = await coreWith(ecClient);
    lease.since = NEVER;
    for (const id of [
      'key_01JD0000000000000000000001',
      `${CLIENT_ID.slice(0, -1)}${CLIENT_ID.endsWith('0') ? '1' : '0'}`,
    ]) {
      expect(await authenticate(await ecClient.assert({ iss: id, sub: id }))).toBe('bad_tag');
    }
    expect(states.reads).toBe(0);
  });

  it('is no API key, even to somebody who could tag one', async () => {
    const { authenticator, tagger, argon2Runs } = await coreWith(ecClient);
    for (const secret of ['0'.repeat(43), 'A'.repeat(43)]) {
      const tagged = `cs_live_${VERSION_ID}${secret}`;
      const outcome = await authenticator.authenticate(tagged + tagger.tag(tagged), useAt());
      expect(outcome).toEqual({ ok: false, code: 'unknown_credential' });
    }
    expect(argon2Runs).toEqual([]);
  });

  it('is neither known nor unknown while the change feed cannot be followed', async () => {
    const { authenticate, lease } = await coreWith(ecClient);
    lease.since = NEVER;
    await expect(authenticate(await ecClient.assert())).rejects.toThrow(DependencyUnavailable);
  });

  it('is not accepted when the use of the assertion cannot be recorded', async () => {
    const { authenticate, assertionStore } = await coreWith(ecClient);
    assertionStore.beforeUse = () => Promise.reject(new DependencyUnavailable('database'));
    await expect(authenticate(await ecClient.assert())).rejects.toThrow(DependencyUnavailable);
  });
});
