import { addressText } from './endpoint-text.js';
import { envoyGrpcParts } from './envoy-grpc-parts.js';
import { envoyHttpParts } from './envoy-http-parts.js';
import type { Endpoint, GatewayOptions } from './gateway-options.js';

/** Envoy: ext_authz over HTTP or gRPC, a whole bootstrap. @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_authz_filter */
export function renderEnvoy(options: GatewayOptions): string {
  const parts = options.grpc ? envoyGrpcParts(options) : envoyHttpParts(options);
  return `# Envoy asks Countersign about every request.
${parts.condition}
static_resources:
  listeners:
    - name: web
      address:
        socket_address: { address: "${addressText(options.listen)}", port_value: ${options.listen.port} }
      filter_chains:
        - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: web
                # X-Forwarded-For ends with the address of whoever connects.
                use_remote_address: true
                # One reading of a path, for Countersign and for the upstream.
                normalize_path: true
                path_with_escaped_slashes_action: REJECT_REQUEST
                common_http_protocol_options:
                  headers_with_underscores_action: DROP_HEADER
                http_filters:
                  # In every spelling, X.Principal.… too; some backends read them alike.
                  - name: envoy.filters.http.lua
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua
                      default_source_code:
                        inline_string: |
                          function envoy_on_request(handle)
                            local found = {}
                            for name in pairs(handle:headers()) do
                              if name:lower():find("^x[^%w]principal[^%w]") then
                                table.insert(found, name)
                              end
                            end
                            for _, name in ipairs(found) do
                              handle:headers():remove(name)
                            end
                          end
${parts.filter}                  - name: envoy.filters.http.router
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
                route_config:
                  virtual_hosts:
                    - name: upstream
                      domains: ["*"]
                      # The upstream gets the signed token and never the credential.
                      request_headers_to_remove: [authorization, x-api-key]
${parts.virtualHost}                      routes:
                        - match: { prefix: "/" }
                          route: { cluster: upstream }
  clusters:
${cluster('upstream', options.upstream)}
${cluster('countersign', options.service)}${parts.cluster}${options.service.tls ? tlsTo(options.service) : ''}`;
}

function cluster(name: string, endpoint: Endpoint): string {
  const address = `{ address: "${addressText(endpoint)}", port_value: ${endpoint.port} }`;
  return `    - name: ${name}
      type: STRICT_DNS
      connect_timeout: 1s
      load_assignment:
        cluster_name: ${name}
        endpoints:
          - lb_endpoints:
              - endpoint: { address: { socket_address: ${address} } }
`;
}

function tlsTo(endpoint: Endpoint): string {
  const host = addressText(endpoint);
  return `      transport_socket:
        name: envoy.transport_sockets.tls
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
          sni: "${host}"
          common_tls_context:
            validation_context:
              trusted_ca: { filename: /etc/ssl/certs/ca-certificates.crt }
              match_typed_subject_alt_names:
                - san_type: DNS
                  matcher: { exact: "${host}" }
`;
}
