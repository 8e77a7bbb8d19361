import {
  GATEWAY_CONFIG_USAGE,
  type Gateway,
  type GatewayOptions,
  readGatewayOptions,
  WrongGatewayOptions,
} from './gateway-options.js';
import { renderApache } from './render-apache.js';
import { renderCaddy } from './render-caddy.js';
import { renderEnvoy } from './render-envoy.js';
import { renderHaproxy } from './render-haproxy.js';
import { renderNginx } from './render-nginx.js';
import { renderTraefik } from './render-traefik.js';

const RENDERERS: Readonly<Record<Gateway, (options: GatewayOptions) => string>> = {
  nginx: renderNginx,
  caddy: renderCaddy,
  traefik: renderTraefik,
  envoy: renderEnvoy,
  haproxy: renderHaproxy,
  apache: renderApache,
};

/**
 * Prints the configuration of a gateway that asks `/forward-auth` about every request.
 * @param print standard output and standard error
 * @returns the exit code: 2 where the arguments are wrong
 */
export function printGatewayConfig(
  args: readonly string[],
  print: { readonly out: (text: string) => void; readonly error: (text: string) => void },
): number {
  try {
    const options = readGatewayOptions(args);
    print.out(RENDERERS[options.gateway](options));
    return 0;
  } catch (error) {
    if (!(error instanceof WrongGatewayOptions)) throw error;
    print.error(`${error.message}\n\n${GATEWAY_CONFIG_USAGE}`);
    return 2;
  }
}
