import { afterAll, describe, expect, it } from '@jest/globals';
import fastify from 'fastify';
import { DataPlaneRequest } from '../../data-plane/data-plane-request.js';
import { senderAddressBy } from '../../data-plane/sender-address.js';
import { EndClientRequest } from './end-client-request.js';
import { readSubRequest } from './sub-request.js';

const PATH = '/forward-auth';
const TRUSTED = ['10.0.0.0/24', 'fd00::/64'];
const TOLD = {
  'x-forwarded-for': '192.0.2.7',
  'x-forwarded-method': 'POST',
  'x-forwarded-uri': '/reports/1?x=1',
};

const app = fastify();
app.all('/*', ({ raw }, reply) => {
  const request = new DataPlaneRequest(raw, senderAddressBy(TRUSTED));
  const subRequest = readSubRequest(request.url, PATH, request.headers);
  const { ip, method, path, url } = new EndClientRequest(request, subRequest, TRUSTED);
  reply.send({ ip, method, path, url });
});

afterAll(() => app.close());

async function known(remoteAddress: string, headers: Record<string, string> = TOLD, behind = '') {
  const answer = await app.inject({ method: 'GET', url: PATH + behind, headers, remoteAddress });
  return answer.json();
}

describe('EndClientRequest', () => {
  it('believes a trusted proxy, over IPv4 and IPv6', async () => {
    const all = { ip: '192.0.2.7', method: 'POST', path: '/reports/1' };
    for (const proxy of ['10.0.0.9', '::ffff:10.0.0.9', 'fd00::1']) {
      expect(await known(proxy)).toEqual(all);
    }
  });

  it('knows nothing by anybody else, not even the address that asks', async () => {
    for (const stranger of ['10.0.1.1', '192.0.2.7', '127.0.0.1', '::1']) {
      expect(await known(stranger)).toEqual({});
      expect(await known(stranger, TOLD, '/reports/1')).toEqual({});
    }
  });

  it('never takes the gateway for the end client', async () => {
    expect(await known('10.0.0.9', {})).toEqual({});
    expect(await known('10.0.0.9', {}, '/reports/1?x')).toEqual({ path: '/reports/1' });
    expect(await known('10.0.0.9', {}, ';;/reports/1')).toEqual({
      method: 'GET',
      path: '/reports/1',
    });
  });

  it('RFC 9449 §4.2: takes Envoy’s Host for the end client’s, and nobody else’s', async () => {
    const headers = { host: 'api.example.com', 'x-forwarded-proto': 'https' };
    const url = 'https://api.example.com/reports/1';
    expect(await known('10.0.0.9', headers, ';;/reports/1?x')).toMatchObject({ url });
    expect(await known('10.0.0.9', headers, '/reports/1')).not.toHaveProperty('url');
    expect(await known('10.0.0.9', { host: 'x' }, ';;/reports/1')).not.toHaveProperty('url');
    expect(await known('10.0.1.1', headers, ';;/reports/1')).toEqual({});
  });

  it('takes the last address that is no trusted proxy', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.1, 192.0.2.7, 10.0.0.4' };
    expect(await known('10.0.0.9', headers)).toEqual({ ip: '192.0.2.7' });
  });
});
