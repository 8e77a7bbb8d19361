import { CLIENT_SIGNING_ALGORITHMS, COUNTERSIGN_SCOPES } from '@countersign/contracts';
import type { Config } from '../../config/config.js';

/** What Countersign's own API says about itself as a protected resource. @see RFC 9728 §2 */
export function protectedResourceMetadata({
  issuer,
  tls,
  clientCertificates,
}: Pick<Config, 'issuer' | 'tls' | 'clientCertificates'>) {
  return {
    // Tokens for its API have the issuer itself as their audience.
    resource: issuer,
    authorization_servers: [issuer],
    scopes_supported: COUNTERSIGN_SCOPES,
    // RFC 6750 §2.1; never in a body or a URL.
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: CLIENT_SIGNING_ALGORITHMS,
    // RFC 8705 §3.3
    ...((tls !== null || clientCertificates.header !== null) && {
      tls_client_certificate_bound_access_tokens: true,
    }),
    resource_name: 'Countersign',
    resource_documentation: `${issuer}/docs`,
  };
}
