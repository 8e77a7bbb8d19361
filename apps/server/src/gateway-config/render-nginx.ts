import { PRINCIPAL_HEADERS } from '../endpoints/forward-auth/principal-headers.js';
import { CERTIFICATE_HEADERS, certificateCondition } from './certificate-headers.js';
import { endpointText, serviceUrl } from './endpoint-text.js';
import { FORWARDING_HEADERS } from './forwarding-headers.js';
import type { GatewayOptions } from './gateway-options.js';

const SERVICE_TLS = [
  '    proxy_ssl_verify on;',
  '    proxy_ssl_server_name on;',
  '    proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;',
];

/** nginx: `auth_request`, to be included in `http { … }`. @see https://nginx.org/en/docs/http/ngx_http_auth_request_module.html */
export function renderNginx(options: GatewayOptions): string {
  const take = PRINCIPAL_HEADERS.map((name) => {
    const variable = variableOf(name);
    return `    auth_request_set ${variable} $upstream_http_${underscored(name)};`;
  });
  const handOn = PRINCIPAL_HEADERS.map(
    (name) => `    proxy_set_header ${name} ${variableOf(name)};`,
  );
  return `# nginx asks Countersign about every request. Include this in http { }.
# Countersign must trust this nginx: COUNTERSIGN_TRUSTED_PROXIES.
${options.tls?.clientCertificates ? `# ${certificateCondition('X-SSL-Client-Cert')}\n` : ''}server {
${listen(options)}  # Headers named X_Principal_… and X.Principal.… are dropped; some backends read them as X-Principal-….
  # Where several servers share this address, what counts is what the default server says.
  underscores_in_headers off;
  ignore_invalid_headers on;

  location / {
    auth_request /_countersign;
    # What the upstream answers is its own.
    proxy_intercept_errors off;
    error_page 403 = @countersign_refused;
    error_page 500 = @countersign_undecided;
    auth_request_set $countersign_status $upstream_status;
    auth_request_set $countersign_challenge $upstream_http_www_authenticate;
    auth_request_set $countersign_retry_after $upstream_http_retry_after;
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
${removed(CERTIFICATE_HEADERS)}    # As nginx sees the end client; what the end client says of itself is overwritten.
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-Proto $scheme;
${removed(FORWARDING_HEADERS)}    proxy_pass http://${endpointText(options.upstream)};
  }

${metadataLocation(options)}  location = /_countersign {
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
    # Nobody but this proxy may speak of certificates (RFC 9440 §4).
${certificateHeaders(options)}    proxy_set_header X-Original-Method "";
    proxy_set_header X-Original-URI "";
    proxy_set_header X-Original-URL "";
${options.service.tls ? `${SERVICE_TLS.join('\n')}\n` : ''}    proxy_cache off;
    # The answer's headers hold a token.
    proxy_buffer_size 16k;
    proxy_buffers 4 16k;
    proxy_connect_timeout 1s;
    proxy_read_timeout 3s;
  }

  # nginx itself hands a challenge on with 401 only (RFC 6750 §3.1).
  location @countersign_refused {
    add_header WWW-Authenticate $countersign_challenge always;
    add_header Cache-Control no-store always;
    return 403;
  }

  # nginx calls all that is neither yes nor no 500. What is not a decision is an outage; but 500 is what
  # Countersign answers where it is asked wrongly, and after a yes what fails is nginx.
  location @countersign_undecided {
    add_header Retry-After $countersign_retry_after always;
    add_header Cache-Control no-store always;
    if ($countersign_status = 429) { return 429; }
    if ($countersign_status ~ "(200|500)$") { return 500; }
    return 503;
  }
}
`;
}

function removed(names: readonly string[]): string {
  return names.map((name) => `    proxy_set_header ${name} "";\n`).join('');
}

function listen({ listen: endpoint, tls }: GatewayOptions): string {
  if (tls === undefined) return `  listen ${endpointText(endpoint)};\n`;
  const certificates = `
  # Whoever has issued it: Countersign compares it with what a key or a token is bound to.
  ssl_verify_client optional_no_ca;`;
  return `  listen ${endpointText(endpoint)} ssl;
  ssl_certificate ${tls.certificate};
  ssl_certificate_key ${tls.key};${tls.clientCertificates ? certificates : ''}
`;
}

function certificateHeaders({ tls }: GatewayOptions): string {
  const valueOf = (name: string) =>
    tls?.clientCertificates && name === 'X-SSL-Client-Cert' ? '$ssl_client_escaped_cert' : '""';
  return CERTIFICATE_HEADERS.map((name) => `    proxy_set_header ${name} ${valueOf(name)};\n`).join(
    '',
  );
}

/** RFC 9728 §3.1 */
function metadataLocation(options: GatewayOptions): string {
  const { metadata } = options;
  if (metadata === undefined) return '';
  return `  # What the upstream is, for everybody (RFC 9728).
  location = ${metadata.path} {
    limit_except GET { deny all; }
    proxy_pass ${serviceUrl(options)}${metadata.servicePath};
    proxy_pass_request_body off;
    proxy_pass_request_headers off;
    proxy_set_header Content-Length "";
${options.service.tls ? `${SERVICE_TLS.join('\n')}\n` : ''}  }

`;
}

function variableOf(name: string): string {
  return `$countersign_${underscored(name)}`;
}

function underscored(name: string): string {
  return name.toLowerCase().replaceAll('-', '_');
}
