import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import {
  CertificateAuthority,
  selfSigned,
  type TestCertificate,
} from '../../../test/certificate-authority.js';
import type { NewKey } from './admin-client.js';
import { clientFetch } from './client-fetch.js';
import {
  freePort,
  type GatewayProcess,
  killGateways,
  type RealGateway,
  startGateway,
} from './gateway-process.js';
import { asApiKey, asBearer, HttpClient } from './http-client.js';
import { describeGateways } from './real-gateways.js';
import { type RecordingUpstream, startRecordingUpstream } from './recording-upstream.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';

jest.setTimeout(90_000);

const SCOPE = 'read:users';

/** By the header in which each tells of a certificate. */
const GATEWAYS: Readonly<Record<string, readonly RealGateway[]>> = {
  'client-cert': ['caddy', 'haproxy', 'apache'],
  'x-ssl-client-cert': ['nginx'],
};

let files: string;
let authority: CertificateAuthority;
let tlsArgs: readonly string[];
let upstream: RecordingUpstream;

beforeAll(async () => {
  authority = await CertificateAuthority.create();
  const own = await authority.issue({ names: [{ type: 'dns', value: 'localhost' }] });
  files = await mkdtemp(join(tmpdir(), 'countersign-gateway-tls-'));
  const certificate = join(files, 'cert.pem');
  await writeFile(certificate, own.pem);
  await writeFile(`${certificate}.key`, own.privateKeyPem, { mode: 0o600 });
  tlsArgs = ['--tls-certificate', certificate, '--tls-key', `${certificate}.key`];
  upstream = await startRecordingUpstream();
});

afterAll(async () => {
  killGateways();
  await upstream.close();
  await rm(files, { recursive: true, force: true });
});

const sequence = ({ x509 }: TestCertificate) => `:${x509.raw.toString('base64')}:`;

/** What an end client writes that has heard of all of these headers. */
function spoofed(certificate: TestCertificate): Record<string, string> {
  const escaped = encodeURIComponent(certificate.pem);
  return {
    'client-cert': sequence(certificate),
    'x-ssl-client-cert': escaped,
    'x-forwarded-client-cert': `Cert="${escaped}"`,
  };
}

