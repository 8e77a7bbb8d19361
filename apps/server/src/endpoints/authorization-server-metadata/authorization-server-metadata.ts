import { CLIENT_SIGNING_ALGORITHMS, COUNTERSIGN_SCOPES, GRANT_TYPES } from '@countersign/contracts';
import { IntrospectionSigner } from '@countersign/core';
import type { Config } from '../../config/config.js';

/**
 * How a client may authenticate: HTTP Basic, `client_id` and `client_secret` in the form, or an
 * assertion; by a certificate as well, where the service learns of them.
 */
const CLIENT_AUTHENTICATION = [
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
] as const;

// Past that, the list would be most of the document; it need not be there (RFC 9728 §4).
const LISTED_RESOURCES_MAX = 1_000;

/**
 * What the service says about itself; only what it does.
 * @param resources what identifies the resource servers that have metadata published about them
 * @see RFC 8414 §2
 */
export function authorizationServerMetadata(
  { issuer, tls, clientCertificates }: Pick<Config, 'issuer' | 'tls' | 'clientCertificates'>,
  resources: readonly string[] = [],
) {
  const learnsCertificates = tls !== null || clientCertificates.header !== null;
  const trustsAuthorities = learnsCertificates && clientCertificates.authorities.length > 0;
  const clientAuthentication = [
    ...CLIENT_AUTHENTICATION,
    ...(trustsAuthorities ? ['tls_client_auth'] : []),
    ...(learnsCertificates ? ['self_signed_tls_client_auth'] : []),
  ];
  return {
    issuer,
    token_endpoint: `${issuer}/token`,
    token_endpoint_auth_methods_supported: clientAuthentication,
    token_endpoint_auth_signing_alg_values_supported: CLIENT_SIGNING_ALGORITHMS,
    introspection_endpoint: `${issuer}/introspect`,
    // A registered access token type is a method here too: RFC 8414 §2.
    introspection_endpoint_auth_methods_supported: [...clientAuthentication, 'Bearer', 'DPoP'],
    introspection_endpoint_auth_signing_alg_values_supported: CLIENT_SIGNING_ALGORITHMS,
    // RFC 9701 §7. None for encryption: encrypted answers are not offered.
    introspection_signing_alg_values_supported: IntrospectionSigner.signingAlgs,
    revocation_endpoint: `${issuer}/revoke`,
    revocation_endpoint_auth_methods_supported: clientAuthentication,
    revocation_endpoint_auth_signing_alg_values_supported: CLIENT_SIGNING_ALGORITHMS,
    // RFC 9449 §5.1
    dpop_signing_alg_values_supported: CLIENT_SIGNING_ALGORITHMS,
    // RFC 8705 §3.3. No `mtls_endpoint_aliases`: certificates are asked for at the same addresses.
    ...(learnsCertificates && { tls_client_certificate_bound_access_tokens: true }),
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    grant_types_supported: GRANT_TYPES,
    // Empty, since there is no authorization endpoint, but there: §2 requires it, and clients refuse
    // a document without it, whatever §3.2 says of empty lists.
    response_types_supported: [],
    scopes_supported: COUNTERSIGN_SCOPES,
    service_documentation: `${issuer}/docs`,
    // RFC 9728 §4. Its own API is the first, and stands for itself at the issuer.
    ...(resources.length < LISTED_RESOURCES_MAX && {
      protected_resources: [issuer, ...[...resources].sort()],
    }),
  };
}
