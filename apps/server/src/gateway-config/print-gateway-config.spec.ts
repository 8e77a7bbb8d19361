import { describe, expect, it } from '@jest/globals';
import { PRINCIPAL_HEADERS } from '../endpoints/forward-auth/principal-headers.js';
import { GATEWAYS } from './gateway-options.js';
import { printGatewayConfig } from './print-gateway-config.js';

function run(...args: string[]) {
  let out = '';
  let error = '';
  const code = printGatewayConfig(args, {
    out: (text) => (out += text),
    error: (text) => (error += text),
  });
  return { code, out, error };
}

const UPSTREAM = ['--upstream', 'http://10.0.0.5:3000'];

describe('printGatewayConfig', () => {
  it.each(GATEWAYS)('prints a configuration of %s, with all that it was told', (gateway) => {
    const options = ['--service', 'http://auth.internal:8080', '--listen', '0.0.0.0:80'];
    const asked = ['--audience', 'https://api.example.com', '--scopes', 'read:users a;b'];
    const script =
      gateway === 'haproxy' || gateway === 'apache'
        ? run(gateway, '--script', ...options, ...asked, ...UPSTREAM).out
        : '';
    const { code, out } = run(gateway, ...options, ...asked, ...UPSTREAM);
    expect(code).toBe(0);
    const all = out + script;
    expect(all).toContain('10.0.0.5');
    expect(all).toContain('auth.internal');
    expect(all).toContain(
      'scopes=read%3Ausers%20a%3Bb&audience=https%3A%2F%2Fapi.example.com&optional=false',
    );
  });

  // Traefik and Envoy name them by how they begin.
  it.each(['nginx', 'caddy', 'haproxy', 'apache'])(
    'has %s hand on every header of a principal',
    (gateway) => {
      const script = gateway === 'haproxy' || gateway === 'apache' ? ['--script'] : [];
      const { out } = run(gateway, ...UPSTREAM, ...script);
      for (const name of PRINCIPAL_HEADERS) expect(out.toLowerCase()).toContain(name.toLowerCase());
    },
  );

  it('has Envoy ask over gRPC, with the requirement where no end client can write', () => {
    const asked = ['--audience', 'https://api.example.com/', '--scopes', "read {x}'#"];
    const { code, out } = run('envoy', '--grpc', ...asked, ...UPSTREAM);
    expect(code).toBe(0);
    for (const line of [
      'COUNTERSIGN_EXT_AUTHZ_PORT=9191',
      'envoy_grpc: { cluster_name: countersign }',
      'failure_mode_allow: false',
      'status_on_error: { code: ServiceUnavailable }',
      'http2_protocol_options: {}',
      `scopes: "read {x}'#"`,
      'audience: "https://api.example.com/"',
      'optional: "false"',
    ]) {
      expect(out).toContain(line);
    }
    expect(out).not.toContain('http_service');
    expect(run('envoy', '--grpc', '--optional', ...UPSTREAM).out).toContain('optional: "true"');
    expect(run('envoy', '--grpc', ...UPSTREAM).out).not.toMatch(/scopes:|audience:/);
  });

  it('verifies the certificate of a service behind TLS', () => {
    const at = (gateway: string) =>
      run(gateway, '--service', 'https://auth.example.com', ...UPSTREAM);
    expect(at('nginx').out).toContain('proxy_ssl_verify on;');
    expect(at('envoy').out).toContain('sni: "auth.example.com"');
    expect(at('caddy').out).toContain('forward_auth https://auth.example.com:443 {');
    expect(at('apache')).toMatchObject({ code: 2, out: '' });
  });

  it.each(GATEWAYS.filter((name) => name !== 'traefik'))(
    'has %s tell Countersign of certificates only where it asks for them (RFC 9440 §4)',
    (gateway) => {
      const tls = ['--tls-certificate', '/etc/tls/cert.pem', '--tls-key', '/etc/tls/key.pem'];
      const scripted = gateway === 'haproxy' || gateway === 'apache';
      const printed = (...args: string[]) =>
        run(gateway, ...UPSTREAM, ...tls, ...args).out +
        (scripted ? run(gateway, '--script', ...UPSTREAM, ...tls, ...args).out : '');
      const source =
        /ssl_client_escaped_cert|certificate_der_base64|ssl_c_der|SSL_CLIENT_CERT|SANITIZE_SET/;
      const condition = /COUNTERSIGN_CLIENT_CERT_HEADER=(client-cert|x-[a-z-]+-client-cert)\./;
      expect(printed()).toContain('/etc/tls/cert.pem');
      expect(printed()).not.toMatch(source);
      expect(printed()).not.toMatch(condition);
      expect(printed('--client-certificates')).toMatch(source);
      expect(printed('--client-certificates')).toMatch(condition);
    },
  );

  it('has Envoy over gRPC tell of certificates in its own protocol', () => {
    const tls = ['--tls-certificate', '/etc/c.pem', '--tls-key', '/etc/k.pem'];
    const { out } = run('envoy', '--grpc', ...UPSTREAM, ...tls, '--client-certificates');
    expect(out).toContain('include_peer_certificate: true');
    expect(out).not.toContain('COUNTERSIGN_CLIENT_CERT_HEADER');
    expect(run('envoy', '--grpc', ...UPSTREAM, ...tls).out).not.toContain('include_peer');
  });

  it.each(GATEWAYS)('has %s hand out the metadata at the path of its audience', (gateway) => {
    const audience = ['--audience', 'https://api.example.com:8443/v1'];
    const { code, out } = run(gateway, ...UPSTREAM, ...audience, '--resource-metadata');
    expect(code).toBe(0);
    expect(out).toContain('oauth-protected-resource/v1');
    expect(out).toContain('resource-metadata/api.example.com:8443/v1');
    const without = run(gateway, ...UPSTREAM, ...audience).out;
    expect(without).not.toMatch(/oauth-protected-resource|resource-metadata/);
  });

  it.each([
    [[]],
    [['squid', ...UPSTREAM]],
    [['nginx', 'caddy', ...UPSTREAM]],
    [['nginx']],
    [['nginx', '--upstream', 'https://10.0.0.5']],
    [['nginx', '--upstream', 'http://10.0.0.5/path']],
    [['nginx', '--upstream', 'http://user@10.0.0.5']],
    [['nginx', '--upstream', 'http://10.0.0.5;}']],
    [['nginx', '--upstream', 'http://10.0.0.5\n']],
    [['nginx', '--upstream', 'http://10.0.0.5:70000']],
    [['nginx', ...UPSTREAM, '--service', 'ftp://x']],
    [['nginx', ...UPSTREAM, '--listen', '8081']],
    [['nginx', ...UPSTREAM, '--listen', '::1:8081']],
    [['nginx', ...UPSTREAM, '--scopes', '']],
    [['nginx', ...UPSTREAM, '--scopes', 'a "b"']],
    [['nginx', ...UPSTREAM, '--audience', 'api']],
    [['nginx', ...UPSTREAM, '--script']],
    [['nginx', ...UPSTREAM, '--grpc']],
    [['envoy', ...UPSTREAM, '--grpc', '--scopes', 'a "b"']],
    [['haproxy', ...UPSTREAM, '--script-path', 'relative.lua']],
    [['haproxy', ...UPSTREAM, '--script-path', '/x y"']],
    [['nginx', ...UPSTREAM, '--unknown']],
    [['nginx', ...UPSTREAM, '--client-certificates']],
    [['nginx', ...UPSTREAM, '--tls-certificate', '/etc/cert.pem']],
    [['nginx', ...UPSTREAM, '--tls-key', '/etc/key.pem']],
    [['nginx', ...UPSTREAM, '--tls-certificate', 'cert.pem', '--tls-key', '/etc/key.pem']],
    [['nginx', ...UPSTREAM, '--tls-certificate', '/etc/c;.pem', '--tls-key', '/etc/key.pem']],
    [['traefik', ...UPSTREAM, '--tls-certificate', '/etc/c.pem', '--tls-key', '/etc/k.pem']],
    [['nginx', ...UPSTREAM, '--resource-metadata']],
    [['nginx', ...UPSTREAM, '--resource-metadata', '--audience', 'urn:example:api']],
    [['nginx', ...UPSTREAM, '--resource-metadata', '--audience', 'http://api.example.com']],
    [['nginx', ...UPSTREAM, '--resource-metadata', '--audience', 'https://api.example.com/{a}']],
    [['envoy', ...UPSTREAM, '--grpc', '--resource-metadata', '--audience', 'https://a.example']],
  ])('refuses %j, prints no configuration, and says what to do', (args) => {
    const { code, out, error } = run(...args);
    expect([code, out]).toEqual([2, '']);
    expect(error).toMatch(/^.+\.?\n\nUsage: gateway-config /);
  });

  it('prints nothing that a scope or an audience could mean to a configuration', () => {
    const hostile = "$a;{b}'c#d(e)!*~%`";
    for (const gateway of GATEWAYS) {
      const script = gateway === 'haproxy' || gateway === 'apache' ? ['--script'] : [];
      const { code, out } = run(gateway, ...UPSTREAM, '--scopes', hostile, ...script);
      expect(code).toBe(0);
      expect(out).toContain('%24a%3B%7Bb%7D%27c%23d%28e%29%21%2A%7E%25%60');
    }
  });
});
