import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { CHEAP, createCore, versionIdOf } from '../../test/create-core.js';
import { KEY_ID, keyState, NOW_MS } from '../../test/key-state.js';
import { DependencyUnavailable } from '../dependency-unavailable.js';
import { Argon2Queue } from '../keys/argon2-queue.js';
import { KeyTagger } from '../keys/key-tagger.js';
import { randomBase62 } from '../keys/random-base62.js';
import { SecretHasher } from '../keys/secret-hasher.js';
import type { KeyState } from '../state/key-state.js';

/** A key of the same version with another secret, tagged as only the service could. */
function withAnotherSecret(apiKey: string, tagger: KeyTagger): string {
  const tagged = apiKey.slice(0, 24) + randomBase62(43);
  return tagged + tagger.tag(tagged);
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 30));

describe('ApiKeyVerifier', () => {
  it('runs argon2 once for the first uses of a key, however many come at once', async () => {
    const { apiKeys, newKey, argon2Runs, database } = await createCore({ signingKeys: [] });
    const apiKey = await newKey();
    const first = await Promise.all(
      Array.from({ length: 20 }, () => apiKeys.verify(apiKey, NOW_MS)),
    );
    expect(first.every(({ ok }) => ok)).toBe(true);
    expect(argon2Runs).toEqual(['matched']);
    expect(database.reads).toHaveLength(1);
  });

  it('runs none for a second use, which is answered at once', async () => {
    const { apiKeys, newKey, argon2Runs } = await createCore({ signingKeys: [] });
    const apiKey = await newKey();
    const first = await apiKeys.verify(apiKey, NOW_MS);
    expect(apiKeys.verify(apiKey, NOW_MS)).toBe(first);
    expect(argon2Runs).toEqual(['matched']);
  });

  it('runs one each for different keys', async () => {
    const { apiKeys, newKey, argon2Runs } = await createCore({ signingKeys: [] });
    const keys = await Promise.all([newKey(), newKey()]);
    await Promise.all(keys.map((apiKey) => apiKeys.verify(apiKey, NOW_MS)));
    expect(argon2Runs).toEqual(['matched', 'matched']);
  });

  it('turns forged and mistyped keys away without a look-up and without argon2, at once', async () => {
    const { apiKeys, newKey, argon2Runs, database } = await createCore({ signingKeys: [] });
    const apiKey = await newKey();
    const another = new KeyTagger([randomBytes(32)]);
    const bad = [
      apiKey.slice(0, -1),
      `${apiKey}0`,
      apiKey.replace('cs_live_', 'cs_test_'),
      apiKey.slice(0, 30) + (apiKey[30] === 'a' ? 'b' : 'a') + apiKey.slice(31),
      withAnotherSecret(apiKey, another),
      'cs_',
      'cs_live_',
    ];
    for (const one of bad) {
      expect(apiKeys.verify(one, NOW_MS)).toEqual({ ok: false, code: 'bad_tag' });
    }
    expect(database.reads).toEqual([]);
    expect(argon2Runs).toEqual([]);
  });

  it('turns away what is well-tagged and does not exist, by one look-up', async () => {
    const { apiKeys, tagger, argon2Runs, database } = await createCore({ signingKeys: [] });
    const tagged = `cs_live_${randomBase62(59)}`;
    for (let i = 0; i < 3; i += 1) {
      const outcome = await apiKeys.verify(tagged + tagger.tag(tagged), NOW_MS);
      expect(outcome).toEqual({ ok: false, code: 'unknown_credential' });
    }
    expect(database.reads).toHaveLength(1);
    expect(argon2Runs).toEqual([]);
  });

  it.each<[string, Partial<KeyState>]>([
    ['credential_revoked', { keyStatus: 'revoked' }],
    ['credential_disabled', { keyStatus: 'disabled' }],
    ['expired', { keyExpiresAtMs: NOW_MS }],
    ['expired', { versionExpiresAtMs: NOW_MS }],
    ['expired', { versionEnded: true }],
    ['principal_disabled', { principalStatus: 'disabled' }],
    ['organization_disabled', { organizationStatus: 'disabled' }],
  ])('spends no argon2 on a key that is turned away as %s: %p', async (code, state) => {
    const { apiKeys, newKey, argon2Runs } = await createCore({ signingKeys: [] });
    const outcome = await apiKeys.verify(await newKey(state), NOW_MS);
    expect(outcome).toEqual({ ok: false, code });
    expect(argon2Runs).toEqual([]);
  });

  it('refuses a wrong secret under a valid tag, and remembers nothing of it', async () => {
    const { apiKeys, newKey, tagger, argon2Runs } = await createCore({ signingKeys: [] });
    const apiKey = await newKey();
    const wrong = withAnotherSecret(apiKey, tagger);
    const rejection = { ok: false, code: 'wrong_secret' };
    await expect(apiKeys.verify(wrong, NOW_MS)).resolves.toEqual(rejection);
    await expect(apiKeys.verify(apiKey, NOW_MS)).resolves.toMatchObject({ ok: true });
    await expect(apiKeys.verify(wrong, NOW_MS)).resolves.toEqual(rejection);
    expect(argon2Runs).toEqual(['mismatched', 'matched', 'mismatched']);
    expect(apiKeys.verify(apiKey, NOW_MS)).toMatchObject({ ok: true });
  });

  it('yields the state after argon2, not before: what was revoked meanwhile is seen', async () => {
    const { apiKeys, newKey, database, hasher } = await createCore({ signingKeys: [] });
    const apiKey = await newKey();
    const held = hasher.hold();
    const verifying = apiKeys.verify(apiKey, NOW_MS);
    const release = await held;
    await database.update(versionIdOf(apiKey), 'api_key', KEY_ID, { keyStatus: 'revoked' });
    release();
    await expect(verifying).resolves.toMatchObject({ ok: true, state: { keyStatus: 'revoked' } });
  });

  it('is no longer a credential when its key was deleted while argon2 was running', async () => {
    const { apiKeys, newKey, database, hasher } = await createCore({ signingKeys: [] });
    const apiKey = await newKey();
    const held = hasher.hold();
    const verifying = apiKeys.verify(apiKey, NOW_MS);
    const release = await held;
    await database.delete(versionIdOf(apiKey), KEY_ID);
    release();
    await expect(verifying).resolves.toEqual({ ok: false, code: 'unknown_credential' });
    await expect(apiKeys.verify(apiKey, NOW_MS)).resolves.toMatchObject({ ok: false });
  });

  it('accepts a good key whenever, to the microtask, an unrelated change empties its place', async () => {
    for (let turns = 0; turns < 15; turns += 1) {
      const { apiKeys, newKey, database, states } = await createCore({ signingKeys: [] });
      const apiKey = await newKey();
      let answer = () => {};
      database.beforeAnswer = () => new Promise<void>((resolve) => (answer = resolve));
      const verifying = apiKeys.verify(apiKey, NOW_MS);
      answer();
      database.beforeAnswer = async () => {};
      for (let i = 0; i < turns; i += 1) await undefined;
      database.position += 1;
      states.apply({
        position: database.position,
        kind: 'api_key',
        subject: KEY_ID,
        revocation: null,
      });
      await expect(verifying).resolves.toMatchObject({ ok: true });
    }
  });

  it('verifies a changed secret anew', async () => {
    const { apiKeys, newKey, database, hasher, argon2Runs } = await createCore({ signingKeys: [] });
    const apiKey = await newKey();
    await apiKeys.verify(apiKey, NOW_MS);
    const secretHash = await hasher.hash('another secret');
    const versionId = versionIdOf(apiKey);
    await database.update(versionId, 'api_key_version', versionId, { secretHash });
    for (let i = 0; i < 2; i += 1) {
      const outcome = await apiKeys.verify(apiKey, NOW_MS);
      expect(outcome).toEqual({ ok: false, code: 'wrong_secret' });
    }
    expect(argon2Runs).toEqual(['matched', 'mismatched', 'mismatched']);
  });

  it('verifies anew a secret that was changed while argon2 was running, for all that wait', async () => {
    const { apiKeys, newKey, database, hasher, argon2Runs } = await createCore({ signingKeys: [] });
    const apiKey = await newKey();
    const secretHash = await hasher.hash('another secret');
    const versionId = versionIdOf(apiKey);
    const held = hasher.hold();
    const early = apiKeys.verify(apiKey, NOW_MS);
    const release = await held;
    await database.update(versionId, 'api_key_version', versionId, { secretHash });
    const late = apiKeys.verify(apiKey, NOW_MS);
    await new Promise(setImmediate);
    release();
    const rejection = { ok: false, code: 'wrong_secret' };
    expect(await Promise.all([early, late])).toEqual([rejection, rejection]);
    expect(await apiKeys.verify(apiKey, NOW_MS)).toEqual(rejection);
    expect(argon2Runs.filter((outcome) => outcome === 'matched')).toHaveLength(1);
  });

  it('does not remember a key when the queue was full, and says so as unavailable', async () => {
    const queue = new Argon2Queue({ concurrency: 1, maxWaitMs: 0 });
    const { apiKeys, newKey, argon2Runs } = await createCore({ queue });
    const apiKey = await newKey();
    const busy = [1, 2].map(() => queue.run(settled));
    await expect(apiKeys.verify(apiKey, NOW_MS)).rejects.toThrow(DependencyUnavailable);
    await Promise.all(busy);
    await expect(apiKeys.verify(apiKey, NOW_MS)).resolves.toMatchObject({ ok: true });
    expect(argon2Runs).toEqual(['refused', 'matched']);
  });
});

