import { readRequirement } from '../endpoints/forward-auth/requirement.js';
import type { EnvoyParts } from './envoy-parts.js';
import type { GatewayOptions } from './gateway-options.js';

/** ext_authz over gRPC: the requirement stands in the route's `context_extensions`. */
export function envoyGrpcParts({ requirement, service, tls }: GatewayOptions): EnvoyParts {
  return {
    condition: `# Countersign must listen for it, and for nobody else: COUNTERSIGN_EXT_AUTHZ_PORT=${service.port}.`,
    filter: `                  - name: envoy.filters.http.ext_authz
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz
                      transport_api_version: V3
                      failure_mode_allow: false
                      status_on_error: { code: ServiceUnavailable }
${tls?.clientCertificates ? '                      include_peer_certificate: true\n' : ''}                      grpc_service:
                        envoy_grpc: { cluster_name: countersign }
                        timeout: 3s
`,
    virtualHost: `                      # What is required; a route may have one of its own.
                      typed_per_filter_config:
                        envoy.filters.http.ext_authz:
                          "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute
                          check_settings:
                            context_extensions:
${contextExtensions(requirement)}`,
    cluster: `      typed_extension_protocol_options:
        envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
          "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
          explicit_http_config: { http2_protocol_options: {} }
`,
  };
}

/** A string of JSON is one of YAML, whatever is in it (YAML 1.2.2 §1.2). */
function contextExtensions(encoded: string): string {
  const { scopes, audience, optional } = readRequirement(encoded);
  const values = { scopes: scopes.join(' '), audience: audience ?? '', optional: String(optional) };
  return Object.entries(values)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `                              ${name}: ${JSON.stringify(value)}\n`)
    .join('');
}
