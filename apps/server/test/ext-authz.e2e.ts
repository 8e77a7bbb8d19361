import { once } from 'node:events';
import { connect } from 'node:net';
import { status } from '@grpc/grpc-js';
import { createLocalVerifier } from '@countersign/verify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { selfSigned } from '../../../test/certificate-authority.js';
import type { NewKey } from './admin-client.js';
import { DpopClient } from './dpop-client.js';
import { type CheckAnswer, type EndClientsRequest, ExtAuthzClient } from './ext-authz-client.js';
import { asApiKey, asBasic, asBearer } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';

const API = 'https://api.example.com';
const SCOPES = ['read:users', 'write:users'];
const EMPTY = {
  'x-principal-subject': '',
  'x-principal-type': '',
  'x-principal-name': '',
  'x-principal-organization': '',
  'x-principal-scopes': '',
  'x-principal-roles': '',
  'x-principal-environment': '',
  'x-principal-credential': '',
  'x-principal-actor': '',
  'x-principal-token': '',
};
const INVALID = 'Bearer realm="countersign", error="invalid_token"';

let service: ServiceUnderTest;
let envoy: ExtAuthzClient;
let client: NewKey;

beforeAll(async () => {
  service = await startServiceUnderTest({
    env: { COUNTERSIGN_EXT_AUTHZ_PORT: '0', COUNTERSIGN_TRUSTED_PROXIES: '10.0.0.0/24' },
  });
  envoy = new ExtAuthzClient(service.extAuthzPort ?? 0);
  await service.admin.createResourceServer(API, { scopes: ['read:users'], signing_alg: 'ES256' });
  client = await service.admin.newKey(SCOPES);
});

afterAll(async () => {
  envoy.close();
  await service.stop();
});

function ask(headers: Record<string, string>, more: EndClientsRequest = {}): Promise<CheckAnswer> {
  return envoy.check({ headers, ...more });
}

function expectAllowed(answer: CheckAnswer): void {
  expect(answer).toMatchObject({ code: status.OK, httpStatus: undefined, body: undefined });
  expect(Object.keys(answer.headers)).toEqual(Object.keys(EMPTY));
}

function expectDenied(answer: CheckAnswer, httpStatus: number, challenge?: string): void {
  expect([answer.httpStatus, answer.headers['www-authenticate']]).toEqual([httpStatus, challenge]);
  expect(answer.code).toBe(
    { 401: status.UNAUTHENTICATED, 403: status.PERMISSION_DENIED }[httpStatus] ?? status.INTERNAL,
  );
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.removed).toEqual([]);
  expect(Object.keys(answer.headers).filter((name) => name.startsWith('x-principal'))).toEqual([]);
}

describe('a credential that is good', () => {
  it('passes as a key and as a JWT, with what /forward-auth says of it', async () => {
    const token = await service.tokenFor(client.key);
    for (const headers of [asApiKey(client.key), asBearer(client.key), asBearer(token)]) {
      const answer = await ask(headers);
      expectAllowed(answer);
      const { headers: told } = await service.http.get('/forward-auth', headers);
      expect(answer.headers).toEqual(
        Object.fromEntries([...told].filter(([name]) => name.startsWith('x-principal-'))),
      );
      expect(answer.headers['x-principal-subject']).toBe(client.principal_id);
    }
  });

  it('gives the upstream a JWT for the audience that the route names (RFC 9068 §2)', async () => {
    const requirement = { audience: API, scopes: 'read:users' };
    const answer = await ask(asApiKey(client.key), { requirement });
    expectAllowed(answer);
    expect(answer.headers['x-principal-scopes']).toBe('read:users');
    const options = { issuer: service.url, audience: API, allowInsecureHttp: true };
    const verified = await createLocalVerifier(options).verify(
      answer.headers['x-principal-token'] ?? '',
    );
    expect(verified).toMatchObject({ ok: true, principal: { subject: client.principal_id } });
  });

  it('passes where Envoy hands headers over as octets', async () => {
    expectAllowed(await envoy.check({ rawHeaders: [['x-api-key', client.key]] }));
  });

  it('takes the place of all that the end client sent by the principal’s names', async () => {
    const separators = ['-', '_', '.'];
    const spellings = Object.keys(EMPTY).flatMap((name) =>
      separators.flatMap((one) =>
        separators.map((two) => name.replace(/^x-principal-/, `x${one}principal${two}`)),
      ),
    );
    const spoofed = Object.fromEntries(spellings.map((name) => [name, 'spoofed']));
    const answer = await ask({ ...asApiKey(client.key), ...spoofed });
    expectAllowed(answer);
    expect(answer.headers['x-principal-roles']).toBe('');
    expect(new Set(answer.actions)).toEqual(new Set(['OVERWRITE_IF_EXISTS_OR_ADD true']));
    const gone = new Set([...answer.removed, ...Object.keys(answer.headers)]);
    expect(spellings).toHaveLength(90);
    expect(spellings.filter((name) => !gone.has(name))).toEqual([]);
    expect(answer.removed).toEqual(expect.arrayContaining(['authorization', 'x-api-key', 'dpop']));
    // Envoy removes after it has set.
    for (const name of Object.keys(EMPTY)) expect(answer.removed).not.toContain(name);
  });
});

