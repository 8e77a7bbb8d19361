import { randomUUID } from 'node:crypto';
import { createLocalVerifier } from '@countersign/verify';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { PRINCIPAL_HEADERS } from '../src/endpoints/forward-auth/principal-headers.js';
import { FORWARDING_HEADERS } from '../src/gateway-config/forwarding-headers.js';
import { selfSigned, type TestCertificate } from '../../../test/certificate-authority.js';
import { asClientCert } from './as-client-cert.js';
import type { NewKey } from './admin-client.js';
import { DpopClient } from './dpop-client.js';
import { forgedKey } from './forged-key.js';
import {
  type GatewayProcess,
  killGateways,
  type RealGateway,
  startGateway,
} from './gateway-process.js';
import { type Answer, asApiKey, asBearer } from './http-client.js';
import { describeGateways, installedOf, REAL_GATEWAYS } from './real-gateways.js';
import {
  type ReceivedRequest,
  type RecordingUpstream,
  startRecordingUpstream,
} from './recording-upstream.js';
import { startServiceUnderTest, type ServiceUnderTest, TEST_SECRET } from './service-under-test.js';
import {
  type Claims,
  claimsOf,
  compactJws,
  headerOf,
  rs256,
  rsaKeyPair,
  signingKeyOf,
} from './token-forge.js';

jest.setTimeout(90_000);

const API = 'https://api.example.com';
const OTHER_API = 'https://other.example.com';
const SCOPE = 'read:users';
const OTHER_SCOPE = 'write:users';
// Where they can be installed they are, and then a missing one must not go unnoticed.
const mayBeMissing =
  process.env['CI'] !== 'true' || process.env['GATEWAY_TESTS'] === 'skip-missing';

let service: ServiceUnderTest;
let upstream: RecordingUpstream;
let client: NewKey;
let certificate: TestCertificate;

beforeAll(async () => {
  service = await startServiceUnderTest({
    env: {
      COUNTERSIGN_TRUSTED_PROXIES: '127.0.0.1',
      COUNTERSIGN_CLIENT_CERT_HEADER: 'client-cert',
    },
  });
  certificate = await selfSigned();
  upstream = await startRecordingUpstream();
  await service.admin.createResourceServer(API, { scopes: [SCOPE, OTHER_SCOPE] });
  await service.admin.createResourceServer(OTHER_API, { scopes: [SCOPE] });
  client = await service.admin.newKey([SCOPE]);
});

afterAll(async () => {
  killGateways();
  await upstream.close();
  await service.stop();
});

function start(gateway: RealGateway, args: readonly string[]) {
  return startGateway(gateway, ['--service', service.url, '--upstream', upstream.url, ...args]);
}

function startStrict(gateway: RealGateway) {
  return start(gateway, ['--audience', API, '--scopes', SCOPE]);
}

/** The one request that got through. */
function expectThrough({ status }: Pick<Answer, 'status'>): ReceivedRequest {
  // Apache cuts the upstream's answer to the range that the end client asks for.
  expect([200, 206]).toContain(status);
  const [request, ...more] = upstream.received();
  expect(more).toEqual([]);
  if (request === undefined) throw new Error('nothing reached the upstream');
  return request;
}

function expectStopped(answer: Pick<Answer, 'status'>, status: number): void {
  expect([answer.status, upstream.received()]).toEqual([status, []]);
}

/** What a backend sees that folds names, as CGI and WSGI do (RFC 3875 §4.1.18). */
function foldedHeaders({ headers }: ReceivedRequest): Map<string, string[]> {
  const folded = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase().replace(/[^a-z0-9]/g, '_');
    folded.set(key, [...(folded.get(key) ?? []), value]);
  }
  return folded;
}

const SPELLINGS = ['-', '_', '.'].flatMap((first) =>
  ['-', '_', '.'].map((second) => [first, second] as const),
);

