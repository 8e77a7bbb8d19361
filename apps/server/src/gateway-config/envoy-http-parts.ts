import { serviceUrl } from './endpoint-text.js';
import type { EnvoyParts } from './envoy-parts.js';
import type { GatewayOptions } from './gateway-options.js';

/** ext_authz over HTTP: the requirement stands in the path of the sub-request. */
export function envoyHttpParts(options: GatewayOptions): EnvoyParts {
  return {
    condition: '# Countersign must trust this Envoy: COUNTERSIGN_TRUSTED_PROXIES.',
    filter: `                  - name: envoy.filters.http.ext_authz
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz
                      transport_api_version: V3
                      failure_mode_allow: false
                      status_on_error: { code: ServiceUnavailable }
                      allowed_headers:
                        patterns:
                          - exact: authorization
                          - exact: x-api-key
                          - exact: x-forwarded-for
                          # What a DPoP proof speaks of, besides the method, the host and the path.
                          - exact: dpop
                          - exact: x-forwarded-proto
${options.tls?.clientCertificates ? '                          - exact: x-forwarded-client-cert\n' : ''}                      http_service:
                        server_uri:
                          uri: "${serviceUrl(options)}"
                          cluster: countersign
                          timeout: 3s
                        # The end client's path and query follow the second semicolon.
                        path_prefix: "/forward-auth;${options.requirement};"
                        authorization_response:
                          # Whatever the end client sent by these names is overwritten.
                          allowed_upstream_headers:
                            patterns:
                              - prefix: x-principal-
                          allowed_client_headers:
                            patterns:
                              - exact: www-authenticate
                              - exact: dpop-nonce
                              - exact: cache-control
`,
    virtualHost: '',
    cluster: '',
  };
}