for (const [header, gateways] of Object.entries(GATEWAYS)) {
  describeGateways(gateways, `gateways that send ${header}`, (installed) => {
    let service: ServiceUnderTest;
    let client: NewKey;
    let certificate: TestCertificate;
    let other: TestCertificate;

    beforeAll(async () => {
      service = await startServiceUnderTest({
        env: {
          COUNTERSIGN_TRUSTED_PROXIES: '127.0.0.1',
          COUNTERSIGN_CLIENT_CERT_HEADER: header,
        },
      });
      [certificate, other] = [await selfSigned(), await selfSigned()];
      client = await service.admin.newKey([SCOPE]);
    });

    afterAll(() => service.stop());

    /** A token that is bound to the certificate, which a proxy of the service tells of. */
    async function boundToken(audience: string): Promise<string> {
      const { id } = await service.admin.issueKey(client.principal_id, {
        scopes: [SCOPE],
        authentication: {
          method: 'self_signed_tls_client_auth',
          'x5t#S256': [certificate.thumbprint],
        },
      });
      const form = { grant_type: 'client_credentials', client_id: id, audience };
      return (await service.http.form('/token', form, spoofed(certificate))).json.access_token;
    }

    describe.each(installed)('%s, with --client-certificates and --resource-metadata', (name) => {
      let gateway: GatewayProcess;
      let audience: string;
      let http: (own?: TestCertificate) => HttpClient;
      let token: string;

      beforeAll(async () => {
        const port = await freePort();
        audience = `https://localhost:${port}/v1`;
        await service.admin.createResourceServer(audience, {
          scopes: [SCOPE],
          protected_resource_metadata: {},
        });
        const asked = ['--audience', audience, '--scopes', SCOPE];
        const reached = ['--service', service.url, '--upstream', upstream.url];
        const options = [...tlsArgs, '--client-certificates', '--resource-metadata'];
        const args = [...reached, ...asked, ...options];
        gateway = await startGateway(name, args, undefined, port);
        http = (own) =>
          new HttpClient(
            `https://localhost:${port}`,
            clientFetch({ ca: authority, ...(own && { certificate: own }) }),
          );
        token = await boundToken(audience);
      });

      afterEach(() => {
        upstream.received();
      });

      afterAll(() => gateway?.stop());

      async function outcome(
        own: TestCertificate | undefined,
        headers: Record<string, string>,
      ): Promise<[status: number, through: number]> {
        const { status } = await http(own).get('/v1/users', headers);
        return [status, upstream.received().length];
      }

      it('RFC 8705 §3: lets a bound token through with its certificate alone', async () => {
        expect(await outcome(certificate, asBearer(token))).toEqual([200, 1]);
        expect(await outcome(undefined, asBearer(token))).toEqual([401, 0]);
        expect(await outcome(other, asBearer(token))).toEqual([401, 0]);
      });

      it('RFC 9440 §4: takes no end client’s word for a certificate', async () => {
        const lie = spoofed(certificate);
        expect(await outcome(undefined, { ...asBearer(token), ...lie })).toEqual([401, 0]);
        expect(await outcome(other, { ...asBearer(token), ...lie })).toEqual([401, 0]);
        const truth = { ...asBearer(token), ...spoofed(other) };
        expect(await outcome(certificate, truth)).toEqual([200, 1]);
      });

      it('holds a key to the certificate that it is bound to, and no other key', async () => {
        const bound = await service.admin.issueKey(client.principal_id, {
          scopes: [SCOPE],
          certificate_thumbprints: [certificate.thumbprint],
        });
        expect(await outcome(certificate, asApiKey(bound.key))).toEqual([200, 1]);
        expect(await outcome(undefined, asApiKey(bound.key))).toEqual([401, 0]);
        expect(await outcome(other, asApiKey(bound.key))).toEqual([401, 0]);
        for (const own of [undefined, certificate]) {
          expect(await outcome(own, asApiKey(client.key))).toEqual([200, 1]);
        }
      });

      it('tells the upstream of no certificate, neither true nor false', async () => {
        const headers = { ...asApiKey(client.key), ...spoofed(other) };
        await http(certificate).get('/v1/users', headers);
        const [request] = upstream.received();
        const names = request?.headers.map(([one]) => one.toLowerCase());
        expect(names).toContain('x-principal-subject');
        expect(names?.filter((one) => /cert/.test(one))).toEqual([]);
      });

      it('tells the upstream that the end client came by TLS', async () => {
        const headers = { ...asApiKey(client.key), 'x-forwarded-proto': 'http' };
        await http().get('/v1/users', headers);
        const [request] = upstream.received();
        expect(
          request?.headers.filter(([one]) => one.toLowerCase() === 'x-forwarded-proto'),
        ).toEqual([[expect.anything(), 'https']]);
      });

      it('knows the certificate of a session that is taken up again', async () => {
        const first = await overTls(gateway.port, certificate, token);
        expect(first.status).toBe(200);
        const second = await overTls(gateway.port, certificate, token, first.session);
        expect([second.reused, second.status]).toEqual([true, 200]);
      });

      it('RFC 9728 §3, §5.1: leads a stock client from the challenge to the issuer', async () => {
        const resource = new URL(audience);
        const fetchOverTls = { [oauth.customFetch]: clientFetch({ ca: authority }) } as object;
        const refused = (await oauth
          .protectedResourceRequest('none', 'GET', resource, undefined, undefined, fetchOverTls)
          .catch((error: unknown) => error)) as oauth.WWWAuthenticateChallengeError;
        expect(refused.status).toBe(401);
        const { resource_metadata: url } = refused.cause[0]?.parameters ?? {};
        expect(url).toBe(
          `https://localhost:${gateway.port}/.well-known/oauth-protected-resource/v1`,
        );
        const response = await oauth.resourceDiscoveryRequest(resource, fetchOverTls);
        expect(response.url).toBe(url);
        const found = await oauth.processResourceDiscoveryResponse(resource, response);
        expect(found).toMatchObject({ resource: audience, authorization_servers: [service.url] });
        expect(upstream.received()).toEqual([]);
      });

      it('opens that one path, to reading, and nothing else', async () => {
        const path = '/.well-known/oauth-protected-resource/v1';
        const opened = http();
        expect((await opened.get(path)).status).toBe(200);
        expect((await opened.get(`${path}?x=1`, { authorization: 'Bearer x' })).text).not.toBe(
          'through',
        );
        for (const [method, other] of [
          ['POST', path],
          ['DELETE', path],
          ['GET', `${path}/`],
          ['GET', `${path}/x`],
          ['GET', '/.well-known/oauth-protected-resource'],
          ['GET', `/x${path}`],
          ['GET', `${path};/../../users`],
        ] as const) {
          const { status } = await opened.call(other, { method });
          expect([method, other, status]).toEqual([method, other, expect.any(Number)]);
          expect(status).toBeGreaterThanOrEqual(400);
        }
        expect(upstream.received()).toEqual([]);
      });
    });
  });
}

/** One request on a connection of its own. */
function overTls(
  port: number,
  { pem, privateKeyPem }: TestCertificate,
  token: string,
  session?: Buffer,
): Promise<{ status: number; reused: boolean; session: Buffer | undefined }> {
  const request = [
    'GET /v1/users HTTP/1.1',
    `host: localhost:${port}`,
    'connection: close',
    `authorization: Bearer ${token}`,
  ];
  return new Promise((resolve, reject) => {
    let [answer, reused, newest]: [string, boolean, Buffer | undefined] = ['', false, undefined];
    const ticket = session === undefined ? {} : { session };
    const own = { ca: authority.pem, cert: pem, key: privateKeyPem };
    const socket = connect({ port, host: 'localhost', servername: 'localhost', ...own, ...ticket });
    socket.on('secureConnect', () => {
      reused = socket.isSessionReused();
      socket.write(`${request.join('\r\n')}\r\n\r\n`);
    });
    socket.on('session', (one) => (newest = one));
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    socket.on('close', () =>
      resolve({
        status: Number(answer.split(' ', 2)[1]),
        reused,
        session: newest,
      }),
    );
    socket.on('error', reject);
  });
}
