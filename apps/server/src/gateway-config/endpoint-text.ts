import type { Endpoint, GatewayOptions } from './gateway-options.js';

/** `host:port`, as every configuration has it. */
export function endpointText({ host, port }: Endpoint): string {
  return `${host}:${port}`;
}

/** The address alone; IPv6 without its brackets. */
export function addressText({ host }: Endpoint): string {
  return host.replace(/^\[|\]$/g, '');
}

/** The service's URL, without a path. */
export function serviceUrl({ service }: GatewayOptions): string {
  return `${service.tls ? 'https' : 'http'}://${endpointText(service)}`;
}
