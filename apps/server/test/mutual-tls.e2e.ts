import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions } from 'node:tls';
import type { KeyAuthentication } from '@countersign/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import {
  CertificateAuthority,
  selfSigned,
  type TestCertificate,
} from '../../../test/certificate-authority.js';
import { asClientCert } from './as-client-cert.js';
import type { NewKey } from './admin-client.js';
import { newAssertionClient } from './assertion-client.js';
import { clientFetch, type ClientFetchOptions } from './client-fetch.js';
import { asApiKey, asBearer, type Fetch, HttpClient } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { claimsOf } from './token-forge.js';

const SCOPES = ['orders:read', 'countersign:introspect', 'countersign:introspect:any'];
const CLIENT_CREDENTIALS = { grant_type: 'client_credentials' };
const EXCHANGE = {
  grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
};

let files: string;
let authority: CertificateAuthority;
let service: ServiceUnderTest;

beforeAll(async () => {
  authority = await CertificateAuthority.create();
  const own = await authority.issue({ names: [{ type: 'ip', value: '127.0.0.1' }] });
  files = await mkdtemp(join(tmpdir(), 'countersign-tls-'));
  const paths = ['cert.pem', 'key.pem', 'ca.pem'].map((name) => join(files, name));
  const [certificate = '', privateKey = '', authorities = ''] = paths;
  await writeFile(certificate, own.pem);
  await writeFile(privateKey, own.privateKeyPem, { mode: 0o600 });
  await writeFile(authorities, authority.pem);
  service = await startServiceUnderTest({
    env: {
      COUNTERSIGN_TLS_CERT_FILE: certificate,
      COUNTERSIGN_TLS_KEY_FILE: privateKey,
      COUNTERSIGN_CLIENT_CA_FILE: authorities,
    },
    fetch: clientFetch({ ca: authority }),
  });
});

afterAll(async () => {
  await service.stop();
  await rm(files, { recursive: true, force: true });
});

function fetchWith(
  certificate: TestCertificate,
  more: Omit<ClientFetchOptions, 'certificate'> = {},
): Fetch {
  return clientFetch({ ca: authority, certificate, ...more });
}

function httpWith(certificate: TestCertificate, more = {}): HttpClient {
  return new HttpClient(service.url, fetchWith(certificate, more));
}

function newKey(authentication: KeyAuthentication): Promise<NewKey> {
  return service.admin.newKey(SCOPES, { key: { authentication } });
}

/** A key that is authenticated by a certificate of its own. */
async function pinnedClient() {
  const certificate = await selfSigned();
  const key = await newKey({
    method: 'self_signed_tls_client_auth',
    'x5t#S256': [certificate.thumbprint],
  });
  return { certificate, key, http: httpWith(certificate) };
}

function tokenRequest(http: HttpClient, clientId: string) {
  return http.form('/token', { ...CLIENT_CREDENTIALS, client_id: clientId });
}

async function tokenOf(http: HttpClient, clientId: string): Promise<string> {
  const { status, text, json } = await tokenRequest(http, clientId);
  if (status !== 200) throw new Error(`/token answered ${status}: ${text}`);
  return json.access_token as string;
}

/** On a connection of its own; `newest` is the session that the client may take up next. */
function rawTokenRequest(clientId: string, options: ConnectionOptions) {
  const body = `grant_type=client_credentials&client_id=${clientId}`;
  const head = [
    'POST /token HTTP/1.1',
    'host: 127.0.0.1',
    'connection: close',
    'content-type: application/x-www-form-urlencoded',
    `content-length: ${body.length}`,
  ];
  return new Promise<{ statusLine: string; newest: Buffer | undefined }>((resolve, reject) => {
    let [answer, newest]: [string, Buffer | undefined] = ['', undefined];
    const socket = connect(options, () => {
      newest ??= socket.getSession();
      socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    });
    socket.on('session', (session) => (newest = session));
    socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
    socket.on('close', () => resolve({ statusLine: answer.split('\r\n', 1)[0] ?? '', newest }));
    socket.on('error', reject);
  });
}

async function statusAt(http: HttpClient, credential: string): Promise<number> {
  return (await http.get('/whoami', asBearer(credential))).status;
}

