import { CERTIFICATE_HEADERS, certificateCondition } from './certificate-headers.js';
import { addressText } from './endpoint-text.js';
import { envoyGrpcParts } from './envoy-grpc-parts.js';
import { envoyHttpParts } from './envoy-http-parts.js';
import { FORWARDING_HEADERS } from './forwarding-headers.js';
import type { Endpoint, GatewayOptions } from './gateway-options.js';

const REMOVED = [
  'Authorization',
  'X-API-Key',
  'DPoP',
  ...CERTIFICATE_HEADERS,
  // Envoy sets none.
  'X-Forwarded-Host',
  ...FORWARDING_HEADERS,
].map((name) => name.toLowerCase());

/** Envoy: ext_authz over HTTP or gRPC, a whole bootstrap. @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_authz_filter */
export function renderEnvoy(options: GatewayOptions): string {
  const parts = options.grpc ? envoyGrpcParts(options) : envoyHttpParts(options);
  return `# Envoy asks Countersign about every request.
${parts.condition}
${options.tls?.clientCertificates && !options.grpc ? `# ${certificateCondition('X-Forwarded-Client-Cert')}\n` : ''}static_resources:
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
${options.tls?.clientCertificates ? FORWARD_CERTIFICATE : ''}                # One reading of a path, for Countersign and for the upstream.
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
                              if name:lower():find("^x[^%w]principal") then
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
                      # The upstream gets the signed token and never the credential, nor what the end
                      # client says of itself.
                      request_headers_to_remove:
${REMOVED.map((name) => `                        - ${name}\n`).join('')}                      request_headers_to_add:
                        - header:
                            key: x-forwarded-for
                            value: "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"
                          append_action: OVERWRITE_IF_EXISTS_OR_ADD
${parts.virtualHost}                      routes:
${metadataRoute(options)}                        - match: { prefix: "/" }
                          route: { cluster: upstream }
${listenerTls(options)}  clusters:
${cluster('upstream', options.upstream)}
${cluster('countersign', options.service)}${parts.cluster}${options.service.tls ? tlsTo(options.service) : ''}`;
}

/** Any certificate: the CA has Envoy ask for one, and none is turned away for its issuer. */
function listenerTls({ tls }: GatewayOptions): string {
  if (tls === undefined) return '';
  const certificates = `                # Whoever has issued it: Countersign compares it with what a key or a token is bound to.
                validation_context:
                  trusted_ca: { filename: /etc/ssl/certs/ca-certificates.crt }
                  trust_chain_verification: ACCEPT_UNTRUSTED
`;
  return `          transport_socket:
            name: envoy.transport_sockets.tls
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
              require_client_certificate: false
              common_tls_context:
                tls_certificates:
                  - certificate_chain: { filename: ${tls.certificate} }
                    private_key: { filename: ${tls.key} }
${tls.clientCertificates ? certificates : ''}`;
}

const FORWARD_CERTIFICATE = `                # The header tells of the certificate that was shown here, and of no other.
                forward_client_cert_details: SANITIZE_SET
                set_current_client_cert_details: { cert: true }
`;

/** RFC 9728 §3.1 */
function metadataRoute({ metadata }: GatewayOptions): string {
  if (metadata === undefined) return '';
  return `                        # What the upstream is, for everybody (RFC 9728).
                        - match:
                            path: ${metadata.path}
                            headers:
                              - name: ":method"
                                string_match: { safe_regex: { regex: "GET|HEAD" } }
                          route: { cluster: countersign, prefix_rewrite: ${metadata.servicePath} }
                          request_headers_to_remove: [cookie]
                          typed_per_filter_config:
                            envoy.filters.http.ext_authz:
                              "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute
                              disabled: true
`;
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
