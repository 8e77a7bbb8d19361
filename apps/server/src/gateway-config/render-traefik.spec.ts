import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { otherSpellings } from '../endpoints/forward-auth/other-spellings.js';
import { PRINCIPAL_HEADERS } from '../endpoints/forward-auth/principal-headers.js';
import { CERTIFICATE_HEADERS } from './certificate-headers.js';
import { readGatewayOptions } from './gateway-options.js';
import { renderTraefik } from './render-traefik.js';

function rendered(...args: string[]) {
  const upstream = ['--upstream', 'http://10.0.0.5:3000'];
  return parse(renderTraefik(readGatewayOptions(['traefik', ...upstream, ...args]))).http;
}

describe('renderTraefik', () => {
  it('asks before the upstream is reached, and takes the credential away after that', () => {
    const { routers, middlewares, services } = rendered();
    expect(Object.keys(routers)).toEqual(['upstream']);
    expect(routers.upstream).toMatchObject({
      rule: 'PathPrefix(`/`)',
      service: 'upstream',
      middlewares: ['countersign-strip', 'countersign', 'countersign-credential'],
    });
    expect(Object.keys(middlewares)).toEqual(routers.upstream.middlewares);
    expect(middlewares['countersign-credential'].headers.customRequestHeaders).toEqual({
      Authorization: '',
      'X-Api-Key': '',
      DPoP: '',
    });
    expect(services.upstream.loadBalancer.servers).toEqual([{ url: 'http://10.0.0.5:3000' }]);
  });

  it('believes no end client about where its request comes from, and asks with its credential alone', () => {
    const asked = ['--service', 'https://auth.example.com', '--scopes', 'a b'];
    expect(rendered(...asked).middlewares.countersign.forwardAuth).toEqual({
      address: 'https://auth.example.com:443/forward-auth?scopes=a%20b&optional=false',
      trustForwardHeader: false,
      authRequestHeaders: ['Authorization', 'X-Api-Key', 'DPoP'],
      authResponseHeadersRegex: expect.any(String),
    });
  });

  it('overwrites or removes every header of a principal, in every spelling, and no other', () => {
    const { authResponseHeadersRegex } = rendered().middlewares.countersign.forwardAuth;
    // Go's flag for "in either case", which stands in the pattern.
    const [flag, pattern] = [
      authResponseHeadersRegex.slice(0, 4),
      authResponseHeadersRegex.slice(4),
    ];
    expect(flag).toBe('(?i)');
    const isRemoved = (name: string) => new RegExp(pattern, 'i').test(name);
    const names = [...PRINCIPAL_HEADERS, ...otherSpellings(), 'x-principal', 'X_PRINCIPAL-extra'];
    expect(names.filter((name) => !isRemoved(name))).toEqual([]);
    const others = ['X-Request-Id', 'Principal', 'X-My-Principal', 'Xprincipal', 'X-Prince'];
    expect(others.filter(isRemoved)).toEqual([]);
  });

  it('removes what only a proxy may say (RFC 9440 §4), but what Traefik says itself', () => {
    const { customRequestHeaders } = rendered().middlewares['countersign-strip'].headers;
    const names = ['Forwarded', 'X-Original-Method', 'X-Original-Uri', 'X-Original-Url'];
    expect(customRequestHeaders).toEqual(
      Object.fromEntries([...names, ...CERTIFICATE_HEADERS].map((name) => [name, ''])),
    );
  });

  it('RFC 9728 §3.1: hands out the metadata without asking, and nothing else', () => {
    const audience = ['--audience', 'https://api.example.com/v1', '--resource-metadata'];
    const { routers, middlewares, services } = rendered(...audience);
    expect(routers.metadata).toMatchObject({
      rule: 'Path(`/.well-known/oauth-protected-resource/v1`) && (Method(`GET`) || Method(`HEAD`))',
      middlewares: ['countersign-credential', 'countersign-metadata'],
    });
    expect(middlewares['countersign-metadata'].replacePath).toEqual({
      path: '/resource-metadata/api.example.com/v1',
    });
    expect(services[routers.metadata.service].loadBalancer.servers).toEqual([
      { url: 'http://127.0.0.1:8080' },
    ]);
  });
});
