import { PRINCIPAL_HEADERS } from '../endpoints/forward-auth/principal-headers.js';
import { CERTIFICATE_HEADERS, certificateCondition } from './certificate-headers.js';
import { addressText, endpointText, serviceUrl } from './endpoint-text.js';
import type { GatewayOptions } from './gateway-options.js';

/** Caddy: `forward_auth`, a site of the Caddyfile. @see https://caddyserver.com/docs/caddyfile/directives/forward_auth */
export function renderCaddy(options: GatewayOptions): string {
  const { tls, listen } = options;
  const scheme = tls === undefined ? 'http' : 'https';
  return `# Caddy asks Countersign about every request. This is a site of the Caddyfile${
    tls === undefined
      ? `; put your own name in\n# place of http://:${listen.port} to have TLS`
      : `; put your own name\n# before :${listen.port}`
  }.
# Countersign must trust this Caddy: COUNTERSIGN_TRUSTED_PROXIES.
${tls?.clientCertificates ? `# ${certificateCondition('Client-Cert')}\n` : ''}${scheme}://:${listen.port} {
	bind ${addressText(listen)}
${siteTls(options)}	# In this order; Caddy would put its own.
	route {
${metadataHandler(options)}		# Nothing but an upgrade: by Connection, the end client would have Caddy leave out headers that
		# are set below (RFC 9110 §7.6.1).
		@upgrade header_regexp Connection ${UPGRADE}
		@no_upgrade not header_regexp Connection ${UPGRADE}
		request_header @no_upgrade -Connection
		request_header @upgrade Connection Upgrade
		# In every spelling, X_Principal_… and X.Principal.… too; some backends read them alike.
		request_header -*principal*
		# What the end client says of itself; Caddy says it below. Leave these out where a proxy that
		# trusted_proxies names stands before this one.
		request_header -*forwarded*
		request_header -X-Real-Ip
		request_header -X-Original-*
		# Nobody but this proxy may speak of certificates (RFC 9440 §4).
${WITHOUT_CERTIFICATES}${tls?.clientCertificates ? TELL_CERTIFICATE : ''}		vars countersign undecided
		forward_auth ${serviceUrl(options)} {
			# Without a query of its own, Caddy would send the end client's.
			uri /forward-auth?${options.requirement}
			copy_headers ${PRINCIPAL_HEADERS.join(' ')}
			transport http {
				dial_timeout 1s
				response_header_timeout 3s
			}
			# What is not a decision is an outage; 500 is what Countersign answers where it is asked wrongly.
			@answer status 401 403 429 500 503
			handle_response @answer {
				copy_response
			}
			handle_response {
				error 503
			}
		}
		vars countersign yes
		# The upstream gets the signed token and never the credential.
		request_header -Authorization
		request_header -X-Api-Key
		request_header -DPoP
${tls?.clientCertificates ? WITHOUT_CERTIFICATES : ''}		reverse_proxy http://${endpointText(options.upstream)}
	}
	handle_errors {
		# No answer at all: to Caddy 502 or 504, as where the upstream gives none.
		@undecided vars countersign undecided
		header @undecided Cache-Control no-store
		respond @undecided 503
	}
}
`;
}

/** Of several values, as browsers send them: `keep-alive, Upgrade`. */
const UPGRADE = '(?i)(^|,)\\s*upgrade\\s*(,|$)';

const WITHOUT_CERTIFICATES = CERTIFICATE_HEADERS.map(
  (name) => `\t\trequest_header -${name}\n`,
).join('');

const DER = '{http.request.tls.client.certificate_der_base64}';

/** RFC 9440 §2.1 */
const TELL_CERTIFICATE = `		@certificate expression \`${DER} != null && ${DER} != ""\`
		request_header @certificate Client-Cert ":${DER}:"
`;

function siteTls({ tls }: GatewayOptions): string {
  if (tls === undefined) return '';
  if (!tls.clientCertificates) return `\ttls ${tls.certificate} ${tls.key}\n`;
  return `	tls ${tls.certificate} ${tls.key} {
		client_auth {
			# Whoever has issued it: Countersign compares it with what a key or a token is bound to.
			mode request
		}
	}
`;
}

/** RFC 9728 §3.1 */
function metadataHandler(options: GatewayOptions): string {
  const { metadata } = options;
  if (metadata === undefined) return '';
  return `		# What the upstream is, for everybody (RFC 9728).
		@metadata {
			method GET HEAD
			path ${metadata.path}
		}
		handle @metadata {
			rewrite * ${metadata.servicePath}
			reverse_proxy ${serviceUrl(options)} {
				header_up -Authorization
				header_up -X-Api-Key
				header_up -Cookie
			}
		}
`;
}
