import { describe, expect, it } from '@jest/globals';
import { TokenMemory } from './token-memory.js';

const SIGNATURE = 's'.repeat(86);

describe('TokenMemory', () => {
  it('finds what was remembered of a token, and nothing of another with the same signature', () => {
    const memory = new TokenMemory<number>(10_000);
    memory.set(`header.payload.${SIGNATURE}`, 1);
    expect(memory.get(`header.payload.${SIGNATURE}`)).toBe(1);
    expect(memory.get(`header.other.${SIGNATURE}`)).toBeUndefined();
    expect(memory.get(SIGNATURE)).toBeUndefined();
    expect(memory.get('')).toBeUndefined();
  });

  it('holds no more than it has room for, and forgets what was used longest ago', () => {
    const tokens = Array.from({ length: 4 }, (_, at) => `${SIGNATURE}${at}`);
    const memory = new TokenMemory<number>(3 * 4 * 87);
    for (const [at, token] of tokens.entries()) memory.set(token, at);
    expect(memory.size).toBe(3);
    expect(tokens.map((token) => memory.get(token))).toEqual([undefined, 1, 2, 3]);
  });
});