describe('self_signed_tls_client_auth', () => {
  it('gets a token that is bound to the certificate (RFC 8705 §2.2, §3.1, §3.2)', async () => {
    const { certificate, key, http } = await pinnedClient();
    const { json } = await tokenRequest(http, key.id);
    expect(json.token_type).toBe('Bearer');
    const claims = claimsOf(json.access_token);
    expect(claims).toMatchObject({
      client_id: key.id,
      cnf: { 'x5t#S256': certificate.thumbprint },
    });
    expect(await service.introspect(json.access_token)).toMatchObject({
      active: true,
      token_type: 'Bearer',
      cnf: { 'x5t#S256': certificate.thumbprint },
    });
  });

  it('is refused with any other certificate, with none, and for another key (RFC 8705 §2.2)', async () => {
    const { key, http } = await pinnedClient();
    const other = await pinnedClient();
    const refused = { error: 'invalid_client' };
    const stranger = httpWith(await selfSigned());
    for (const one of [stranger, other.http, httpWith(await authority.issue()), service.http]) {
      const { status, json } = await tokenRequest(one, key.id);
      expect([status, json]).toEqual([401, expect.objectContaining(refused)]);
    }
    const { json } = await http.form('/token', CLIENT_CREDENTIALS);
    expect(json).toMatchObject(refused);
  });

  it('is refused once the certificate is over', async () => {
    const certificate = await selfSigned({ notAfter: new Date(Date.now() - 60_000) });
    const key = await newKey({
      method: 'self_signed_tls_client_auth',
      'x5t#S256': [certificate.thumbprint],
    });
    expect((await tokenRequest(httpWith(certificate), key.id)).status).toBe(401);
  });

  it('follows the registered certificates as soon as they are changed', async () => {
    const { key, http } = await pinnedClient();
    const next = await selfSigned();
    expect((await tokenRequest(http, key.id)).status).toBe(200);
    await service.admin.patchKey(key.id, {
      authentication: {
        method: 'self_signed_tls_client_auth',
        'x5t#S256': [next.thumbprint],
      },
    });
    expect((await tokenRequest(http, key.id)).status).toBe(401);
    expect((await tokenRequest(httpWith(next), key.id)).status).toBe(200);
    await service.admin.revokeKey(key.id);
    expect((await tokenRequest(httpWith(next), key.id)).status).toBe(401);
  });
});

describe('tls_client_auth', () => {
  it('takes a certificate through an intermediate, on each connection (RFC 8705 §2.1)', async () => {
    const middle = await authority.issueAuthority();
    const certificate = await middle.issue({ subject: 'O=Acme, CN=job' });
    const key = await newKey({
      method: 'tls_client_auth',
      tls_client_auth_subject_dn: 'CN=job,O=Acme',
    });
    for (let connection = 0; connection < 3; connection += 1) {
      const http = httpWith(certificate, { intermediates: [middle] });
      expect((await tokenRequest(http, key.id)).status).toBe(200);
    }
    // Without the intermediate nothing leads to the authority.
    expect((await tokenRequest(httpWith(certificate), key.id)).status).toBe(401);
  });

  it('takes it also from a client that takes up an earlier session of TLS', async () => {
    const middle = await authority.issueAuthority();
    const names = [{ type: 'dns' as const, value: 'resuming.example.com' }];
    const certificate = await middle.issue({ names });
    const key = await newKey({
      method: 'tls_client_auth',
      tls_client_auth_san_dns: 'resuming.example.com',
    });
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      let session: Buffer | undefined;
      for (let connection = 0; connection < 2; connection += 1) {
        const { statusLine, newest } = await rawTokenRequest(key.id, {
          host: '127.0.0.1',
          port: Number(new URL(service.url).port),
          ca: authority.pem,
          cert: certificate.pem + middle.pem,
          key: certificate.privateKeyPem,
          maxVersion,
          session,
        });
        expect([maxVersion, connection, statusLine]).toEqual([
          maxVersion,
          connection,
          'HTTP/1.1 200 OK',
        ]);
        session = newest;
      }
      expect(session).toBeDefined();
    }
  });

  it('takes an alternative name, from the trusted authority alone (RFC 8705 §2.1)', async () => {
    const uri = 'spiffe://example.com/job';
    const key = await newKey({ method: 'tls_client_auth', tls_client_auth_san_uri: uri });
    const names = [{ type: 'url' as const, value: uri }];
    const certificate = await authority.issue({ names });
    expect((await tokenRequest(httpWith(certificate), key.id)).status).toBe(200);
    const impostor = await CertificateAuthority.create();
    const forged = await impostor.issue({ names });
    for (const intermediates of [[], [impostor]]) {
      const http = httpWith(forged, { intermediates });
      expect((await tokenRequest(http, key.id)).status).toBe(401);
    }
    const other = await authority.issue({ names: [{ type: 'url', value: `${uri}/other` }] });
    expect((await tokenRequest(httpWith(other), key.id)).status).toBe(401);
  });

  it('is registered with exactly one name, which is one (RFC 8705 §2.1.2)', async () => {
    const { id } = await service.admin.createPrincipal();
    const register = async (members: object) => {
      const authentication = { method: 'tls_client_auth', ...members };
      const body = { name: 'key', scopes: [], environment: 'live', authentication };
      const path = `/v1/principals/${id}/keys`;
      const answer = await service.http.json('POST', path, body, asApiKey(service.adminKey));
      return answer.status;
    };
    const dns = { tls_client_auth_san_dns: 'job.example.com' };
    expect(await register(dns)).toBe(201);
    expect(await register({})).toBe(422);
    expect(await register({ ...dns, tls_client_auth_san_ip: '10.0.0.1' })).toBe(422);
    expect(await register({ tls_client_auth_san_ip: '10.0.0' })).toBe(422);
    expect(await register({ tls_client_auth_subject_dn: 'no name' })).toBe(422);
  });
});

