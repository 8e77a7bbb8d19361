import { describe, expect, it } from '@jest/globals';
import { protectedResourceMetadata } from './protected-resource-metadata.js';

describe('protectedResourceMetadata', () => {
  it('should speak of certificates where the service learns of them alone (RFC 8705 §3.3)', () => {
    const parts = { issuer: 'https://auth.example.com', tls: null };
    const of = (header: 'client-cert' | null) =>
      protectedResourceMetadata({ ...parts, clientCertificates: { header, authorities: [] } });
    expect(of('client-cert')).toMatchObject({ tls_client_certificate_bound_access_tokens: true });
    expect(of(null)).not.toHaveProperty('tls_client_certificate_bound_access_tokens');
  });
});
