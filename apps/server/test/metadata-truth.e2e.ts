import { CLIENT_SIGNING_ALGORITHMS } from '@countersign/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { selfSigned } from '../../../test/certificate-authority.js';
import { asClientCert } from './as-client-cert.js';
import { newAssertionClient } from './assertion-client.js';
import { DpopClient } from './dpop-client.js';
import { type Answer, asApiKey, asBearer, type FormFields } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { claimsOf } from './token-forge.js';

const API = 'https://api.example.com';
const SILENT = 'https://silent.example.com';
const CLIENT_CREDENTIALS = 'client_credentials';
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const REFRESH_TOKEN = 'refresh_token';
const SIGNED = 'application/token-introspection+jwt';

/** What RFC 8414 says here, by the test that does it. */
const DONE = [
  ...['issuer', 'response_types_supported', 'service_documentation', 'jwks_uri'],
  ...['token_endpoint', 'introspection_endpoint', 'revocation_endpoint'],
  ...['token_endpoint_auth_signing_alg_values_supported'],
  ...['introspection_endpoint_auth_signing_alg_values_supported'],
  ...['revocation_endpoint_auth_signing_alg_values_supported'],
  ...['introspection_signing_alg_values_supported', 'dpop_signing_alg_values_supported'],
  ...['grant_types_supported', 'scopes_supported', 'protected_resources'],
  'tls_client_certificate_bound_access_tokens',
];
/** What the tests of client authentication do. */
const DONE_ELSEWHERE = [
  'token_endpoint_auth_methods_supported',
  'introspection_endpoint_auth_methods_supported',
  'revocation_endpoint_auth_methods_supported',
];

let service: ServiceUnderTest;
let metadata: Answer['json'];

beforeAll(async () => {
  service = await startServiceUnderTest({
    env: {
      COUNTERSIGN_TRUSTED_PROXIES: '127.0.0.1',
      COUNTERSIGN_CLIENT_CERT_HEADER: 'client-cert',
    },
  });
  const refresh_tokens = { idle_ttl_seconds: 60, absolute_ttl_seconds: 60 };
  await service.admin.createResourceServer(API, {
    scopes: ['read'],
    refresh_tokens,
    protected_resource_metadata: {},
  });
  await service.admin.createResourceServer(SILENT, { scopes: ['read'] });
  metadata = await metadataNow();
});

afterAll(() => service.stop());

async function metadataNow() {
  return (await service.http.get('/.well-known/oauth-authorization-server')).json;
}

/** Where the metadata says. */
function at(endpoint: 'token' | 'introspection' | 'revocation') {
  const path = String(metadata[`${endpoint}_endpoint`]).slice(service.url.length);
  return {
    path,
    form: (fields: FormFields, headers: Record<string, string> = {}): Promise<Answer> =>
      service.http.form(path, fields, headers),
  };
}

