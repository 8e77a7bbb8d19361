import { addressText, serviceUrl } from './endpoint-text.js';
import type { Endpoint, GatewayOptions } from './gateway-options.js';

/** Envoy: ext_authz over HTTP, a whole bootstrap. @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_authz_filter */
export function renderEnvoy(options: GatewayOptions): string {
  return `# Envoy asks Countersign about every request.
# Countersign must trust this Envoy: COUNTERSIGN_TRUSTED_PROXIES.
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
                  - name: envoy.filters.http.ext_authz
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
                      http_service:
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
                              - exact: cache-control
                  - name: envoy.filters.http.router
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
                route_config:
                  virtual_hosts:
                    - name: upstream
                      domains: ["*"]
                      # The upstream gets the signed token and never the credential.
                      request_headers_to_remove: [authorization, x-api-key]
                      routes:
                        - match: { prefix: "/" }
                          route: { cluster: upstream }
  clusters:
${cluster('upstream', options.upstream)}
${cluster('countersign', options.service)}${options.service.tls ? tlsTo(options.service) : ''}`;
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
