import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CertificateAuthority,
  selfSigned,
  type TestCertificate,
} from '../../../test/certificate-authority.js';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientFetch } from './client-fetch.js';
import { asApiKey, asBearer, HttpClient } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { claimsOf } from './token-forge.js';

type Headers = Record<string, string>;

const escaped = ({ pem }: TestCertificate) => encodeURIComponent(pem);
const sequence = ({ x509 }: TestCertificate) => `:${x509.raw.toString('base64')}:`;

/** How each proxy tells of a certificate and of what stands between it and an authority. */
const PROXIES: Record<string, (leaf: TestCertificate, chain?: TestCertificate[]) => Headers> = {
  'client-cert': (leaf, chain = []) => ({
    'client-cert': sequence(leaf),
    ...(chain.length > 0 && { 'client-cert-chain': chain.map(sequence).join(', ') }),
  }),
  'x-ssl-client-cert': (leaf) => ({ 'x-ssl-client-cert': escaped(leaf) }),
  'x-forwarded-client-cert': (leaf, chain = []) => ({
    'x-forwarded-client-cert': `By=spiffe://mesh/api;Hash=00;Cert="${escaped(leaf)}";Subject="CN=\\"a\\", O=b";Chain="${[leaf, ...chain].map(escaped).join('')}";URI=spiffe://mesh/job`,
  }),
};

/** What no proxy says. */
const MALFORMED: Record<string, (leaf: TestCertificate) => Headers[]> = {
  'client-cert': (leaf) => [
    { 'client-cert': 'x' },
    { 'client-cert': '"text"' },
    { 'client-cert': ':AAAA:' },
    { 'client-cert': `${sequence(leaf)}, ${sequence(leaf)}` },
    { 'client-cert-chain': sequence(leaf) },
    { 'client-cert': sequence(leaf), 'client-cert-chain': 'x' },
    {
      'client-cert': sequence(leaf),
      'client-cert-chain': Array(5).fill(sequence(leaf)).join(', '),
    },
  ],
  'x-ssl-client-cert': (leaf) => [
    { 'x-ssl-client-cert': 'x' },
    { 'x-ssl-client-cert': '%' },
    { 'x-ssl-client-cert': escaped(leaf) + escaped(leaf) },
    { 'x-ssl-client-cert': encodeURIComponent(leaf.privateKeyPem) },
  ],
  'x-forwarded-client-cert': (leaf) => [
    { 'x-forwarded-client-cert': 'x' },
    { 'x-forwarded-client-cert': 'Hash=00' },
    { 'x-forwarded-client-cert': 'Cert="%"' },
    // Of two hops: which of them is the client's cannot be told.
    { 'x-forwarded-client-cert': `Cert="${escaped(leaf)}",Cert="${escaped(leaf)}"` },
    { 'x-forwarded-client-cert': `Cert="${escaped(leaf)}";Cert="${escaped(leaf)}"` },
  ],
};

const CLIENT_CREDENTIALS = { grant_type: 'client_credentials' };
let files: string;
let authority: CertificateAuthority;

beforeAll(async () => {
  authority = await CertificateAuthority.create();
  files = await mkdtemp(join(tmpdir(), 'countersign-ca-'));
  await writeFile(join(files, 'ca.pem'), authority.pem);
});

afterAll(() => rm(files, { recursive: true, force: true }));

