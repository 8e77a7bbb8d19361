import { CLIENT_SIGNING_ALGORITHMS } from '@countersign/contracts';
import type { ResourceServerPolicy } from '@countersign/core';
import type { Config } from '../../config/config.js';

/** What of the configuration decides about what is published. */
export type ResourceMetadataConfig = Pick<Config, 'issuer' | 'clientCertificates' | 'extAuthzPort'>;

/**
 * What is published on behalf of a resource server. Only what follows from how it is registered and
 * from what this service does, besides the pages that its administrator named.
 * @see RFC 9728 §2; §3.2: what has no values is left out
 */
export function resourceServerMetadata(
  { audience, scopes, protectedResourceMetadata }: ResourceServerPolicy,
  { issuer, clientCertificates, extAuthzPort }: ResourceMetadataConfig,
) {
  return {
    resource: audience,
    authorization_servers: [issuer],
    ...(scopes.length > 0 && { scopes_supported: scopes }),
    // RFC 6750 §2.1; a credential in a body or a URL is one that was not presented.
    bearer_methods_supported: ['header'],
    // RFC 9449 §5.1
    dpop_signing_alg_values_supported: CLIENT_SIGNING_ALGORITHMS,
    // RFC 8705 §3.3: where we can be told which certificate its clients have shown. That they show us
    // one, where we terminate TLS, says nothing of them.
    ...((clientCertificates.header !== null || extAuthzPort !== null) && {
      tls_client_certificate_bound_access_tokens: true,
    }),
    ...protectedResourceMetadata,
  };
}
