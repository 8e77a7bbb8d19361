import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { CredentialDigest } from './credential-digest.js';

const CREDENTIAL = 'cs_live_something';

describe('CredentialDigest', () => {
  it('is the same for the same credential in one process, and 32 bytes', () => {
    const digest = new CredentialDigest();
    expect(digest.of(CREDENTIAL)).toBe(digest.of(CREDENTIAL));
    expect(digest.of(CREDENTIAL)).toHaveLength(32);
    expect(Math.max(...Buffer.from(digest.of(CREDENTIAL), 'utf16le'))).toBeLessThanOrEqual(0xff);
  });

  it('is another for another credential', () => {
    const digest = new CredentialDigest();
    const texts = ['', 'a', 'A', CREDENTIAL, `${CREDENTIAL} `, `${CREDENTIAL}\0`];
    expect(new Set(texts.map((text) => digest.of(text))).size).toBe(texts.length);
  });

  it('is another in another process, and not the hash that anybody could work out', () => {
    const digests = [new CredentialDigest(), new CredentialDigest()].map((one) =>
      one.of(CREDENTIAL),
    );
    const plain = createHash('sha256').update(CREDENTIAL).digest('binary');
    expect(new Set([...digests, plain]).size).toBe(3);
  });
});
