import { PRINCIPAL_HEADERS } from '../endpoints/forward-auth/principal-headers.js';
import { addressText, endpointText, serviceUrl } from './endpoint-text.js';
import type { GatewayOptions } from './gateway-options.js';

/** Caddy: `forward_auth`, a site of the Caddyfile. @see https://caddyserver.com/docs/caddyfile/directives/forward_auth */
export function renderCaddy(options: GatewayOptions): string {
  return `# Caddy asks Countersign about every request. This is a site of the Caddyfile; put your own name in
# place of http://:${options.listen.port} to have TLS.
# Countersign must trust this Caddy: COUNTERSIGN_TRUSTED_PROXIES.
http://:${options.listen.port} {
	bind ${addressText(options.listen)}
	# In this order; Caddy would put its own.
	route {
		# In every spelling, X_Principal_… and X.Principal.… too; some backends read them alike.
		request_header -*principal*
		# Nobody but a proxy that terminates TLS may speak of certificates.
		request_header -Client-Cert
		request_header -Client-Cert-Chain
		request_header -X-Ssl-Client-Cert
		request_header -X-Forwarded-Client-Cert
		request_header -X-Original-Method
		request_header -X-Original-Uri
		request_header -X-Original-Url
		forward_auth ${serviceUrl(options)} {
			# Without a query of its own, Caddy would send the end client's.
			uri /forward-auth?${options.requirement}
			copy_headers ${PRINCIPAL_HEADERS.join(' ')}
			transport http {
				dial_timeout 1s
				response_header_timeout 3s
			}
		}
		# The upstream gets the signed token and never the credential.
		request_header -Authorization
		request_header -X-Api-Key
		request_header -DPoP
		reverse_proxy http://${endpointText(options.upstream)}
	}
}
`;
}