describe('a credential that is not good', () => {
  it('is challenged without an error code when there is none (RFC 6750 §3.1)', async () => {
    const answer = await ask({});
    expectDenied(answer, 401, 'Bearer realm="countersign"');
    expect(answer.body).toBe('{}');
  });

  it('is denied alike, whatever is wrong with it', async () => {
    const revoked = await service.admin.newKey();
    const derived = await service.tokenFor(revoked.key);
    expectAllowed(await ask(asApiKey(revoked.key)));
    expectAllowed(await ask(asBearer(derived)));
    await service.admin.revokeKey(revoked.id);
    const bodies = new Set<string | undefined>();
    for (const headers of [
      asApiKey(revoked.key),
      asBearer(derived),
      asApiKey(`${client.key.slice(0, -4)}AAAA`),
      asBearer('nonsense'),
      asBasic(client.id, client.key),
      { authorization: 'Bearer' },
      asApiKey(''),
    ]) {
      const answer = await ask(headers);
      expectDenied(answer, 401, INVALID);
      bodies.add(answer.body);
    }
    expect(bodies.size).toBe(1);
  });

  it('expires, also while it is remembered', async () => {
    const expiresAt = new Date(Date.now() + 2_000).toISOString();
    const { key } = await service.admin.newKey([], { key: { expires_at: expiresAt } });
    expectAllowed(await ask(asApiKey(key)));
    await new Promise((resolve) => setTimeout(resolve, Date.parse(expiresAt) - Date.now() + 5));
    expectDenied(await ask(asApiKey(key)), 401, INVALID);
  });

  it('is denied when it is two, or one twice, in either form of headers', async () => {
    const challenge = 'Bearer realm="countersign", error="invalid_request"';
    const { key } = client;
    expectDenied(await ask({ ...asApiKey(key), ...asBearer(key) }), 401, challenge);
    // Envoy joins by a comma alone.
    expectDenied(await ask(asApiKey(`${key},${key}`)), 401, challenge);
    const twice = [
      ['x-api-key', key],
      ['X-Api-Key', key],
    ] as const;
    expectDenied(await envoy.check({ rawHeaders: twice }), 401, challenge);
  });

  it('lacks a scope: all that the route asks for are needed (RFC 6750 §3.1)', async () => {
    const needed = (scope: string) =>
      `Bearer realm="countersign", error="insufficient_scope", scope="${scope}"`;
    const scopes = 'read:users delete:users';
    const answer = await ask(asApiKey(client.key), { requirement: { scopes } });
    expectDenied(answer, 403, needed(scopes));
    // Held, but not defined by the audience.
    const requirement = { scopes: 'write:users', audience: API };
    expectDenied(await ask(asApiKey(client.key), { requirement }), 403, needed('write:users'));
  });
});

describe('an optional route', () => {
  const requirement = { optional: 'true' };

  it('lets nobody pass as nobody, with every header empty', async () => {
    const answer = await ask({ 'x-principal-subject': 'prn_admin' }, { requirement });
    expectAllowed(answer);
    expect(answer.headers).toEqual(EMPTY);
  });

  it('still refuses a credential that is not good', async () => {
    expectDenied(await ask(asBearer('nonsense'), { requirement }), 401, INVALID);
    expectAllowed(await ask(asApiKey(client.key), { requirement }));
  });
});

