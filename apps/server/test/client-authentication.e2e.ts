import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyAuthentication } from '@countersign/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CertificateAuthority,
  selfSigned,
  type TestCertificate,
} from '../../../test/certificate-authority.js';
import { asClientCert } from './as-client-cert.js';
import { newAssertionClient } from './assertion-client.js';
import { CONFIRMED } from './confirmed.js';
import { DpopClient } from './dpop-client.js';
import { type Answer, asBasic, asBearer, type FormFields } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { claimsOf } from './token-forge.js';

const SCOPES = ['countersign:introspect', 'countersign:introspect:any'];
const GRANT = { grant_type: 'client_credentials' };
const ENDPOINTS = { '/token': 'token', '/introspect': 'introspection', '/revoke': 'revocation' };
type Path = keyof typeof ENDPOINTS;
const PATHS = Object.keys(ENDPOINTS) as Path[];

/** What says in a request who its sender is. */
interface Presented {
  readonly fields: FormFields;
  readonly headers: Record<string, string>;
}

interface Client {
  readonly id: string;
  /** Anew for each request. @param id of another client, which it then claims to be */
  present(path: Path, id?: string): Promise<Presented>;
}

let files: string;
let authority: CertificateAuthority;
let service: ServiceUnderTest;

beforeAll(async () => {
  authority = await CertificateAuthority.create();
  files = await mkdtemp(join(tmpdir(), 'countersign-ca-'));
  await writeFile(join(files, 'ca.pem'), authority.pem);
  service = await startServiceUnderTest({
    env: {
      COUNTERSIGN_TRUSTED_PROXIES: '127.0.0.1',
      COUNTERSIGN_CLIENT_CERT_HEADER: 'client-cert',
      COUNTERSIGN_CLIENT_CA_FILE: join(files, 'ca.pem'),
    },
  });
});

afterAll(async () => {
  await service.stop();
  await rm(files, { recursive: true, force: true });
});

async function clientWithCertificate(
  authentication: KeyAuthentication,
  certificate: TestCertificate,
): Promise<Client> {
  const own = await service.admin.newKey(SCOPES, { key: { authentication } });
  return {
    id: own.id,
    present: async (_path, id = own.id) => ({
      fields: { client_id: id },
      headers: asClientCert(certificate),
    }),
  };
}

const byCertificate: Readonly<Record<string, () => Promise<Client>>> = {
  async tls_client_auth() {
    const value = `${crypto.randomUUID()}.example.com`;
    const certificate = await authority.issue({ names: [{ type: 'dns', value }] });
    const method = 'tls_client_auth' as const;
    return clientWithCertificate({ method, tls_client_auth_san_dns: value }, certificate);
  },
  async self_signed_tls_client_auth() {
    const certificate = await selfSigned();
    const method = 'self_signed_tls_client_auth' as const;
    const authentication = { method, 'x5t#S256': [certificate.thumbprint] };
    return clientWithCertificate(authentication, certificate);
  },
};

const otherwise: Readonly<Record<string, () => Promise<Client>>> = {
  async client_secret_basic() {
    const own = await service.admin.newKey(SCOPES);
    return {
      id: own.id,
      present: async (_path, id = own.id) => ({ fields: {}, headers: asBasic(id, own.key) }),
    };
  },
  async client_secret_post() {
    const own = await service.admin.newKey(SCOPES);
    return {
      id: own.id,
      present: async (_path, id = own.id) => ({
        fields: { client_id: id, client_secret: own.key },
        headers: {},
      }),
    };
  },
  async private_key_jwt() {
    const { key, form } = await newAssertionClient(service.admin, service.url, SCOPES);
    return {
      id: key.id,
      present: async (_path, id = key.id) => ({
        fields: await form({ iss: id, sub: id }),
        headers: {},
      }),
    };
  },
};

/** Types of access tokens, by which one may call introspection. @see RFC 8414 §2 */
const byAccessToken: Readonly<Record<string, () => Promise<Client>>> = {
  async Bearer() {
    const { id, key } = await service.admin.newKey(SCOPES);
    const token = await service.tokenFor(key);
    return { id, present: async () => ({ fields: {}, headers: asBearer(token) }) };
  },
  async DPoP() {
    const { id, key } = await service.admin.newKey(SCOPES);
    const prover = new DpopClient(service.http);
    const { json } = await prover.form('/token', GRANT, asBearer(key));
    const token = json.access_token as string;
    return {
      id,
      present: async (path) => ({ fields: {}, headers: await prover.headers('POST', path, token) }),
    };
  },
};

