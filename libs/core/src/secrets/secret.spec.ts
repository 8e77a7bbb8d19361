import { format, inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Secret } from './secret.js';

const VALUE = 'a value that nobody may read';

describe('Secret', () => {
  const secret = new Secret(VALUE);

  it('should give its value only when asked by name', () => {
    expect(secret.reveal()).toBe(VALUE);
  });

  it.each([
    ['a template', `${secret as unknown as string}`],
    ['a concatenation', `is: ${String(secret)}`],
    ['JSON', JSON.stringify({ secret })],
    ['inspect', inspect(secret, { showHidden: true, depth: null })],
    ['inspect, nested', inspect({ deep: { secrets: [secret] } }, { depth: null })],
    ['format', format('%s %o %O %j', secret, secret, secret, secret)],
    ['an error message', new Error(`cannot use ${secret as unknown as string}`).message],
    ['a spread', JSON.stringify({ ...secret })],
    ['a structured clone', inspect(structuredClone({ copy: { ...secret } }))],
  ])('should not show its value in %s', (_where, text) => {
    expect(text).not.toContain('nobody');
  });

  it('should say that something was left out', () => {
    expect(JSON.stringify({ secret })).toBe('{"secret":"[redacted]"}');
    expect(inspect(secret)).toBe('[redacted]');
  });
});