describe('client authentication', () => {
  it('is by one method: a certificate beside another is none (RFC 6749 §2.3)', async () => {
    const { certificate, key } = await pinnedClient();
    const http = httpWith(certificate);
    const secret = await service.admin.newKey(SCOPES);
    const asSecret = { client_id: secret.id, client_secret: secret.key };
    const { status, json } = await http.form('/token', { ...CLIENT_CREDENTIALS, ...asSecret });
    expect(status).toBe(200);
    const claims = claimsOf(json.access_token);
    expect(claims['client_id']).toBe(secret.id);
    expect(claims['cnf']).toBeUndefined();
    // The certificate of one does not stand in for a wrong secret.
    const wrong = { ...CLIENT_CREDENTIALS, client_id: key.id, client_secret: secret.key };
    expect((await http.form('/token', wrong)).status).toBe(401);
    expect((await tokenRequest(http, secret.id)).status).toBe(401);
  });

  it('does not take an assertion for a key that is registered with a certificate', async () => {
    const { key, http } = await pinnedClient();
    const asserting = await newAssertionClient(service.admin, service.url, SCOPES);
    const form = await asserting.form({ iss: key.id, sub: key.id });
    expect((await http.form('/token', { ...CLIENT_CREDENTIALS, ...form })).status).toBe(401);
    expect((await tokenRequest(http, asserting.key.id)).status).toBe(401);
  });

  it('ignores what clients write into the headers of proxies (RFC 9440 §4)', async () => {
    const { certificate, key } = await pinnedClient();
    const header = encodeURIComponent(certificate.pem);
    const headers = {
      'x-ssl-client-cert': header,
      'x-forwarded-client-cert': `Cert="${header}"`,
      ...asClientCert(certificate),
    };
    const form = { ...CLIENT_CREDENTIALS, client_id: key.id };
    expect((await service.http.form('/token', form, headers)).status).toBe(401);
  });
});