describe('outdated argon2 parameters', () => {
  it('are replaced at the first use, once, and the key goes on working', async () => {
    const { apiKeys, newKey, database, rehashed, argon2Runs } = await createCore({
      signingKeys: [],
    });
    const apiKey = await newKey();
    const versionId = versionIdOf(apiKey);
    const old = new SecretHasher({ ...CHEAP, timeCost: 2 });
    const secretHash = await old.hash(apiKey.slice(24, 67));
    database.rows.set(versionId, keyState({ versionId, secretHash }));
    const first = await Promise.all([1, 2, 3].map(() => apiKeys.verify(apiKey, NOW_MS)));
    expect(first.every(({ ok }) => ok)).toBe(true);
    await settled();
    expect(rehashed).toEqual([
      { versionId, oldHash: secretHash, newHash: expect.stringMatching(/^\$argon2id\$.*t=1/) },
    ]);
    const newHash = rehashed[0]?.newHash ?? '';
    await database.update(versionId, 'api_key_version', versionId, { secretHash: newHash });
    await expect(apiKeys.verify(apiKey, NOW_MS)).resolves.toMatchObject({ ok: true });
    expect(apiKeys.verify(apiKey, NOW_MS)).toMatchObject({ ok: true });
    await settled();
    expect(rehashed).toHaveLength(1);
    expect(argon2Runs).toEqual(['matched', 'hashed', 'matched']);
  });

  it('are not replaced for a wrong secret', async () => {
    const { apiKeys, newKey, tagger, rehashed } = await createCore({ signingKeys: [] });
    const apiKey = await newKey({
      secretHash: await new SecretHasher({ ...CHEAP, timeCost: 2 }).hash('another secret'),
    });
    await apiKeys.verify(withAnotherSecret(apiKey, tagger), NOW_MS);
    await settled();
    expect(rehashed).toEqual([]);
  });
});
