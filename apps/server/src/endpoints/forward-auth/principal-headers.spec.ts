import type { Principal } from '@countersign/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NOBODYS_HEADERS, PRINCIPAL_HEADERS, principalHeaders } from './principal-headers.js';

function principalNamed(name: string): Principal {
  return {
    subject: 'prn_1',
    type: 'service',
    name,
    organization: null,
    scopes: [],
    roles: ['exporter', 'reader'],
    audience: [],
    environment: 'live',
    metadata: {},
    credential: {
      type: 'api_key',
      id: 'key_1',
      issuer: 'https://auth.example.com',
      issued_at: 1,
      expires_at: null,
      root: { type: 'api_key', id: 'key_1' },
    },
    actor: null,
  };
}

function nameHeader(name: string): string {
  const headers = principalHeaders(principalNamed(name), [], 'jwt');
  return headers[headers.indexOf('X-Principal-Name') + 1] ?? '';
}

describe('principalHeaders', () => {
  it('makes visible ASCII of any name, and nothing is lost (RFC 3986 §2.1)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        const value = nameHeader(name);
        expect(value).toMatch(/^[\x21-\x7E]*$/);
        expect(decodeURIComponent(value)).toBe(name);
      }),
    );
  });

  it('lets nobody write a line of their own', () => {
    expect(nameHeader('x\r\nX-Principal-Subject: admin')).toBe(
      'x%0D%0AX-Principal-Subject:%20admin',
    );
  });

  it('has all of its headers, whoever it is about, and nobody', () => {
    const about = principalHeaders(principalNamed('x'), ['b', 'a;%'], 'jwt');
    for (const headers of [about, NOBODYS_HEADERS]) {
      expect(headers.filter((_, index) => index % 2 === 0)).toEqual(PRINCIPAL_HEADERS);
    }
    expect(NOBODYS_HEADERS.filter((_, index) => index % 2 === 1).join('')).toBe('');
    expect(about).toEqual(expect.arrayContaining(['b a;%25', 'exporter reader', 'jwt', '']));
  });
});
