import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { NOBODYS_HEADERS } from '../src/endpoints/forward-auth/principal-headers.js';
import {
  freePort,
  type GatewayProcess,
  killGateways,
  type RealGateway,
  startGateway,
} from './gateway-process.js';
import { asApiKey } from './http-client.js';
import { describeGateways, REAL_GATEWAYS } from './real-gateways.js';
import { type RecordingUpstream, startRecordingUpstream } from './recording-upstream.js';

jest.setTimeout(90_000);

/** With all that the service may say beside a status. */
function answering(status: number): RequestListener {
  const headers = { 'retry-after': '7', 'www-authenticate': 'Bearer error="x"', location: '/y' };
  return (_, response) => response.writeHead(status, headers).end('no');
}

afterAll(() => killGateways());

describeGateways(REAL_GATEWAYS, 'what fails at a gateway', (installed) => {
  describe.each(installed)('%s, as gateway-config configures it', (name) => {
    describe.each<[string, RequestListener | undefined, number]>([
      ['is gone', undefined, 503],
      ['cannot tell', answering(503), 503],
      ['never answers', () => undefined, 503],
      ['breaks off', (_, response) => response.destroy(), 503],
      ['answers what is no decision', answering(404), 503],
      ['sends the gateway elsewhere', answering(302), 503],
      ['is asked wrongly', answering(500), 500],
      ['has had enough of it', answering(429), 429],
    ])('while the service %s', (_, listener, status) => {
      let service: Server | undefined;
      let upstream: RecordingUpstream;
      let gateway: GatewayProcess;

      beforeAll(async () => {
        service = listener && (await listening(listener));
        const port = service === undefined ? await freePort() : portOf(service);
        upstream = await startRecordingUpstream();
        gateway = await start(name, port, upstream.url);
      });

      afterAll(async () => {
        await gateway?.stop();
        service?.closeAllConnections();
        service?.close();
        await upstream.close();
      });

      it(`answers ${status} and lets nothing through, with a credential or without`, async () => {
        const answers = await Promise.all([
          gateway.http.get('/', asApiKey('a-key')),
          gateway.http.get('/'),
          gateway.http.json('POST', '/', { name: 'x' }, asApiKey('a-key')),
        ]);
        expect(answers.map((answer) => answer.status)).toEqual([status, status, status]);
        expect(upstream.received()).toEqual([]);
      });
    });

    it('says when to come again, as the service does (RFC 9110 §10.2.3)', async () => {
      for (const status of [503, 429]) {
        const service = await listening(answering(status));
        const gateway = await start(name, portOf(service), 'http://127.0.0.1:9');
        try {
          const answer = await gateway.http.get('/', asApiKey('a-key'));
          expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, '7']);
        } finally {
          await gateway.stop();
          service.close();
        }
      }
    });

    it('leaves the answer of the upstream as it is, also where that fails or refuses', async () => {
      const service = await listening((_, response) =>
        response.writeHead(200, [...NOBODYS_HEADERS]).end(),
      );
      const upstream = await listening((request, response) => {
        response
          .writeHead(Number(request.url?.slice(1)), { 'www-authenticate': 'Own', 'x-own': '1' })
          .end('of the upstream');
      });
      const gateway = await start(name, portOf(service), `http://127.0.0.1:${portOf(upstream)}`);
      try {
        for (const status of [401, 403, 404, 429, 500, 502, 503, 504]) {
          const answer = await gateway.http.get(`/${status}`);
          const { headers, text } = answer;
          expect([answer.status, headers.get('www-authenticate'), headers.get('x-own')]).toEqual([
            status,
            'Own',
            '1',
          ]);
          expect(text).toBe('of the upstream');
        }
        upstream.closeAllConnections();
        await new Promise((resolve) => upstream.close(resolve));
        // The gateway's own word for it. On a connection that was used before, HAProxy may say nothing.
        const gone = name === 'nginx' || name === 'caddy' ? 502 : 503;
        const request = 'GET /200 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
        expect((await gateway.http.raw(request)).status).toBe(gone);
      } finally {
        await gateway.stop();
        service.closeAllConnections();
        service.close();
        upstream.closeAllConnections();
      }
    });
  });
});

function start(gateway: RealGateway, servicePort: number, upstream: string) {
  const service = `http://127.0.0.1:${servicePort}`;
  return startGateway(gateway, ['--service', service, '--upstream', upstream]);
}

function listening(listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
