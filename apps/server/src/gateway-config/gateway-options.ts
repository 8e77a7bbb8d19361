import { parseArgs } from 'node:util';
import { readRequirement, WrongRequirement } from '../endpoints/forward-auth/requirement.js';
import { metadataPath } from '../http/metadata-url.js';

export const GATEWAYS = ['nginx', 'caddy', 'traefik', 'envoy', 'haproxy', 'apache'] as const;
export type Gateway = (typeof GATEWAYS)[number];

/** An address and a port; the address of IPv6 stands in brackets. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Paths of files, as the gateway finds them. */
export interface GatewayTls {
  readonly certificate: string;
  readonly key: string;
  /** Whether it asks end clients for a certificate, and tells Countersign of it. */
  readonly clientCertificates: boolean;
}

/** Plain characters alone, in both paths. */
export interface MetadataRoute {
  /** Where clients look for it at the gateway. @see RFC 9728 §3.1 */
  readonly path: string;
  /** Where Countersign has it. */
  readonly servicePath: string;
}

/** What a gateway's configuration is made for; every text in it is safe in any of them. */
export interface GatewayOptions {
  readonly gateway: Gateway;
  readonly service: Endpoint & { readonly tls: boolean };
  readonly upstream: Endpoint;
  readonly listen: Endpoint;
  /** What it terminates TLS with; undefined: it does not. */
  readonly tls: GatewayTls | undefined;
  /** The upstream's metadata, which the gateway hands out; undefined: it does not. */
  readonly metadata: MetadataRoute | undefined;
  /** The requirement, form-encoded. @see readRequirement */
  readonly requirement: string;
  /** Whether Envoy is to ask over gRPC. */
  readonly grpc: boolean;
  /** Whether the Lua script is wanted, and not the configuration that loads it. */
  readonly script: boolean;
  /** Where the configuration finds the Lua script. */
  readonly scriptPath: string;
}

/** `message` says what to do. */
export class WrongGatewayOptions extends Error {
  override readonly name = 'WrongGatewayOptions';
}

export const GATEWAY_CONFIG_USAGE = `Usage: gateway-config <${GATEWAYS.join('|')}> --upstream <url> [options]

  --upstream <url>     what the gateway protects, like http://127.0.0.1:3000
  --service <url>      where the gateway reaches Countersign (default http://127.0.0.1:8080,
                       with --grpc http://127.0.0.1:9191)
  --listen <endpoint>  where the gateway listens (default 127.0.0.1:8081)
  --audience <uri>     the upstream's audience: a resource server of Countersign
  --scopes <scopes>    scopes that every request needs, separated by spaces
  --resource-metadata  hand out the metadata of the upstream, which is that of its audience
  --tls-certificate <path>  terminate TLS with this certificate
  --tls-key <path>     the key of that certificate (HAProxy finds it in <certificate>.key)
  --client-certificates  ask end clients for a certificate, and tell Countersign of it
  --optional           let requests without any credential pass, as nobody
  --grpc               have Envoy ask over gRPC, at COUNTERSIGN_EXT_AUTHZ_PORT
  --script             print the Lua script that HAProxy or Apache loads, and not the configuration
  --script-path <path> where HAProxy or Apache finds that script
`;

const OPTIONS = {
  upstream: { type: 'string' },
  service: { type: 'string' },
  listen: { type: 'string', default: '127.0.0.1:8081' },
  audience: { type: 'string' },
  scopes: { type: 'string' },
  'resource-metadata': { type: 'boolean', default: false },
  'tls-certificate': { type: 'string' },
  'tls-key': { type: 'string' },
  'client-certificates': { type: 'boolean', default: false },
  optional: { type: 'boolean', default: false },
  grpc: { type: 'boolean', default: false },
  script: { type: 'boolean', default: false },
  'script-path': { type: 'string' },
} as const;

const SCRIPT_PATHS: Partial<Record<Gateway, string>> = {
  haproxy: '/etc/haproxy/countersign.lua',
  apache: '/etc/apache2/countersign.lua',
};