describe('a token that is bound to a certificate', () => {
  it('is good with that certificate alone (RFC 8705 §3)', async () => {
    const { key, http } = await pinnedClient();
    const token = await tokenOf(http, key.id);
    expect(await statusAt(http, token)).toBe(200);
    expect(await statusAt(service.http, token)).toBe(401);
    expect(await statusAt(httpWith(await selfSigned()), token)).toBe(401);
    const asCaller = asBearer(token);
    expect((await http.form('/introspect', { token }, asCaller)).json.active).toBe(true);
    expect((await service.http.form('/introspect', { token }, asCaller)).status).toBe(401);
  });

  it('is exchanged with that certificate alone, and what comes out is bound as well (RFC 8705 §3)', async () => {
    const { certificate, key, http } = await pinnedClient();
    const form = { ...EXCHANGE, subject_token: await tokenOf(http, key.id) };
    const { status, json } = await http.form('/token', form);
    expect(status).toBe(200);
    expect(claimsOf(json.access_token)['cnf']).toEqual({ 'x5t#S256': certificate.thumbprint });
    for (const thief of [service.http, httpWith(await selfSigned())]) {
      expect((await thief.form('/token', form)).status).toBe(400);
    }
  });

  it('is allowed by a decision that is told of the certificate', async () => {
    const { certificate, key, http } = await pinnedClient();
    const credential = await tokenOf(http, key.id);
    const allowed = async (context: object) => {
      const body = { credential, context };
      const caller = asApiKey(service.adminKey);
      return (await service.http.json('POST', '/v1/verify', body, caller)).json.allowed as boolean;
    };
    expect(await allowed({ certificate_thumbprint: certificate.thumbprint })).toBe(true);
    const { thumbprint } = await selfSigned();
    expect(await allowed({ certificate_thumbprint: thumbprint })).toBe(false);
    expect(await allowed({})).toBe(false);
  });

  it('is what a client with a secret gets that wants it so (RFC 8705 §3.4)', async () => {
    const key = await service.admin.newKey(SCOPES, {
      key: { tls_client_certificate_bound_access_tokens: true },
    });
    const certificate = await selfSigned();
    const form = { ...CLIENT_CREDENTIALS, client_id: key.id, client_secret: key.key };
    const { json } = await httpWith(certificate).form('/token', form);
    expect(claimsOf(json.access_token)['cnf']).toEqual({ 'x5t#S256': certificate.thumbprint });
    const without = await service.http.form('/token', form);
    expect([without.status, without.json.error]).toEqual([400, 'invalid_request']);
  });
});

describe('a key that is bound to certificates', () => {
  async function boundKey() {
    const certificate = await selfSigned();
    const key = await service.admin.newKey(SCOPES, {
      key: { certificate_thumbprints: [certificate.thumbprint] },
    });
    return { certificate, key, http: httpWith(certificate) };
  }

  it('is good with one of them alone, and so are its tokens', async () => {
    const { certificate, key, http } = await boundKey();
    expect(key.certificate_thumbprints).toEqual([certificate.thumbprint]);
    for (let use = 0; use < 2; use += 1) {
      expect(await statusAt(http, key.key)).toBe(200);
      expect(await statusAt(service.http, key.key)).toBe(401);
      expect(await statusAt(httpWith(await selfSigned()), key.key)).toBe(401);
    }
    const { json } = await http.form('/token', CLIENT_CREDENTIALS, asApiKey(key.key));
    expect(await statusAt(http, json.access_token)).toBe(200);
    expect(await statusAt(service.http, json.access_token)).toBe(401);
    const stolen = await service.http.form('/token', CLIENT_CREDENTIALS, asApiKey(key.key));
    expect(stolen.status).toBe(401);
  });

  it('is active for a resource server that says which certificate came with it', async () => {
    const { certificate, key } = await boundKey();
    const active = async (context: Record<string, string>) => {
      const form = { token: key.key, ...context };
      const answer = await service.http.form('/introspect', form, asApiKey(service.adminKey));
      return answer.json.active as boolean;
    };
    expect(await active({ certificate_thumbprint: certificate.thumbprint })).toBe(true);
    const { thumbprint } = await selfSigned();
    expect(await active({ certificate_thumbprint: thumbprint })).toBe(false);
    expect(await active({})).toBe(false);
  });

  it('is changed by a patch, at once, and keeps what a patch does not name', async () => {
    const { key, http } = await boundKey();
    expect(await statusAt(http, key.key)).toBe(200);
    await service.admin.patchKey(key.id, { name: 'renamed' });
    expect(await statusAt(service.http, key.key)).toBe(401);
    const { thumbprint } = await selfSigned();
    await service.admin.patchKey(key.id, { certificate_thumbprints: [thumbprint] });
    expect(await statusAt(http, key.key)).toBe(401);
    await service.admin.patchKey(key.id, { certificate_thumbprints: null });
    expect(await statusAt(service.http, key.key)).toBe(200);
  });
});

