import { describe, expect, it } from '@jest/globals';
import { hasBody } from './has-body.js';

describe('hasBody (RFC 9112 §6)', () => {
  it('goes by Content-Length and Transfer-Encoding', () => {
    expect(hasBody({ headers: {} })).toBe(false);
    expect(hasBody({ headers: { 'content-length': '0' } })).toBe(false);
    expect(hasBody({ headers: { 'content-length': '1' } })).toBe(true);
    expect(hasBody({ headers: { 'transfer-encoding': 'chunked' } })).toBe(true);
  });
});
