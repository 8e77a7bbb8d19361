import { CERTIFICATE_HEADERS } from './certificate-headers.js';
import { endpointText, serviceUrl } from './endpoint-text.js';
import { FORWARDING_HEADERS } from './forwarding-headers.js';
import type { GatewayOptions } from './gateway-options.js';

/** Traefik: ForwardAuth, for the file provider. @see https://doc.traefik.io/traefik/middlewares/http/forwardauth/ */
export function renderTraefik(options: GatewayOptions): string {
  const removed = [...FORWARDING_HEADERS.filter(isLeftByTraefik), ...CERTIFICATE_HEADERS].map(
    (name) => `          ${name}: ""`,
  );
  return `# Traefik asks Countersign about every request. Dynamic configuration, for the file provider; the entry
# point "web" (${endpointText(options.listen)}) is of the static configuration:
#   entryPoints: { web: { address: "${endpointText(options.listen)}" } }
# Countersign must trust this Traefik: COUNTERSIGN_TRUSTED_PROXIES.
# Traefik 2.4.13 or later: by Connection, the end client has an earlier one leave out what is handed on.
http:
  routers:
    upstream:
      entryPoints: [web]
      rule: "PathPrefix(\`/\`)"
      service: upstream
      # In this order.
      middlewares: [countersign-strip, countersign, countersign-credential]
${metadataRouter(options)}  middlewares:
    # What the end client says of itself; of X-Forwarded-… Traefik takes care. An empty value removes.
    countersign-strip:
      headers:
        customRequestHeaders:
${removed.join('\n')}
    countersign:
      forwardAuth:
        address: "${serviceUrl(options)}/forward-auth?${options.requirement}"
        # X-Forwarded-For, -Method and -Uri as Traefik sees the end client.
        trustForwardHeader: false
        authRequestHeaders: [Authorization, X-Api-Key, DPoP]
        # Whatever the end client sent by these names is overwritten, or removed, in every spelling:
        # X_Principal_… and X.Principal.… too; some backends read them alike.
        authResponseHeadersRegex: "(?i)^x[^a-z0-9]principal"
    # The upstream gets the signed token and never the credential.
    countersign-credential:
      headers:
        customRequestHeaders:
          Authorization: ""
          X-Api-Key: ""
          DPoP: ""
${metadataMiddleware(options)}  services:
    upstream:
      loadBalancer:
        servers:
          - url: "http://${endpointText(options.upstream)}"
${metadataService(options)}`;
}

function isLeftByTraefik(name: string): boolean {
  return !name.startsWith('X-Forwarded-') && name !== 'X-Real-Ip';
}

/** RFC 9728 §3.1 */
function metadataRouter({ metadata }: GatewayOptions): string {
  if (metadata === undefined) return '';
  return `    # What the upstream is, for everybody (RFC 9728). The longer rule comes first.
    metadata:
      entryPoints: [web]
      rule: "Path(\`${metadata.path}\`) && (Method(\`GET\`) || Method(\`HEAD\`))"
      service: countersign
      middlewares: [countersign-credential, countersign-metadata]
`;
}

function metadataMiddleware({ metadata }: GatewayOptions): string {
  if (metadata === undefined) return '';
  return `    countersign-metadata:
      replacePath:
        path: "${metadata.servicePath}"
`;
}

function metadataService(options: GatewayOptions): string {
  if (options.metadata === undefined) return '';
  return `    countersign:
      loadBalancer:
        servers:
          - url: "${serviceUrl(options)}"
`;
}
