import { PRINCIPAL_HEADERS } from '../endpoints/forward-auth/principal-headers.js';
import { endpointText, serviceUrl } from './endpoint-text.js';
import type { GatewayOptions } from './gateway-options.js';

/** nginx: `auth_request`, to be included in `http { … }`. @see https://nginx.org/en/docs/http/ngx_http_auth_request_module.html */
export function renderNginx(options: GatewayOptions): string {
  const take = PRINCIPAL_HEADERS.map((name) => {
    const variable = variableOf(name);
    return `    auth_request_set ${variable} $upstream_http_${underscored(name)};`;
  });
  const handOn = PRINCIPAL_HEADERS.map(
    (name) => `    proxy_set_header ${name} ${variableOf(name)};`,
  );
  const tls = [
    '    proxy_ssl_verify on;',
    '    proxy_ssl_server_name on;',
    '    proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;',
  ];
  return `# nginx asks Countersign about every request. Include this in http { }.
# Countersign must trust this nginx: COUNTERSIGN_TRUSTED_PROXIES.
server {
  listen ${endpointText(options.listen)};
  # Headers named X_Principal_… and X.Principal.… are dropped; some backends read them as X-Principal-….
  # Where several servers share this address, what counts is what the default server says.
  underscores_in_headers off;
  ignore_invalid_headers on;

  location / {
    auth_request /_countersign;
    auth_request_set $countersign_dpop_nonce $upstream_http_dpop_nonce;
    # For the end client's next proof (RFC 9449 §9).
    add_header DPoP-Nonce $countersign_dpop_nonce always;
${take.join('\n')}
    # Whatever the end client sent by these names is overwritten, or removed where it is empty.
${handOn.join('\n')}
    # The upstream gets the signed token and never the credential.
    proxy_set_header Authorization "";
    proxy_set_header X-API-Key "";
    proxy_set_header DPoP "";
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_pass http://${endpointText(options.upstream)};
  }

  location = /_countersign {
    internal;
    proxy_pass ${serviceUrl(options)}/forward-auth?${options.requirement};
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
    # As nginx sees the end client; what the end client says of itself is overwritten.
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Method $request_method;
    proxy_set_header X-Forwarded-Uri $request_uri;
    # What a DPoP proof speaks of.
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Host $http_host;
    # Nobody but a proxy that terminates TLS may speak of certificates.
    proxy_set_header Client-Cert "";
    proxy_set_header Client-Cert-Chain "";
    proxy_set_header X-SSL-Client-Cert "";
    proxy_set_header X-Forwarded-Client-Cert "";
    proxy_set_header X-Original-Method "";
    proxy_set_header X-Original-URI "";
    proxy_set_header X-Original-URL "";
${options.service.tls ? `${tls.join('\n')}\n` : ''}    proxy_cache off;
    # The answer's headers hold a token.
    proxy_buffer_size 16k;
    proxy_buffers 4 16k;
    proxy_connect_timeout 1s;
    proxy_read_timeout 3s;
  }
}
`;
}

function variableOf(name: string): string {
  return `$countersign_${underscored(name)}`;
}

function underscored(name: string): string {
  return name.toLowerCase().replaceAll('-', '_');
}