const ofClients = { ...otherwise, ...byCertificate };
const METHODS: Readonly<Record<Path, Readonly<Record<string, () => Promise<Client>>>>> = {
  '/token': ofClients,
  '/introspect': { ...ofClients, ...byAccessToken },
  '/revoke': ofClients,
};
const EACH = PATHS.flatMap((path) =>
  Object.entries(METHODS[path]).map(([method, newClient]) => ({ path, method, newClient })),
);

/** A token that the client may ask about, or revoke. */
async function tokenFor(client: Client, method: string): Promise<string> {
  if (method in ofClients) return tokenOf(client);
  return service.tokenFor(service.adminKey);
}

async function tokenOf(client: Client): Promise<string> {
  const { fields, headers } = await client.present('/token');
  const { status, text, json } = await service.http.form(
    '/token',
    { ...GRANT, ...fields },
    headers,
  );
  if (status !== 200) throw new Error(`/token answered ${status}: ${text}`);
  return json.access_token as string;
}

async function call(path: Path, { fields, headers }: Presented, token: string): Promise<Answer> {
  return service.http.form(path, { ...GRANT, token, ...fields }, headers);
}

async function expectDone(path: Path, answer: Answer, id: string, token: string): Promise<void> {
  expect([path, answer.status]).toEqual([path, 200]);
  switch (path) {
    case '/token':
      expect(claimsOf(answer.json.access_token)).toMatchObject({ client_id: id });
      break;
    case '/introspect':
      expect(answer.json).toMatchObject({ active: true });
      break;
    case '/revoke':
      expect(answer.json).toEqual({ propagation: CONFIRMED });
      expect(await service.introspect(token)).toEqual({ active: false });
  }
}

function expectInvalidClient({ status, json }: Answer): void {
  expect([status, json.error]).toEqual([401, 'invalid_client']);
}

describe('the metadata', () => {
  it.each(PATHS)(
    'RFC 8414 §2: lists for %s the methods that are tried here, and no other',
    async (path) => {
      const { json } = await service.http.get('/.well-known/oauth-authorization-server');
      const listed = json[`${ENDPOINTS[path]}_endpoint_auth_methods_supported`] as string[];
      expect([...listed].sort()).toEqual(Object.keys(METHODS[path]).sort());
    },
  );
});

describe('a method of client authentication', () => {
  it.each(EACH)(
    'RFC 6749 §2.3, RFC 7523 §2.2, RFC 8705 §2: is taken, $method at $path',
    async (one) => {
      const client = await one.newClient();
      const token = await tokenFor(client, one.method);
      const answer = await call(one.path, await client.present(one.path), token);
      await expectDone(one.path, answer, client.id, token);
    },
  );

  it.each(EACH.filter(({ method }) => method in ofClients))(
    'RFC 6749 §5.2: is refused where the client is another one, $method at $path',
    async ({ path, newClient }) => {
      const [client, other] = [await newClient(), await newClient()];
      const token = await tokenOf(other);
      expectInvalidClient(await call(path, await client.present(path, other.id), token));
      expect(await service.introspect(token)).toMatchObject({ active: true });
    },
  );
});

describe.each(Object.entries(byCertificate))(
  'a certificate of %s, at hand',
  (_method, ofCertificate) => {
    it.each(EACH.filter(({ method }) => !(method in byCertificate) && method !== 'DPoP'))(
      'RFC 6749 §2.3: beside $method at $path is no second method, and changes nothing',
      async ({ path, method, newClient }) => {
        const client = await newClient();
        const token = await tokenFor(client, method);
        const { headers } = await (await ofCertificate()).present(path);
        const presented = await client.present(path);
        const both = { ...presented, headers: { ...presented.headers, ...headers } };
        const answer = await call(path, both, token);
        await expectDone(path, answer, client.id, token);
        if (path === '/token') expect(claimsOf(answer.json.access_token)['cnf']).toBeUndefined();
      },
    );

    it.each(PATHS)('at %s does not stand in for a secret that is wrong', async (path) => {
      const client = await ofCertificate();
      const token = await tokenOf(client);
      const { fields, headers } = await client.present(path);
      const wrong = { ...fields, client_secret: service.adminKey };
      expectInvalidClient(await call(path, { fields: wrong, headers }, token));
    });

    it.each(PATHS)('at %s says nothing to who names no client (RFC 8705 §2)', async (path) => {
      const client = await ofCertificate();
      const { headers } = await client.present(path);
      expectInvalidClient(await call(path, { fields: {}, headers }, await tokenOf(client)));
    });
  },
);
