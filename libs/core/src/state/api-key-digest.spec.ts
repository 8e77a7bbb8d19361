import { describe, expect, it } from '@jest/globals';
import { ApiKeyDigest } from './api-key-digest.js';

const API_KEY = 'cs_live_something';

describe('ApiKeyDigest', () => {
  it('is the same for the same key in one process, and 128 bits', () => {
    const digest = new ApiKeyDigest();
    expect(digest.of(API_KEY)).toBe(digest.of(API_KEY));
    expect(digest.of(API_KEY)).toHaveLength(8);
  });

  it('is another for another key', () => {
    const digest = new ApiKeyDigest();
    const texts = ['', 'a', 'A', API_KEY, `${API_KEY} `, `${API_KEY}\0`];
    expect(new Set(texts.map((text) => digest.of(text))).size).toBe(texts.length);
  });

  it('is another in another process', () => {
    expect(new ApiKeyDigest().of(API_KEY)).not.toBe(new ApiKeyDigest().of(API_KEY));
  });
});
