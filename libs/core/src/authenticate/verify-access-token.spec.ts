import { describe, expect, it } from '@jest/globals';
import type { RejectionCode } from '@countersign/contracts';
import { createCore, versionIdOf } from '../../test/create-core.js';
import { ISSUER, KEY_ID, NOW_MS, PRINCIPAL_ID, ROLE_ID } from '../../test/key-state.js';
import { claimsOf, signClaims } from '../../test/sign-claims.js';
import { signingKey } from '../../test/signing-keys.js';
import { AccessTokenVerifier } from './verify-access-token.js';

const [active, foreign] = await Promise.all([signingKey('RS256'), signingKey('RS256')]);

/** Everything with one key and a token for it; the key is in memory. */
async function coreWithToken() {
  const core = await createCore({ signingKeys: [active] });
  const apiKey = await core.newKey();
  const token = await core.newToken(apiKey);
  const versionId = versionIdOf(apiKey);
  const verify = (credential = token) => core.accessTokens.verify(credential, NOW_MS);
  return { ...core, apiKey, token, versionId, verify };
}

const rejection = (code: RejectionCode) => ({ ok: false, code });

describe('AccessTokenVerifier', () => {
  it('yields the token with the key that it was derived from', async () => {
    const { verify } = await coreWithToken();
    expect(await verify()).toMatchObject({
      ok: true,
      kind: 'access_token',
      root: { state: { keyId: KEY_ID } },
      token: { claims: { client_id: KEY_ID, sub: PRINCIPAL_ID } },
    });
  });

  it('answers a second use at once, with the very same', async () => {
    const { verify, database } = await coreWithToken();
    const first = await verify();
    expect(verify()).toBe(first);
    expect(database.reads).toHaveLength(1);
  });

  it('finds the key anew when the place in memory was emptied or evicted', async () => {
    const { verify, database, states } = await coreWithToken();
    await verify();
    states.reset();
    await expect(verify()).resolves.toMatchObject({ ok: true });
    await database.announce('api_key', KEY_ID);
    await expect(verify()).resolves.toMatchObject({ ok: true });
    expect(database.reads).toHaveLength(3);
    expect(verify()).not.toBeInstanceOf(Promise);
  });

  it('accepts a good token whenever, to the microtask, an unrelated change empties its place', async () => {
    const { verify, database, states } = await coreWithToken();
    for (let turns = 0; turns < 15; turns += 1) {
      states.reset();
      let answer = () => {};
      database.beforeAnswer = () => new Promise<void>((resolve) => (answer = resolve));
      const verifying = verify();
      answer();
      database.beforeAnswer = async () => {};
      for (let i = 0; i < turns; i += 1) await undefined;
      database.position += 1;
      states.apply({
        position: database.position,
        kind: 'role',
        subject: ROLE_ID,
        revocation: null,
      });
      expect(await verifying).toMatchObject({ ok: true });
    }
  });

  it('turns away what is not ours without a look-up, at once', async () => {
    const { verify, token, database } = await coreWithToken();
    const reads = database.reads.length;
    const claims = claimsOf(token);
    const [header = '', payload = ''] = token.split('.');
    const cases: [RejectionCode, string][] = [
      ['malformed_token', 'eyJ'],
      ['malformed_token', `${token}.`],
      ['malformed_token', `${header}.${payload}.`],
      ['unknown_signing_key', await signClaims(claims, foreign)],
      ['wrong_issuer', await signClaims({ ...claims, iss: 'https://other.example' }, active)],
      ['malformed_claims', await signClaims({ ...claims, cid: 'none' }, active)],
    ];
    for (const [code, credential] of cases) expect(verify(credential)).toEqual(rejection(code));
    expect(database.reads).toHaveLength(reads);
  });

  it('refuses a token whose payload was exchanged', async () => {
    const { verify, token } = await coreWithToken();
    const claims = { ...claimsOf(token), scope: 'countersign:admin' };
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
    const [header, , signature] = token.split('.');
    expect(verify(`${header}.${payload}.${signature}`)).toEqual(rejection('bad_signature'));
  });

  it('refuses a token whose key was deleted, also one that is remembered', async () => {
    const { verify, database, versionId } = await coreWithToken();
    await verify();
    await database.delete(versionId, KEY_ID);
    await expect(verify()).resolves.toEqual(rejection('credential_revoked'));
    expect(await verify()).toEqual(rejection('credential_revoked'));
  });

  it('refuses a token that names a version of another key', async () => {
    const { verify, token, versionId } = await coreWithToken();
    const cid = `key_01JD0000000000000000000099.${versionId}`;
    const mixedUp = await signClaims({ ...claimsOf(token), cid }, active);
    await expect(verify(mixedUp)).resolves.toEqual(rejection('credential_revoked'));
  });

  it('refuses the remembered tokens of a compromised signing key at once', async () => {
    const { verify, signingKeys, database } = await coreWithToken();
    expect(await verify()).toMatchObject({ ok: true });
    signingKeys.length = 0;
    await database.announce('signing_key', active.kid);
    expect(verify()).toEqual(rejection('unknown_signing_key'));
  });

  it('accepts them while the key is retiring', async () => {
    const { verify, signingKeys, database } = await coreWithToken();
    await verify();
    signingKeys[0] = { ...active, status: 'retiring' };
    await database.announce('signing_key', active.kid);
    expect(verify()).toMatchObject({ ok: true });
  });

  it('verifies anew under a key that was away and is back', async () => {
    const { verify, signingKeys, database, keyring } = await coreWithToken();
    await verify();
    const before = keyring.verifying.get(active.kid);
    signingKeys.length = 0;
    await database.announce('signing_key', active.kid);
    signingKeys.push(active);
    await database.announce('signing_key', active.kid);
    expect(keyring.verifying.get(active.kid)).not.toBe(before);
    expect(await verify()).toMatchObject({ ok: true });
    expect(verify()).not.toBeInstanceOf(Promise);
  });

  it('believes no remembered signature when another key took the kid', async () => {
    const { verify, signingKeys, database } = await coreWithToken();
    await verify();
    signingKeys.length = 0;
    await database.announce('signing_key', active.kid);
    const publicJwk = { ...foreign.publicJwk, kid: active.kid };
    signingKeys.push({ ...foreign, kid: active.kid, publicJwk, status: 'retiring' });
    await database.announce('signing_key', active.kid);
    expect(verify()).toEqual(rejection('bad_signature'));
  });

  it('works out the principal anew for a changed state only', async () => {
    const { verify, database, versionId } = await coreWithToken();
    const before = await verify();
    await database.update(versionId, 'principal', PRINCIPAL_ID, { principalName: 'renamed' });
    const after = await verify();
    expect(after).not.toBe(before);
    expect(after).toMatchObject({ principal: { name: 'renamed' } });
    expect(verify()).toBe(after);
  });

  it('counts as a use of the key', async () => {
    const { verify, states } = await coreWithToken();
    states.takeUses();
    await verify();
    expect(states.takeUses()).toEqual(new Map([[KEY_ID, new Date(NOW_MS)]]));
  });

  it('remembers no more than it has room for', async () => {
    const { keyring, states, apiKey, newToken } = await coreWithToken();
    const tokens = await Promise.all(Array.from({ length: 10 }, () => newToken(apiKey)));
    const verifier = new AccessTokenVerifier({
      issuer: ISSUER,
      keyring,
      states,
      memoryBytes: 3 * 4 * (tokens[0]?.length ?? 0),
    });
    for (const one of tokens)
      expect(await verifier.verify(one, NOW_MS)).toMatchObject({ ok: true });
    expect(verifier.size).toBe(3);
    for (const one of tokens)
      expect(await verifier.verify(one, NOW_MS)).toMatchObject({ ok: true });
  });
});