describe('what is required', () => {
  it('is denied, and opens nothing, where the route asks wrongly', async () => {
    for (const requirement of [
      { scope: 'read:users' },
      { Optional: 'true' },
      { optional: 'yes' },
      { scopes: '' },
      { scopes: 'a  b' },
      { audience: 'https://nobody.example.com' },
      { audience: 'not a uri' },
    ]) {
      const answer = await ask(asApiKey(client.key), { requirement });
      expectDenied(answer, 500);
      expect(answer.body).toContain('the gateway asks wrongly');
      expectDenied(await ask({}, { requirement }), 500);
    }
  });

  it('is never what the end client says', async () => {
    const headers = { optional: 'true', 'x-scopes': '', 'x-forwarded-uri': '/?optional=true' };
    const path = '/forward-auth;optional=true;/?optional=true&scopes=';
    expectDenied(await ask(headers, { path }), 401, 'Bearer realm="countersign"');
  });
});

describe('a restricted credential', () => {
  let key: string;

  beforeAll(async () => {
    const restrictions = { ips: ['192.0.2.0/24'], methods: ['POST'], paths: ['/reports/*'] };
    ({ key } = await service.admin.newKey([], { key: { restrictions } }));
  });

  const good = { method: 'POST', path: '/reports/1?x=/y' };

  it('passes where the end client’s request satisfies it', async () => {
    expectAllowed(await ask(asApiKey(key), good));
    expectAllowed(await ask(asApiKey(key), { ...good, peer: '::ffff:192.0.2.9' }));
  });

  it('is denied where it does not, or where Envoy does not tell', async () => {
    for (const bad of [
      { method: 'GET' },
      { method: '' },
      { path: '/x?/reports/1' },
      { path: '' },
      { peer: '198.51.100.1' },
      { peer: null },
      { peer: 'nonsense' },
    ]) {
      expectDenied(await ask(asApiKey(key), { ...good, ...bad }), 401, INVALID);
    }
  });

  it('believes X-Forwarded-For only behind a trusted proxy, and there its last address', async () => {
    const behind = (forwarded: string, peer = '10.0.0.4') =>
      ask({ ...asApiKey(key), 'x-forwarded-for': forwarded }, { ...good, peer });
    expectAllowed(await behind('192.0.2.7'));
    // Envoy has put the proxy's own address behind it, as it does with use_remote_address.
    expectAllowed(await behind('203.0.113.1, 192.0.2.7,10.0.0.4'));
    for (const forwarded of ['192.0.2.7, 203.0.113.1', '192.0.2.7, unknown', '10.0.0.4', '']) {
      expectDenied(await behind(forwarded), 401, INVALID);
    }
    expectDenied(await behind('192.0.2.7', '203.0.113.1'), 401, INVALID);
  });
});

describe('a token that is bound to a key (RFC 9449 §7.1)', () => {
  it('passes with a proof for the end client’s request, once, after a nonce', async () => {
    const prover = new DpopClient(service.http, service.url);
    const { json } = await prover.form(
      '/token',
      { grant_type: 'client_credentials' },
      asApiKey(client.key),
    );
    expect(json.token_type).toBe('DPoP');
    const token = json.access_token as string;
    const proven = (path: string) =>
      prover.headers('PUT', '', token, { htu: `https://api.example.com${path}` });
    const request = { method: 'PUT', path: '/users/1?x=1' };

    prover.nonce = undefined;
    const without = await ask(await proven('/users/1'), request);
    expect(without.headers['www-authenticate']).toContain('error="use_dpop_nonce"');
    expectDenied(without, 401, without.headers['www-authenticate']);
    prover.nonce = without.headers['dpop-nonce'] ?? '';
    expect(prover.nonce).not.toBe('');

    const headers = await proven('/users/1');
    const answer = await ask(headers, request);
    expectAllowed(answer);
    expect(answer.removed).toContain('dpop');
    for (const [refused, asked] of [
      [headers, request],
      [await proven('/users/2'), request],
      [await proven('/users/1'), { ...request, method: 'GET' }],
    ] as const) {
      const { headers: told, httpStatus } = await ask(refused, asked);
      expect(httpStatus).toBe(401);
      expect(told['www-authenticate']).toContain('error="invalid_dpop_proof"');
    }
    expectDenied(await ask(asBearer(token), request), 401, INVALID);
  });
});

