import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { parseApiKey } from './api-key-format.js';
import { KeyTagger } from './key-tagger.js';
import { createMintApiKey } from './mint-api-key.js';
import { SecretHasher } from './secret-hasher.js';

const tagger = new KeyTagger([randomBytes(32)]);
const hasher = new SecretHasher({ memoryKib: 1024, timeCost: 1, parallelism: 1 });
const mint = createMintApiKey('cs', tagger, hasher);

describe('createMintApiKey', () => {
  it('makes a key of the fixed form: 77 characters that one double-click selects', async () => {
    const { apiKey } = await mint('live');
    expect(apiKey).toMatch(/^cs_live_[0-9A-Za-z]{69}$/);
    expect(apiKey).toHaveLength(77);
    expect((await mint('test')).apiKey).toMatch(/^cs_test_[0-9A-Za-z]{69}$/);
  });

  it('tags it so that it passes', async () => {
    const { apiKey } = await mint('live');
    const parts = parseApiKey(apiKey, 'cs');
    expect(parts && tagger.matches(parts.tagged, parts.tag)).toBe(true);
  });

  it('names the version by the id inside the key, and shows its last four characters', async () => {
    const { apiKey, versionId, lastFour } = await mint('live');
    expect(parseApiKey(apiKey, 'cs')?.versionId).toBe(versionId);
    expect(apiKey.endsWith(lastFour)).toBe(true);
    expect(lastFour).toHaveLength(4);
  });

  it('gives for storage what verifies the secret and does not contain it', async () => {
    const { apiKey, versionId, lastFour, secretHash } = await mint('live');
    const secret = parseApiKey(apiKey, 'cs')?.secret ?? '';
    expect(secretHash).toMatch(/^\$argon2id\$v=19\$m=1024,/);
    await expect(hasher.verify(secretHash, secret)).resolves.toBe(true);
    for (const stored of [versionId, lastFour, secretHash]) {
      for (let at = 0; at + 8 <= secret.length; at += 1) {
        expect(stored).not.toContain(secret.slice(at, at + 8));
      }
    }
  });

  it('never makes the same twice', async () => {
    const keys = await Promise.all(Array.from({ length: 50 }, () => mint('live')));
    expect(new Set(keys.map(({ versionId }) => versionId)).size).toBe(50);
    expect(new Set(keys.map(({ apiKey }) => apiKey.slice(24, 67))).size).toBe(50);
    expect(new Set(keys.map(({ secretHash }) => secretHash)).size).toBe(50);
  });
});
