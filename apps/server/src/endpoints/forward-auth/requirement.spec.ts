import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { readRequirement, WrongRequirement } from './requirement.js';

const scopes = (count: number, length: number) =>
  `scopes=${Array.from({ length: count }, () => 'a'.repeat(length)).join('+')}`;

function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

describe('readRequirement', () => {
  it('remembers what a gateway asks again and again', () => {
    const asked = 'scopes=read:users&audience=https://api.example.com';
    expect(readRequirement(asked)).toBe(readRequirement(asked));
    expect(readRequirement(asked)).toEqual({
      scopes: ['read:users'],
      audience: 'https://api.example.com',
      optional: false,
    });
  });

  it('remembers nothing long, which an end client has written', () => {
    const long = scopes(200, 20);
    expect(readRequirement(long)).not.toBe(readRequirement(long));
    expect(readRequirement(long)).toEqual(readRequirement(long));
  });

  it('keeps nothing of the URL that a requirement stood in', () => {
    const before = usedBytes();
    for (let index = 0; index < 500; index += 1) {
      const url = `scopes=a-scope-of-number-${index};/${String.fromCharCode(97 + (index % 26)).repeat(100_000)}`;
      // In one piece, as the URL of a request is.
      const flat = Buffer.from(url).toString();
      readRequirement(flat.slice(0, flat.indexOf(';')));
    }
    expect(usedBytes() - before).toBeLessThan(10_000_000);
  });

  it('takes as many scopes, and as long ones, as anything else does', () => {
    expect(readRequirement(scopes(256, 128)).scopes).toHaveLength(256);
    expect(() => readRequirement(scopes(257, 1))).toThrow(
      new WrongRequirement('scopes must be at most 256 scope tokens'),
    );
    expect(() => readRequirement(scopes(1, 129))).toThrow(
      new WrongRequirement('scopes must be scope tokens of at most 128 characters'),
    );
  });
});