describe.each(Object.keys(PROXIES))('a proxy that sends %s', (header) => {
  const telling = PROXIES[header] ?? (() => ({}));
  let service: ServiceUnderTest;
  /** From an address that is no trusted proxy's. */
  let outsider: HttpClient;

  beforeAll(async () => {
    service = await startServiceUnderTest({
      env: {
        COUNTERSIGN_TRUSTED_PROXIES: '127.0.0.1',
        COUNTERSIGN_CLIENT_CERT_HEADER: header,
        COUNTERSIGN_CLIENT_CA_FILE: join(files, 'ca.pem'),
      },
    });
    outsider = new HttpClient(service.url, clientFetch({ localAddress: '127.0.0.2' }));
    await service.admin.createResourceServer('https://api.example.com', { scopes: [] });
  });

  afterAll(() => service.stop());

  async function pinnedClient() {
    const certificate = await selfSigned();
    const { id } = await service.admin.newKey([], {
      key: {
        authentication: {
          method: 'self_signed_tls_client_auth',
          'x5t#S256': [certificate.thumbprint],
        },
      },
    });
    return { id, certificate };
  }

  const tokenRequest = (http: HttpClient, clientId: string, headers: Headers) =>
    http.form('/token', { ...CLIENT_CREDENTIALS, client_id: clientId }, headers);

  it('RFC 9440 §2.2, RFC 8705 §2: is believed, the certificate authenticates, and the token is bound to it', async () => {
    const { id, certificate } = await pinnedClient();
    const { status, json } = await tokenRequest(service.http, id, telling(certificate));
    expect(status).toBe(200);
    const token = json.access_token as string;
    expect(claimsOf(token)['cnf']).toEqual({ 'x5t#S256': certificate.thumbprint });
    const whoami = async (headers: Headers) =>
      (await service.http.get('/whoami', { ...asBearer(token), ...headers })).status;
    expect(await whoami(telling(certificate))).toBe(200);
    expect(await whoami(telling(await selfSigned()))).toBe(401);
    expect(await whoami({})).toBe(401);
  });

  it('RFC 9440 §4: is not believed from any other address, as if the header were not there', async () => {
    const { id, certificate } = await pinnedClient();
    const refused = await tokenRequest(outsider, id, telling(certificate));
    expect(refused.status).toBe(401);
    const without = await tokenRequest(outsider, id, {});
    expect([refused.status, refused.text]).toEqual([without.status, without.text]);
    // Also what would be an error of a proxy.
    const key = await service.admin.newKey();
    for (const headers of MALFORMED[header]?.(certificate) ?? []) {
      expect((await outsider.get('/whoami', { ...asApiKey(key.key), ...headers })).status).toBe(
        200,
      );
    }
  });

  it('is believed in this header alone', async () => {
    const { id, certificate } = await pinnedClient();
    for (const [other, tellingOtherwise] of Object.entries(PROXIES)) {
      const { status } = await tokenRequest(service.http, id, tellingOtherwise(certificate));
      expect([other, status]).toEqual([other, other === header ? 200 : 401]);
    }
  });

  it('RFC 9440 §2.1 to §2.3: is told when it sends what is no certificate', async () => {
    const { id, certificate } = await pinnedClient();
    const key = await service.admin.newKey();
    for (const headers of MALFORMED[header]?.(certificate) ?? []) {
      const { status, json } = await tokenRequest(service.http, id, headers);
      expect([headers, status, json.error]).toEqual([headers, 400, 'invalid_request']);
      const whoami = await service.http.get('/whoami', { ...asApiKey(key.key), ...headers });
      expect([whoami.status, whoami.json.code]).toEqual([400, 'invalid_request']);
    }
  });

  it('RFC 9440 §2.3, RFC 8705 §2.1: leads to a trusted authority', async () => {
    const middle = await authority.issueAuthority();
    const subject = { tls_client_auth_san_dns: 'job.example.com' };
    const { id } = await service.admin.newKey([], {
      key: { authentication: { method: 'tls_client_auth', ...subject } },
    });
    const names = [{ type: 'dns' as const, value: 'job.example.com' }];
    const direct = telling(await authority.issue({ names }));
    expect((await tokenRequest(service.http, id, direct)).status).toBe(200);
    const below = await middle.issue({ names });
    // nginx has no variable for the chain.
    const status = header === 'x-ssl-client-cert' ? 401 : 200;
    expect((await tokenRequest(service.http, id, telling(below, [middle]))).status).toBe(status);
    const forged = telling(await selfSigned({ names }));
    expect((await tokenRequest(service.http, id, forged)).status).toBe(401);
  });

  it('RFC 8705 §3: as a gateway tells of the end client, for tokens and keys that are bound', async () => {
    const certificate = await selfSigned();
    const key = await service.admin.newKey([], {
      key: { certificate_thumbprints: [certificate.thumbprint] },
    });
    const ask = async (http: HttpClient, credential: string, headers: Headers) =>
      (await http.get('/forward-auth', { ...asBearer(credential), ...headers })).status;
    const { json } = await service.http.form('/token', CLIENT_CREDENTIALS, {
      ...asApiKey(key.key),
      ...telling(certificate),
    });
    for (const credential of [key.key, json.access_token as string]) {
      expect(await ask(service.http, credential, telling(certificate))).toBe(200);
      expect(await ask(service.http, credential, telling(await selfSigned()))).toBe(401);
      expect(await ask(service.http, credential, {})).toBe(401);
      expect(await ask(outsider, credential, telling(certificate))).toBe(401);
    }
    // What the upstream gets counts where the upstream asks about it, and nowhere else.
    const upstreamTokens = await Promise.all(
      [key.key, json.access_token as string].map(async (credential) => {
        const asked = { ...asBearer(credential), ...telling(certificate) };
        const { headers } = await service.http.get('/forward-auth', asked);
        return headers.get('x-principal-token') ?? '';
      }),
    );
    const allows = async (credential: string) => {
      const caller = asApiKey(service.adminKey);
      const decision = await service.http.json('POST', '/v1/verify', { credential }, caller);
      return decision.json.allowed as boolean;
    };
    for (const token of upstreamTokens) {
      expect(claimsOf(token)['cnf']).toBeUndefined();
      expect((await service.introspect(token)).active).toBe(true);
      expect(await allows(token)).toBe(true);
      expect(await ask(service.http, token, telling(certificate))).toBe(401);
      expect((await service.http.get('/whoami', asBearer(token))).status).toBe(401);
      const exchanged = await service.http.form('/token', {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: token,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      });
      expect(exchanged.json.error).toBe('invalid_request');
    }
    const { thumbprint } = await selfSigned();
    await service.admin.patchKey(key.id, { certificate_thumbprints: [thumbprint] });
    for (const token of upstreamTokens) {
      expect(await service.introspect(token)).toEqual({ active: false });
      expect(await allows(token)).toBe(false);
    }
    // Neither yes nor no: the gateway is set up wrongly.
    const [malformed = {}] = MALFORMED[header]?.(certificate) ?? [];
    expect(await ask(service.http, key.key, malformed)).toBe(500);
  });
});
