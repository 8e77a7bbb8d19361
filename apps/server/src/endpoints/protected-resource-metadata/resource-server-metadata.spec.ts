import { describe, expect, it } from '@jest/globals';
import { resourceServerMetadata } from './resource-server-metadata.js';

describe('resourceServerMetadata', () => {
  const policy = {
    audience: 'https://api.example.com',
    scopes: [],
    accessTokenTtlSeconds: 300,
    signingAlg: 'RS256',
    tokenTyp: 'at+jwt',
    refreshTokens: null,
  } as const;
  const of = (header: 'client-cert' | null, extAuthzPort: number | null) =>
    resourceServerMetadata(policy, {
      issuer: 'https://auth.example.com',
      clientCertificates: { header, authorities: [] },
      extAuthzPort,
    });

  it('should speak of certificates where gateways can tell of them alone (RFC 8705 §3.3)', () => {
    const member = 'tls_client_certificate_bound_access_tokens';
    for (const told of [of('client-cert', null), of(null, 0)]) {
      expect(told).toHaveProperty(member, true);
    }
    expect(of(null, null)).not.toHaveProperty(member);
  });
});