describe('the metadata of the authorization server', () => {
  it('has no member without a test that does what it says', () => {
    expect(Object.keys(metadata).sort()).toEqual([...DONE, ...DONE_ELSEWHERE].sort());
  });

  it('RFC 8414 §3.3: is of the issuer under which it is found, and the JWTs are its own', async () => {
    expect(metadata.issuer).toBe(service.url);
    expect(claimsOf(await service.tokenFor(service.adminKey))['iss']).toBe(metadata.issuer);
  });

  it('RFC 8414 §2: tells of no authorization endpoint, and of no response type for one', () => {
    expect(metadata.response_types_supported).toEqual([]);
    expect(metadata).not.toHaveProperty('authorization_endpoint');
  });

  it('RFC 8414 §2: leads to pages for people', async () => {
    const page = await fetch(metadata.service_documentation);
    expect([page.status, page.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/html'),
    ]);
  });

  it('RFC 8414 §2: leads to the keys that verify its tokens, and to endpoints for these', async () => {
    const { key } = await service.admin.newKey(['countersign:introspect']);
    const issued = await at('token').form({ grant_type: CLIENT_CREDENTIALS }, asApiKey(key));
    const token = issued.json.access_token as string;
    const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
    await jwtVerify(token, keys, { issuer: metadata.issuer, typ: 'at+jwt' });
    const active = async () =>
      (await at('introspection').form({ token }, asApiKey(key))).json.active as boolean;
    expect(await active()).toBe(true);
    expect((await at('revocation').form({ token }, asApiKey(key))).status).toBe(200);
    expect(await active()).toBe(false);
  });

  it('RFC 8414 §2: lists the grant types that are here, and each yields a token', async () => {
    const { key } = await service.admin.newKey(['read']);
    const exchange = {
      grant_type: TOKEN_EXCHANGE,
      subject_token: key,
      subject_token_type: 'urn:countersign:token-type:api-key',
      audience: API,
    };
    const exchanged = await at('token').form(exchange);
    const { refresh_token } = exchanged.json;
    const answers: Record<string, Answer> = {
      [CLIENT_CREDENTIALS]: await at('token').form(
        { grant_type: CLIENT_CREDENTIALS },
        asApiKey(key),
      ),
      [TOKEN_EXCHANGE]: exchanged,
      [REFRESH_TOKEN]: await at('token').form({ grant_type: REFRESH_TOKEN, refresh_token }),
    };
    expect([...metadata.grant_types_supported].sort()).toEqual(Object.keys(answers).sort());
    for (const { json } of Object.values(answers)) {
      expect(await service.introspect(json.access_token)).toMatchObject({ active: true });
    }
  });

  it.each(['authorization_code', 'password', 'urn:ietf:params:oauth:grant-type:jwt-bearer'])(
    'RFC 6749 §5.2: lists no grant type that is not: %s',
    async (grant_type) => {
      expect(metadata.grant_types_supported).not.toContain(grant_type);
      const { json } = await at('token').form({ grant_type }, asApiKey(service.adminKey));
      expect(json.error).toBe('unsupported_grant_type');
    },
  );

  it.each(CLIENT_SIGNING_ALGORITHMS)(
    'RFC 8414 §2, RFC 9449 §5.1: lists %s, and assertions and proofs by it are taken',
    async (alg) => {
      const scopes = ['countersign:introspect'];
      const client = await newAssertionClient(service.admin, service.url, scopes, {}, alg);
      for (const endpoint of ['token', 'introspection', 'revocation'] as const) {
        const listed = metadata[`${endpoint}_endpoint_auth_signing_alg_values_supported`];
        expect(listed).toContain(alg);
        const fields = { grant_type: CLIENT_CREDENTIALS, token: 'x', ...(await client.form()) };
        expect([endpoint, (await at(endpoint).form(fields)).status]).toEqual([endpoint, 200]);
      }
      expect(metadata.dpop_signing_alg_values_supported).toContain(alg);
      const prover = new DpopClient(service.http, service.url, alg);
      const fields = { grant_type: CLIENT_CREDENTIALS, ...(await client.form()) };
      const { json } = await prover.form(at('token').path, fields);
      expect(json.token_type).toBe('DPoP');
      expect((await prover.call('GET', '/whoami', json.access_token)).status).toBe(200);
    },
  );

  it('RFC 8725 §3.2: lists no algorithm that is not tried here, none that is symmetric, and not none', () => {
    const lists = Object.entries(metadata).filter(([name]) => name.includes('signing_alg'));
    expect(lists.length).toBe(5);
    for (const [name, list] of lists) {
      const tried = name.startsWith('introspection_signing')
        ? ['RS256']
        : CLIENT_SIGNING_ALGORITHMS;
      expect([name, list]).toEqual([name, tried]);
      for (const alg of list as string[]) expect(alg).not.toMatch(/^(none|HS)/i);
    }
  });

  it('RFC 9701 §7: lists the algorithm of signed introspection answers', async () => {
    const headers = { ...asApiKey(service.adminKey), accept: SIGNED };
    const { text } = await at('introspection').form({ token: service.adminKey }, headers);
    const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
    const { protectedHeader } = await jwtVerify(text, keys);
    expect(metadata.introspection_signing_alg_values_supported).toEqual([protectedHeader.alg]);
  });

  it('RFC 8414 §2: lists scopes that can be granted, and asked for together', async () => {
    const { key } = await service.admin.newKey(metadata.scopes_supported);
    const scope = metadata.scopes_supported.join(' ') as string;
    const { json } = await at('token').form(
      { grant_type: CLIENT_CREDENTIALS, scope },
      asApiKey(key),
    );
    expect(json.scope.split(' ').sort()).toEqual([...metadata.scopes_supported].sort());
  });

  it('RFC 9728 §4: lists the protected resources that have metadata, which point back', async () => {
    expect(metadata.protected_resources).toEqual([service.url, API]);
    for (const path of [
      '/.well-known/oauth-protected-resource',
      '/resource-metadata/api.example.com',
    ]) {
      const { json } = await service.http.get(path);
      expect(metadata.protected_resources).toContain(json.resource);
      expect(json.authorization_servers).toEqual([metadata.issuer]);
    }
  });

  it('RFC 8705 §3.3: says that tokens are bound to certificates, and at each resource they are', async () => {
    const certificate = await selfSigned();
    const { id } = await service.admin.newKey(['read'], {
      key: {
        authentication: {
          method: 'self_signed_tls_client_auth',
          'x5t#S256': [certificate.thumbprint],
        },
      },
    });
    const shown = asClientCert(certificate);
    const tokenAt = async (audience: string) => {
      const fields = { grant_type: CLIENT_CREDENTIALS, client_id: id, audience };
      return (await at('token').form(fields, shown)).json.access_token as string;
    };
    const MEMBER = 'tls_client_certificate_bound_access_tokens';
    expect(metadata).toHaveProperty(MEMBER, true);
    const own = await service.http.get('/.well-known/oauth-protected-resource');
    expect(own.json).toHaveProperty(MEMBER, true);
    const resource = await service.http.get('/resource-metadata/api.example.com');
    expect(resource.json).toHaveProperty(MEMBER, true);
    for (const [path, audience] of [
      ['/whoami', service.url],
      [`/forward-auth?audience=${encodeURIComponent(API)}`, API],
    ] as const) {
      const token = asBearer(await tokenAt(audience));
      expect((await service.http.get(path, { ...token, ...shown })).status).toBe(200);
      expect((await service.http.get(path, token)).status).toBe(401);
    }
  });
});
