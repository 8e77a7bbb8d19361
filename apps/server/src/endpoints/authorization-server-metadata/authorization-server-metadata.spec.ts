import { describe, expect, it } from '@jest/globals';
import { authorizationServerMetadata } from './authorization-server-metadata.js';

describe('authorizationServerMetadata', () => {
  const metadata = authorizationServerMetadata('https://auth.example.com/eu');

  it('should put every endpoint under the issuer', () => {
    const urls = Object.entries(metadata).filter(([name]) => /(_endpoint|_uri)$/.test(name));
    expect(urls).toEqual([
      ['token_endpoint', 'https://auth.example.com/eu/token'],
      ['introspection_endpoint', 'https://auth.example.com/eu/introspect'],
      ['revocation_endpoint', 'https://auth.example.com/eu/revoke'],
      ['jwks_uri', 'https://auth.example.com/eu/.well-known/jwks.json'],
    ]);
  });

  it('should offer signed introspection answers, and no encrypted ones (RFC 9701 §7)', () => {
    expect(metadata).toMatchObject({ introspection_signing_alg_values_supported: ['RS256'] });
    expect(Object.keys(metadata).filter((name) => name.includes('encryption'))).toEqual([]);
  });

  it('should have what RFC 8414 requires of a server without an authorization endpoint', () => {
    expect(metadata).toMatchObject({
      issuer: 'https://auth.example.com/eu',
      response_types_supported: [],
      grant_types_supported: [
        'client_credentials',
        'urn:ietf:params:oauth:grant-type:token-exchange',
        'refresh_token',
      ],
    });
  });
});