describe('an actor whose credential is bound to a certificate', () => {
  const KEY_TYPE = 'urn:countersign:token-type:api-key';

  async function arranged() {
    const certificate = await selfSigned();
    const actor = await service.admin.newKey([], {
      key: { certificate_thumbprints: [certificate.thumbprint] },
    });
    const subject = await service.admin.newKey(SCOPES, {
      principal: { actor_ids: [actor.principal_id] },
    });
    const form = { ...EXCHANGE, subject_token: subject.key, subject_token_type: KEY_TYPE };
    return { certificate, actor, form, http: httpWith(certificate) };
  }

  it('yields by its key a token that is bound as well, and falls with the thumbprint', async () => {
    const { certificate, actor, form, http } = await arranged();
    const asked = { ...form, actor_token: actor.key, actor_token_type: KEY_TYPE };
    expect((await service.http.form('/token', asked)).status).toBe(400);
    const { status, json } = await http.form('/token', asked);
    expect(status).toBe(200);
    const cnf = { 'x5t#S256': certificate.thumbprint };
    expect(claimsOf(json.access_token)['cnf']).toEqual(cnf);
    expect(await statusAt(http, json.access_token)).toBe(200);
    expect(await statusAt(service.http, json.access_token)).toBe(401);
    const again = await http.form('/token', { ...EXCHANGE, subject_token: json.access_token });
    expect(claimsOf(again.json.access_token)['cnf']).toEqual(cnf);
    const { thumbprint } = await selfSigned();
    await service.admin.patchKey(actor.id, { certificate_thumbprints: [thumbprint] });
    for (const token of [json.access_token, again.json.access_token] as string[]) {
      expect(await statusAt(http, token)).toBe(401);
      expect(await service.introspect(token)).toEqual({ active: false });
    }
  });

  it('acts by its JWT together with that certificate, and with no other', async () => {
    const { certificate, actor, form, http } = await arranged();
    const own = await http.form('/token', CLIENT_CREDENTIALS, asApiKey(actor.key));
    const actor_token = own.json.access_token as string;
    const asked = { ...form, actor_token, actor_token_type: EXCHANGE.subject_token_type };
    const { status, json } = await http.form('/token', asked);
    expect(status).toBe(200);
    expect(claimsOf(json.access_token)['cnf']).toEqual({ 'x5t#S256': certificate.thumbprint });
    expect(await statusAt(http, json.access_token)).toBe(200);
    for (const thief of [service.http, httpWith(await selfSigned())]) {
      expect((await thief.form('/token', asked)).json.error).toBe('invalid_request');
      expect(await statusAt(thief, json.access_token)).toBe(401);
    }
  });
});

describe('oauth4webapi', () => {
  it('with TlsClientAuth gets a token, introspects and revokes it', async () => {
    const { certificate, key } = await pinnedClient();
    const options = { [oauth.customFetch]: fetchWith(certificate) as never };
    const issuer = new URL(service.url);
    const server = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...options }),
    );
    expect(server).toMatchObject({
      tls_client_certificate_bound_access_tokens: true,
      token_endpoint_auth_methods_supported: expect.arrayContaining([
        'tls_client_auth',
        'self_signed_tls_client_auth',
      ]),
    });
    const client: oauth.Client = { client_id: key.id };
    const authentication = oauth.TlsClientAuth();
    const token = await oauth.processClientCredentialsResponse(
      server,
      client,
      await oauth.clientCredentialsGrantRequest(server, client, authentication, {}, options),
    );
    const introspect = async () =>
      oauth.processIntrospectionResponse(
        server,
        client,
        await oauth.introspectionRequest(
          server,
          client,
          authentication,
          token.access_token,
          options,
        ),
      );
    expect(await introspect()).toMatchObject({
      active: true,
      cnf: { 'x5t#S256': certificate.thumbprint },
    });
    const revocation = [server, client, authentication, token.access_token, options] as const;
    await oauth.processRevocationResponse(await oauth.revocationRequest(...revocation));
    expect(await introspect()).toEqual({ active: false });
  });
});