describe('whatever is sent to the port', () => {
  it('is denied where nothing in it says what is asked', async () => {
    for (const request of [
      {},
      { attributes: {} },
      { attributes: { request: {} } },
      { attributes: { request: { http: {} } } },
      { attributes: { request: { http: { headers: { '': '', ['__proto__']: 'y' } } } } },
    ]) {
      expectDenied(await envoy.send(request), 401, 'Bearer realm="countersign"');
    }
  });

  it('never passes and ends nothing: no protobuf, too large, nested beyond reason', async () => {
    // metadata_context → filter_metadata → Struct → Value → ListValue → Value …, each in the next.
    let nested: Buffer = Buffer.alloc(0);
    for (let depth = 0; depth < 20_000 && nested.length < 200_000; depth += 1) {
      nested = lengthDelimited(depth % 2 === 0 ? 1 : 6, nested);
    }
    const struct = lengthDelimited(1, Buffer.concat([text(1, 'k'), lengthDelimited(2, nested)]));
    const entry = lengthDelimited(1, Buffer.concat([text(1, 'f'), lengthDelimited(2, struct)]));
    for (const bytes of [
      Buffer.from('ffffffffffffffff', 'hex'),
      Buffer.from('0affffff7f', 'hex'),
      Buffer.alloc(300 * 1024, 'A'),
      lengthDelimited(1, Buffer.alloc(1_000_000, 0x7a)),
    ]) {
      await expect(envoy.sendBytes(bytes)).rejects.toMatchObject({ code: expect.any(Number) });
    }
    const deep = await envoy.sendBytes(lengthDelimited(1, lengthDelimited(11, entry))).then(
      (answer) => (answer as Buffer).toString('latin1'),
      (error: unknown) => String(error),
    );
    expect(deep).not.toContain('x-principal-');
    expectAllowed(await ask(asApiKey(client.key)));
  });

  it('may have fields that are not known', async () => {
    const unknown = lengthDelimited(900, Buffer.from('of a newer Envoy'));
    const answer = (await envoy.sendBytes(unknown)) as Buffer;
    expect(answer.toString('latin1')).toContain('Bearer realm="countersign"');
  });
});

function lengthDelimited(field: number, content: Buffer): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);
}

function text(field: number, content: string): Buffer {
  return lengthDelimited(field, Buffer.from(content));
}

function varint(value: number): Buffer {
  const octets: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...octets, rest]);
    octets.push((rest & 0x7f) | 0x80);
  }
}

describe('the figures', () => {
  it('count answers together with those of /forward-auth', async () => {
    const count = async (answer: string) =>
      (await service.metrics()).sum('countersign_forward_auths_total', { answer });
    const before = [await count('allowed'), await count('unauthenticated')];
    await ask(asApiKey(client.key));
    await ask({});
    expect([await count('allowed'), await count('unauthenticated')]).toEqual(
      before.map((value) => value + 1),
    );
  });
});

describe('the port', () => {
  it('refuses what is no HTTP/2', async () => {
    const socket = connect(service.extAuthzPort ?? 0, '127.0.0.1');
    socket.write('GET /forward-auth HTTP/1.1\r\nhost: x\r\n\r\n');
    let answer = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
    await once(socket, 'close');
    expect(answer).not.toContain(' 200 ');
  });
});

describe('the certificate that an end client has shown to Envoy', () => {
  it('RFC 8705 §3: is what a key or a token must be bound to', async () => {
    const [own, other] = [await selfSigned(), await selfSigned()];
    const bound = await service.admin.newKey([], {
      key: { certificate_thumbprints: [own.thumbprint] },
    });
    const asked = { requirement: {}, headers: asApiKey(bound.key) };
    expectAllowed(await envoy.check({ ...asked, certificate: encodeURIComponent(own.pem) }));
    const told = { ...asked, certificate: encodeURIComponent(other.pem) };
    expectDenied(await envoy.check(told), 401, INVALID);
    expectDenied(await envoy.check(asked), 401, INVALID);
    const lie = { 'x-forwarded-client-cert': `Cert="${encodeURIComponent(own.pem)}"` };
    expectDenied(
      await envoy.check({ ...asked, headers: { ...asked.headers, ...lie } }),
      401,
      INVALID,
    );
    // That of a load balancer is not that of whoever it speaks for.
    const ofBalancer = { ...asked, certificate: encodeURIComponent(own.pem), peer: '10.0.0.7' };
    expectDenied(await envoy.check(ofBalancer), 401, INVALID);
    const unbound = { headers: asApiKey(client.key), certificate: encodeURIComponent(own.pem) };
    expectAllowed(await envoy.check(unbound));
  });

  it('is a mistake of the gateway, and nobody’s pass, where it is none', async () => {
    const { pem } = await selfSigned();
    for (const certificate of ['x', '%', encodeURIComponent(pem + pem)]) {
      const answer = await envoy.check({ headers: asApiKey(client.key), certificate });
      expectDenied(answer, 500);
      expect(answer.body).toContain('the gateway asks wrongly');
    }
  });
});
