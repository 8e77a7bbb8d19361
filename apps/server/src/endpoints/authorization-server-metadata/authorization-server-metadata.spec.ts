import { describe, expect, it } from '@jest/globals';
import { CertificateAuthority } from '../../../../../test/certificate-authority.js';
import { authorizationServerMetadata } from './authorization-server-metadata.js';

describe('authorizationServerMetadata', () => {
  const issuer = 'https://auth.example.com/eu';
  const clientCertificates = { header: null, authorities: [] };
  const metadata = authorizationServerMetadata({ issuer, tls: null, clientCertificates });

  it('RFC 8414 §2: should put every endpoint under the issuer', () => {
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

  it('RFC 8414 §2: should have what is required of a server without an authorization endpoint', () => {
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

  it('should speak of certificates where the service learns of them alone (RFC 8705 §2, §3.3)', async () => {
    const ofCertificates = (document: object) =>
      Object.entries(document).filter(([name, value]) => `${name} ${value}`.includes('tls_client'));
    expect(ofCertificates(metadata)).toEqual([]);

    const told = authorizationServerMetadata({
      issuer,
      tls: null,
      clientCertificates: { header: 'client-cert', authorities: [] },
    });
    expect(told).toMatchObject({ tls_client_certificate_bound_access_tokens: true });
    const methods = [
      told.token_endpoint_auth_methods_supported,
      told.introspection_endpoint_auth_methods_supported,
      told.revocation_endpoint_auth_methods_supported,
    ];
    for (const list of methods) {
      expect(list).toContain('self_signed_tls_client_auth');
      expect(list).not.toContain('tls_client_auth');
    }

    const authority = await CertificateAuthority.create();
    const trusting = authorizationServerMetadata({
      issuer,
      tls: null,
      clientCertificates: { header: 'client-cert', authorities: [authority.x509] },
    });
    expect(trusting.token_endpoint_auth_methods_supported).toContain('tls_client_auth');
  });
});