/** Every header of a principal in every spelling. */
function spoofedLines(): string {
  const ends = [
    'Subject',
    'Type',
    'Name',
    'Organization',
    'Scopes',
    'Roles',
    'Environment',
    'Credential',
    'Actor',
    'Token',
  ];
  return ends
    .flatMap((end) => SPELLINGS.map(([one, two]) => `X${one}Principal${two}${end}: spoofed\r\n`))
    .concat('x-principal-subject: spoofed\r\n')
    .join('');
}

const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n';
/** RFC 6455 §4.1, without `Connection`. */
const UPGRADE =
  'Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n';

function raw(gateway: GatewayProcess, path: string, lines: string) {
  return gateway.http.raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${lines}\r\n`);
}

describe('the gateways', () => {
  it('are installed, wherever they can be', () => {
    const installed = installedOf(REAL_GATEWAYS);
    const missing = REAL_GATEWAYS.filter((name) => !installed.includes(name));
    if (missing.length > 0) {
      process.stderr.write(`Not installed, and so not tested: ${missing.join(', ')}.\n`);
    }
    expect(mayBeMissing ? [] : missing).toEqual([]);
  });
});

for (const name of REAL_GATEWAYS) {
  describeGateways([name], `${name}, as gateway-config configures it`, () => {
    let gateway: GatewayProcess;

    beforeAll(async () => {
      gateway = await startStrict(name);
    });

    afterEach(() => {
      upstream.received();
    });

    afterAll(() => gateway?.stop());

    it('RFC 9449 §7.1: lets a bound token through with a proof for the request, and not without', async () => {
      const prover = new DpopClient(service.http);
      const form = { grant_type: 'client_credentials', audience: API };
      const bound = (await prover.form('/token', form, asApiKey(client.key))).json.access_token;
      const ask = async (htu = `${gateway.http.baseUrl}/users`, method = 'GET') => {
        const headers = await prover.headers(method, '', bound, { htu });
        return gateway.http.get('/users?x=1', headers);
      };
      prover.nonce = undefined;
      const challenged = await ask();
      expectStopped(challenged, 401);
      prover.nonce = challenged.headers.get('dpop-nonce') ?? undefined;
      expectThrough(await ask());
      expectStopped(await ask(`${gateway.http.baseUrl}/orders`), 401);
      expectStopped(await ask('https://elsewhere.example.com/users'), 401);
      expectStopped(await ask(undefined, 'POST'), 401);
      expectStopped(await gateway.http.get('/users', asBearer(bound)), 401);
      const spoofed = await prover.headers('GET', '', bound, { htu: 'https://a.example/users' });
      const forwarded = { 'x-forwarded-host': 'a.example', 'x-forwarded-proto': 'https' };
      expectStopped(await gateway.http.get('/users', { ...spoofed, ...forwarded }), 401);
      const proof = await prover.headers('GET', '', bound, {
        htu: `${gateway.http.baseUrl}/users`,
      });
      const request = expectThrough(await gateway.http.get('/users', proof));
      expect(foldedHeaders(request).has('dpop')).toBe(false);
      expectStopped(await gateway.http.get('/users', proof), 401);
    });

    it('RFC 9440 §4: believes no end client about the certificate that its token is bound to', async () => {
      const { id } = await service.admin.issueKey(client.principal_id, {
        scopes: [SCOPE],
        authentication: {
          method: 'self_signed_tls_client_auth',
          'x5t#S256': [certificate.thumbprint],
        },
      });
      const told = asClientCert(certificate);
      const form = { grant_type: 'client_credentials', client_id: id, audience: API };
      const bound = (await service.http.form('/token', form, told)).json.access_token;
      const direct = `/forward-auth?audience=${encodeURIComponent(API)}`;
      const proven = await service.http.get(direct, { ...asBearer(bound), ...told });
      expect(proven.status).toBe(200);
      expectStopped(await gateway.http.get('/users', { ...asBearer(bound), ...told }), 401);
    });

    it('lets a good credential through, with its principal and a token that proves it', async () => {
      const token = await service.tokenFor(client.key, { audience: API });
      for (const headers of [asApiKey(client.key), asBearer(client.key), asBearer(token)]) {
        const request = expectThrough(await gateway.http.get('/users?x=1', headers));
        expect([request.method, request.url]).toEqual(['GET', '/users?x=1']);
        const folded = foldedHeaders(request);
        expect(folded.get('x_principal_subject')).toEqual([client.principal_id]);
        expect(folded.get('x_principal_scopes')).toEqual([SCOPE]);
        const [jwt = ''] = folded.get('x_principal_token') ?? [];
        const verifier = createLocalVerifier({
          issuer: service.url,
          audience: API,
          allowInsecureHttp: true,
        });
        expect(await verifier.verify(jwt)).toMatchObject({
          ok: true,
          principal: { subject: client.principal_id },
        });
        // The credential itself stays here.
        expect(JSON.stringify(request.headers)).not.toContain(client.key);
        expect([folded.has('authorization'), folded.has('x_api_key')]).toEqual([false, false]);
      }
    });

    it('hands method and body on', async () => {
      const answer = await gateway.http.json('POST', '/users', { name: 'x' }, asApiKey(client.key));
      expect(expectThrough(answer)).toMatchObject({ method: 'POST', body: '{"name":"x"}' });
    });

    it('stops what bears no credential, with a challenge (RFC 6750 §3)', async () => {
      const answer = await gateway.http.get('/users');
      expectStopped(answer, 401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="countersign"');
    });

    it('stops what is forged, revoked, expired, or two at once', async () => {
      const revoked = await service.admin.newKey([SCOPE]);
      expectThrough(await gateway.http.get('/', asApiKey(revoked.key)));
      await service.admin.revokeKey(revoked.id);
      const expiresAt = Math.floor(Date.now() / 1000) + 2;
      const expired = await service.admin.newKey([SCOPE], { key: { expires_at: expiresAt } });
      await new Promise((resolve) => setTimeout(resolve, expiresAt * 1000 - Date.now() + 20));
      for (const headers of [
        asApiKey(forgedKey(client.key)),
        asApiKey(revoked.key),
        asApiKey(expired.key),
        { ...asApiKey(client.key), ...asBearer(client.key) },
      ]) {
        const answer = await gateway.http.get('/', headers);
        expectStopped(answer, 401);
        expect(answer.headers.get('www-authenticate')).toContain('error="invalid_');
      }
    });

    it('stops what lacks a scope, or is for another audience', async () => {
      const { key } = await service.admin.newKey([]);
      const answer = await gateway.http.get('/', asApiKey(key));
      expectStopped(answer, 403);
      // RFC 6750 §3.1
      expect(answer.headers.get('www-authenticate')).toBe(
        `Bearer realm="countersign", error="insufficient_scope", scope="${SCOPE}"`,
      );
      const token = await service.tokenFor(client.key);
      expectStopped(await gateway.http.get('/', asBearer(token)), 401);
    });

    it('stops a JWT that is forged, revoked, expired, or for somebody else (RFC 6750 §3.1)', async () => {
      const ask = (jwt: string) => gateway.http.get('/users', asBearer(jwt));
      const token = await service.tokenFor(client.key, { audience: API });
      const [header, claims] = [headerOf(token), claimsOf(token)];
      const ours = await signingKeyOf(service.databaseUrl, TEST_SECRET);
      // Good but for what is changed.
      const minted = (changes: Claims, key = ours) =>
        compactJws(header, { ...claims, jti: randomUUID(), ...changes }, rs256(key));
      expectThrough(await ask(minted({})));

      const revoked = await service.tokenFor(client.key, { audience: API });
      expectThrough(await ask(revoked));
      const revocation = await service.http.form(
        '/revoke',
        { token: revoked },
        asApiKey(client.key),
      );
      expect(revocation.status).toBe(200);
      const now = Math.floor(Date.now() / 1000);
      for (const [what, jwt] of Object.entries({
        forged: minted({}, rsaKeyPair().privateKey),
        revoked,
        expired: minted({ iat: now - 600, nbf: now - 600, exp: now - 300 }),
        elsewhere: await service.tokenFor(client.key, { audience: OTHER_API }),
        'of another issuer': minted({ iss: 'https://issuer.example.com' }),
      })) {
        const answer = await ask(jwt);
        expectStopped(answer, 401);
        expect([what, answer.headers.get('www-authenticate')]).toEqual([
          what,
          expect.stringContaining('error="invalid_token"'),
        ]);
      }
      const { key } = await service.admin.newKey([OTHER_SCOPE]);
      const narrow = await ask(await service.tokenFor(key, { audience: API }));
      expectStopped(narrow, 403);
      expect(narrow.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
      expectThrough(await ask(token));
    });

    it('holds a credential to where it may be used, whatever the end client says of itself', async () => {
      const restrictions = { methods: ['POST'], paths: ['/reports/*'], ips: ['127.0.0.1'] };
      const { key } = await service.admin.newKey([SCOPE], { key: { restrictions } });
      const post = (path: string, headers = {}) =>
        gateway.http.call(path, { method: 'POST', headers: { ...asApiKey(key), ...headers } });
      expectThrough(await post('/reports/1?x'));
      const lies = {
        'x-forwarded-uri': '/reports/1',
        'x-original-uri': '/reports/1',
        'x-original-url': '/reports/1',
        'x-forwarded-method': 'POST',
        'x-original-method': 'POST',
      };
      expectStopped(await post('/other', lies), 401);
      expectStopped(await gateway.http.get('/reports/1', { ...asApiKey(key), ...lies }), 401);
      const elsewhere = await service.admin.newKey([SCOPE], {
        key: { restrictions: { ips: ['192.0.2.7'] } },
      });
      const claim = {
        'x-forwarded-for': '192.0.2.7',
        forwarded: 'for=192.0.2.7',
        'x-real-ip': '192.0.2.7',
      };
      expectStopped(await gateway.http.get('/', { ...asApiKey(elsewhere.key), ...claim }), 401);
    });

    it('holds a credential to its paths, however the end client spells another one', async () => {
      const { key } = await service.admin.newKey([SCOPE], {
        key: { restrictions: { paths: ['/reports/*'] } },
      });
      const credential = `X-API-Key: ${key}\r\n`;
      expectThrough(await raw(gateway, '/reports/1', credential));
      for (const path of [
        '/reports/../other',
        '/reports/%2e%2e/other',
        '/reports/..%2fother',
        '/reports/.%2e/other',
        '//reports/1',
        '/reports//1',
        '/reports/%2fother',
        '/other?/reports/1',
        '/other#/reports/1',
        'http://x/other',
      ]) {
        const { status } = await raw(gateway, path, credential);
        expect([path, upstream.received()]).toEqual([path, []]);
        expect(status).toBeGreaterThanOrEqual(400);
      }
    });

    it('stops a credential that is sent twice', async () => {
      for (const line of [`X-API-Key: ${client.key}`, `Authorization: Bearer ${client.key}`]) {
        const { status } = await raw(gateway, '/', `${line}\r\n${line}\r\n`);
        // nginx itself refuses a second Authorization, with 400.
        expect([400, 401]).toContain(status);
        expect(upstream.received()).toEqual([]);
      }
    });

    it('never mixes up what is asked at the same time', async () => {
      const other = await service.admin.newKey([SCOPE]);
      const callers = [client, other, undefined];
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, index) => {
          const caller = callers[index % 3];
          return gateway.http.get(`/${index}`, caller === undefined ? {} : asApiKey(caller.key));
        }),
      );
      expect(answers.map(({ status }) => status)).toEqual(
        answers.map((_, index) => (index % 3 === 2 ? 401 : 200)),
      );
      const requests = upstream.received();
      expect(requests).toHaveLength(40);
      for (const request of requests) {
        expect(foldedHeaders(request).get('x_principal_subject')).toEqual([
          callers[Number(request.url.slice(1)) % 3]?.principal_id,
        ]);
      }
    });

    it('asks for scopes whatever is in them (RFC 6749 §3.3)', async () => {
      const scopes = ['rabbitmq.read:*/*', "a$b%2F{c}';#~`?&=+"];
      const strict = await start(name, ['--scopes', scopes.join(' ')]);
      try {
        const all = await service.admin.newKey(scopes);
        const request = expectThrough(await strict.http.get('/', asApiKey(all.key)));
        const [told = ''] = foldedHeaders(request).get('x_principal_scopes') ?? [];
        expect(told.split(' ').map(decodeURIComponent)).toEqual(scopes.toSorted());
        for (const scope of scopes) {
          const { key } = await service.admin.newKey([scope]);
          expectStopped(await strict.http.get('/', asApiKey(key)), 403);
        }
      } finally {
        await strict.stop();
      }
    });

    it('takes no requirement from the end client', async () => {
      const { key } = await service.admin.newKey([]);
      const lies = { scopes: '', optional: 'true', audience: service.url };
      for (const path of [
        '/?optional=true',
        '/?scopes=&optional=true',
        '/;optional=true;/',
        `/?audience=${service.url}`,
      ]) {
        expectStopped(await gateway.http.get(path, lies), 401);
        expectStopped(await gateway.http.get(path, { ...lies, ...asApiKey(key) }), 403);
      }
    });

    it('overwrites every header of a principal that the end client sends, in any spelling', async () => {
      const lines = `${spoofedLines()}X-API-Key: ${client.key}\r\n`;
      const request = expectThrough(await raw(gateway, '/', lines));
      const folded = foldedHeaders(request);
      expect(JSON.stringify(request.headers)).not.toContain('spoofed');
      expect(folded.get('x_principal_subject')).toEqual([client.principal_id]);
    });

    // nginx has no way to name a header by how it begins.
    if (name !== 'nginx') {
      it('hands on nothing of the end client that begins as a header of a principal does', async () => {
        const lines = ['', '-Extra', '_Extra', '.Extra', 's', '-Subject-2'].flatMap((end) =>
          ['-', '_', '.'].map((first) => `x${first}PRINCIPAL${end}: spoofed\r\n`),
        );
        const request = expectThrough(
          await raw(gateway, '/', `${lines.join('')}X-API-Key: ${client.key}\r\n`),
        );
        expect(JSON.stringify(request.headers)).not.toContain('spoofed');
      });
    }

    it('tells the upstream where a request comes from, whatever the end client says of itself', async () => {
      const names = ['X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto'];
      const said = [...names, ...FORWARDING_HEADERS, 'X_Forwarded_For', 'X.Forwarded.For']
        .map((header) => `${header}: spoofed\r\n${header}: spoofed\r\n`)
        .join('');
      const lines = `${said}X-API-Key: ${client.key}\r\n`;
      const request = expectThrough(await raw(gateway, '/', lines));
      expect(JSON.stringify(request.headers)).not.toContain('spoofed');
      const folded = foldedHeaders(request);
      expect(folded.get('x_forwarded_for')).toEqual(['127.0.0.1']);
      expect(folded.get('x_forwarded_host')).toEqual(['x']);
      expect(folded.get('x_forwarded_proto')).toEqual(['http']);
    });

    it('hands on all of the principal, whatever the end client wants to end here (RFC 9110 §7.6.1)', async () => {
      const organization = await service.admin.createOrganization();
      const { key } = await service.admin.newKey([SCOPE], {
        principal: { organization_id: organization.id },
      });
      const ask = async (lines: string) => {
        const text = `${REQUEST}X-API-Key: ${key}\r\n${lines}\r\n`;
        return foldedHeaders(expectThrough(await gateway.http.raw(text)));
      };
      const named = PRINCIPAL_HEADERS.join(', ');
      const plain = await ask('Connection: close\r\n');
      expect(plain.get('x_principal_organization')).toEqual([organization.id]);
      for (const lines of [
        `Connection: close, ${named}\r\n`,
        `connection: ${named.toLowerCase()} ,close\r\n`,
        `Connection: close\r\nConnection: ${named}\r\n`,
        `Connection: ${named}\r\nConnection: close\r\n`,
        `Connection: close, Upgrade, ${named}\r\n${UPGRADE}`,
        `Connection: close, Keep-Alive, ${named}\r\nKeep-Alive: 5\r\n`,
      ]) {
        const folded = await ask(lines);
        for (const name of PRINCIPAL_HEADERS) {
          const foldedName = name.toLowerCase().replaceAll('-', '_');
          const isToken = foldedName === 'x_principal_token';
          const told = (headers: Map<string, string[]>) =>
            isToken ? headers.get(foldedName)?.length : headers.get(foldedName);
          expect([lines, name, told(folded)]).toEqual([lines, name, told(plain)]);
        }
        // The upstream may be a gateway itself.
        expect(folded.get('connection')?.join() ?? '').not.toMatch(/principal/i);
      }
    });

    // nginx and Apache need more of a configuration for it.
    if (name === 'caddy' || name === 'haproxy') {
      it('lets an upgrade through', async () => {
        for (const connection of ['Upgrade', 'keep-alive, upgrade', 'keep-alive, Upgrade, X-A']) {
          const lines = `Connection: ${connection}, close\r\n${UPGRADE}X-A: 1\r\n`;
          const folded = foldedHeaders(
            expectThrough(
              await gateway.http.raw(`${REQUEST}X-API-Key: ${client.key}\r\n${lines}\r\n`),
            ),
          );
          expect(folded.get('upgrade')).toEqual(['websocket']);
          expect(folded.get('connection')?.join().toLowerCase()).toContain('upgrade');
        }
      });
    }

    it('is not confused by what concerns caches, ranges and bodies', async () => {
      for (const headers of [
        { 'if-none-match': '*' },
        { range: 'bytes=0-0' },
        { 'content-type': 'application/json' },
      ]) {
        expectThrough(await gateway.http.get('/', { ...headers, ...asApiKey(client.key) }));
        expectStopped(await gateway.http.get('/', headers), 401);
      }
    });

    it('lets nobody pass as nobody on an optional route, and only nobody', async () => {
      const optional = await start(name, ['--optional']);
      try {
        const anonymous = expectThrough(await raw(optional, '/', spoofedLines()));
        const folded = foldedHeaders(anonymous);
        expect(JSON.stringify(anonymous.headers)).not.toContain('spoofed');
        expect(folded.get('x_principal_subject') ?? ['']).toEqual(['']);
        expect(folded.get('x_principal_token') ?? ['']).toEqual(['']);
        const known = expectThrough(await optional.http.get('/', asApiKey(client.key)));
        expect(foldedHeaders(known).get('x_principal_subject')).toEqual([client.principal_id]);
        expectStopped(await optional.http.get('/', asApiKey('nonsense')), 401);
      } finally {
        await optional.stop();
      }
    });
  });
}

describeGateways(['caddy'], 'a Caddy whose uri has no query', () => {
  it('sends the end client’s, and opens nothing by it', async () => {
    const args = ['--service', service.url, '--upstream', upstream.url];
    const withoutQuery = (printed: string) => {
      const spoilt = printed.replace(/uri \/forward-auth\?\S+/, 'uri /forward-auth');
      expect(spoilt).not.toBe(printed);
      return spoilt;
    };
    const caddy = await startGateway('caddy', args, withoutQuery);
    try {
      expectThrough(await caddy.http.get('/', asApiKey(client.key)));
      expectStopped(await caddy.http.get('/'), 401);
      for (const query of ['?optional=true', '?scopes=a&optional=true', '?x=1', '?audience=a:b']) {
        expectStopped(await caddy.http.get(`/${query}`), 500);
        expectStopped(await caddy.http.get(`/${query}`, asApiKey(client.key)), 500);
      }
    } finally {
      await caddy.stop();
    }
  });
});
