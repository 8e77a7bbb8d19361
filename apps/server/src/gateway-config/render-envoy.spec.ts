import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { otherSpellings } from '../endpoints/forward-auth/other-spellings.js';
import { PRINCIPAL_HEADERS } from '../endpoints/forward-auth/principal-headers.js';
import { CERTIFICATE_HEADERS } from './certificate-headers.js';
import { FORWARDING_HEADERS } from './forwarding-headers.js';
import { readGatewayOptions } from './gateway-options.js';
import { renderEnvoy } from './render-envoy.js';

function rendered(...args: string[]) {
  const upstream = ['--upstream', 'http://10.0.0.5:3000'];
  const { static_resources } = parse(
    renderEnvoy(readGatewayOptions(['envoy', ...upstream, ...args])),
  );
  const [{ filter_chains }] = static_resources.listeners;
  const { typed_config: manager } = filter_chains[0].filters[0];
  const filters = new Map<string, ReturnType<typeof parse>>();
  for (const { name, typed_config } of manager.http_filters) {
    filters.set(name.split('.').at(-1), typed_config);
  }
  const addresses = new Map<string, unknown>();
  for (const { name, load_assignment } of static_resources.clusters) {
    const [{ endpoint }] = load_assignment.endpoints[0].lb_endpoints;
    addresses.set(name, endpoint.address.socket_address);
  }
  return { manager, filters, addresses };
}

const exact = (names: readonly string[]) => names.map((name) => ({ exact: name }));

describe.each([
  ['HTTP', []],
  ['gRPC', ['--grpc']],
])('renderEnvoy, over %s', (_, args) => {
  it('removes lies, asks, and then lets through, in this order', () => {
    const { filters, manager } = rendered(...args);
    expect([...filters.keys()]).toEqual(['lua', 'ext_authz', 'router']);
    expect(manager.route_config.virtual_hosts).toHaveLength(1);
    expect(manager.route_config.virtual_hosts[0].routes).toEqual([
      { match: { prefix: '/' }, route: { cluster: 'upstream' } },
    ]);
  });

  it('lets nothing through without a yes, and says 503 where there is no answer', () => {
    expect(rendered(...args).filters.get('ext_authz')).toMatchObject({
      failure_mode_allow: false,
      status_on_error: { code: 'ServiceUnavailable' },
    });
  });

  it('reads a path as the upstream will, and knows who connects', () => {
    expect(rendered(...args).manager).toMatchObject({
      use_remote_address: true,
      normalize_path: true,
      path_with_escaped_slashes_action: 'REJECT_REQUEST',
    });
  });

  it('removes every header of a principal that the end client sends, in every spelling, and no other', () => {
    const { manager, filters } = rendered(...args);
    const underscores = manager.common_http_protocol_options.headers_with_underscores_action;
    expect(underscores).toBe('DROP_HEADER');
    const code: string = filters.get('lua').default_source_code.inline_string;
    const [, pattern = ''] = /if name:lower\(\):find\("([^"]+)"\) then/.exec(code) ?? [];
    expect(code).toContain('handle:headers():remove(name)');
    // Lua's class of letters and digits.
    const expression = new RegExp(pattern.replaceAll('%w', 'a-z0-9'));
    const isRemoved = (name: string) => pattern !== '' && expression.test(name.toLowerCase());
    const names = [...PRINCIPAL_HEADERS, ...otherSpellings(), 'x-principal', 'X.PRINCIPAL-extra'];
    expect(names.filter((name) => !isRemoved(name))).toEqual([]);
    const others = ['X-Request-Id', 'Principal', 'X-My-Principal', 'Xprincipal', 'X-Prince'];
    expect(others.filter(isRemoved)).toEqual([]);
  });

  it('hands the upstream neither the credential nor what the end client says of itself', () => {
    const [host] = rendered(...args).manager.route_config.virtual_hosts;
    const names = ['Authorization', 'X-API-Key', 'DPoP', 'X-Forwarded-Host'];
    const removed = [...names, ...CERTIFICATE_HEADERS, ...FORWARDING_HEADERS];
    expect(host.request_headers_to_remove.toSorted()).toEqual(
      removed.map((name) => name.toLowerCase()).toSorted(),
    );
    expect(host.request_headers_to_add).toEqual([
      {
        header: { key: 'x-forwarded-for', value: '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%' },
        append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
      },
    ]);
  });

  it('finds the service and the upstream where it is told to', () => {
    const { addresses } = rendered(...args, '--service', 'http://auth.internal:7000');
    expect(Object.fromEntries(addresses)).toEqual({
      upstream: { address: '10.0.0.5', port_value: 3000 },
      countersign: { address: 'auth.internal', port_value: 7000 },
    });
  });
});

describe('renderEnvoy, over HTTP alone', () => {
  it('asks with what a decision needs, and hands on what was decided', () => {
    const { http_service, allowed_headers } = rendered('--scopes', 'a b').filters.get('ext_authz');
    const asked = ['authorization', 'x-api-key', 'x-forwarded-for', 'dpop', 'x-forwarded-proto'];
    expect(allowed_headers.patterns).toEqual(exact(asked));
    expect(http_service.path_prefix).toBe('/forward-auth;scopes=a%20b&optional=false;');
    expect(http_service.authorization_response).toEqual({
      allowed_upstream_headers: { patterns: [{ prefix: 'x-principal-' }] },
      allowed_client_headers: {
        patterns: exact(['www-authenticate', 'dpop-nonce', 'cache-control']),
      },
    });
  });
});