/** @throws {WrongGatewayOptions} */
export function readGatewayOptions(args: readonly string[]): GatewayOptions {
  const { values, positionals } = parse(args);
  const gateway = GATEWAYS.find((name) => name === positionals[0]);
  if (gateway === undefined || positionals.length !== 1) {
    throw new WrongGatewayOptions(`Name one gateway: ${GATEWAYS.join(', ')}.`);
  }
  if (values.upstream === undefined) throw new WrongGatewayOptions('--upstream is missing.');
  const { grpc } = values;
  if (grpc && gateway !== 'envoy') throw new WrongGatewayOptions('--grpc is for envoy only.');
  const defaultService = grpc ? 'http://127.0.0.1:9191' : 'http://127.0.0.1:8080';
  const service = readUrl('--service', values.service ?? defaultService);
  const upstream = readUrl('--upstream', values.upstream);
  if (upstream.tls) throw new WrongGatewayOptions('--upstream must begin with http://.');
  if (gateway === 'apache' && service.tls) {
    throw new WrongGatewayOptions("--service must begin with http://: Apache's Lua has no TLS.");
  }
  const scriptPath = values['script-path'] ?? SCRIPT_PATHS[gateway];
  if (scriptPath === undefined && values.script) {
    throw new WrongGatewayOptions(`There is no script for ${gateway}.`);
  }
  if (scriptPath !== undefined) requirePath('--script-path', scriptPath);
  return {
    gateway,
    service,
    upstream,
    listen: readEndpoint('--listen', values.listen),
    tls: readTls(gateway, values),
    metadata: values['resource-metadata'] ? readMetadata(values.audience, grpc) : undefined,
    requirement: requirementOf(values),
    grpc,
    script: values.script,
    scriptPath: scriptPath ?? '',
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new WrongGatewayOptions((error as Error).message);
  }
}

function readTls(
  gateway: Gateway,
  values: {
    readonly 'tls-certificate'?: string | undefined;
    readonly 'tls-key'?: string | undefined;
    readonly 'client-certificates': boolean;
  },
): GatewayTls | undefined {
  const { 'tls-certificate': certificate, 'client-certificates': clientCertificates } = values;
  // HAProxy looks in the certificate's own file, and then there.
  const key = gateway === 'haproxy' ? `${certificate}.key` : values['tls-key'];
  if (certificate === undefined) {
    if (values['tls-key'] === undefined && !clientCertificates) return undefined;
    throw new WrongGatewayOptions('--tls-certificate is missing.');
  }
  if (gateway === 'traefik') {
    throw new WrongGatewayOptions('--tls-certificate is not for traefik: its entry point has it.');
  }
  if (key === undefined) throw new WrongGatewayOptions('--tls-key is missing.');
  requirePath('--tls-certificate', certificate);
  requirePath('--tls-key', key);
  return { certificate, key, clientCertificates };
}

function readMetadata(audience: string | undefined, grpc: boolean): MetadataRoute {
  if (grpc) {
    throw new WrongGatewayOptions('--resource-metadata is not for --grpc: it is had over HTTP.');
  }
  // Nothing that a configuration gives a meaning to, whatever an audience may have.
  if (audience === undefined || !/^https:\/\/[A-Za-z0-9.:-]+(?:\/[\w./-]*)?$/.test(audience)) {
    throw new WrongGatewayOptions(
      '--resource-metadata needs an --audience that is an https URL of plain characters.',
    );
  }
  return {
    path: metadataPath(audience),
    servicePath: `/resource-metadata/${audience.slice('https://'.length)}`,
  };
}

function requirePath(option: string, path: string): void {
  if (!/^\/[\w./-]+$/.test(path)) {
    throw new WrongGatewayOptions(`${option} must be an absolute path of plain characters.`);
  }
}

function readUrl(option: string, text: string): Endpoint & { tls: boolean } {
  const [, scheme, rest = ''] = /^(https?):\/\/([^/]+)\/?$/.exec(text) ?? [];
  if (scheme === undefined) {
    throw new WrongGatewayOptions(
      `${option} must be a URL without path, like http://10.0.0.5:8080.`,
    );
  }
  const tls = scheme === 'https';
  const hasPort = /:\d+$/.test(rest);
  return { ...readEndpoint(option, hasPort ? rest : `${rest}:${tls ? 443 : 80}`), tls };
}

/** Nothing that any of the configuration languages gives a meaning to. */
function readEndpoint(option: string, text: string): Endpoint {
  const [, host, port] = /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\]):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || !(Number(port) >= 1 && Number(port) <= 65_535)) {
    throw new WrongGatewayOptions(`${option} must name a host and a port, like 127.0.0.1:8080.`);
  }
  return { host, port: Number(port) };
}

/** Never empty: with Caddy, a URL without a query gets the end client's. */
function requirementOf(values: {
  readonly scopes?: string | undefined;
  readonly audience?: string | undefined;
  readonly optional: boolean;
}): string {
  const parameters = Object.entries({
    scopes: values.scopes,
    audience: values.audience,
    optional: String(values.optional),
  });
  const encoded = parameters
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${plainlyEncoded(value ?? '')}`)
    .join('&');
  try {
    readRequirement(encoded);
    return encoded;
  } catch (error) {
    if (error instanceof WrongRequirement) throw new WrongGatewayOptions(`--${error.message}.`);
    throw error;
  }
}

/** Also what `encodeURIComponent` leaves, and a configuration language may read as a quote. */
function plainlyEncoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
