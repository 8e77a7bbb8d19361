import type { Config } from '../config/config.js';
import type { reportFailure } from '../data-plane/report-failure.js';
import type { GatewayAuthorizer } from '../endpoints/forward-auth/gateway-authorizer.js';

/** Envoy's ext_authz, as far as it is served. */
export interface ServedExtAuthz {
  /** The TCP port; null: it is not served. */
  readonly port: number | null;
  /** Takes no more calls, answers what is in progress for `graceMs` milliseconds, and closes. */
  stop(graceMs: number): Promise<void>;
}

export const EXT_AUTHZ_NOT_SERVED: ServedExtAuthz = { port: null, stop: () => Promise.resolve() };

/**
 * Serves Envoy's ext_authz where it is asked for. gRPC is loaded only then, for the memory that it takes.
 * @throws where the port is taken
 */
export async function serveExtAuthz(
  { extAuthzPort, host, trustedProxies }: Pick<Config, 'extAuthzPort' | 'host' | 'trustedProxies'>,
  authorizer: GatewayAuthorizer,
  report: ReturnType<typeof reportFailure>,
): Promise<ServedExtAuthz> {
  if (extAuthzPort === null) return EXT_AUTHZ_NOT_SERVED;
  const { AuthorizationCheck } = await import('../ext-authz/authorization-check.js');
  const { ExtAuthzServer } = await import('../ext-authz/ext-authz-server.js');
  const server = new ExtAuthzServer(new AuthorizationCheck(authorizer, trustedProxies, report));
  const port = await server.listen(host, extAuthzPort);
  return { port, stop: (graceMs) => server.stop(graceMs) };
}
