import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { recognise } from './recognise.js';

describe('recognise', () => {
  it.each([
    ['api_key', 'cs_live_0123456789'],
    ['api_key', 'cs_'],
    ['api_key', 'cs_broken'],
    ['access_token', 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln'],
    ['access_token', 'eyJ'],
    ['unrecognised', ''],
    ['unrecognised', 'cs'],
    ['unrecognised', 'CS_live_0123456789'],
    ['unrecognised', 'sk_live_0123456789'],
    ['unrecognised', ' eyJhbGciOiJSUzI1NiJ9.e30.c2ln'],
    ['unrecognised', 'EYJ'],
    ['unrecognised', 'password'],
  ])('%s: %p', (kind, credential) => {
    expect(recognise(credential, 'cs')).toBe(kind);
  });

  it('goes by the prefix that is configured', () => {
    expect(recognise('acme_live_x', 'acme')).toBe('api_key');
    expect(recognise('cs_live_x', 'acme')).toBe('unrecognised');
  });

  it('always has an answer', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(['api_key', 'access_token', 'unrecognised']).toContain(recognise(text, 'cs'));
      }),
    );
  });
});
