import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createGuardedFetch, type Resolve } from './guarded-fetch.js';

let server: Server;
let port: number;
let requests = 0;

beforeAll(async () => {
  server = createServer((_, response) => {
    requests += 1;
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A resolver that answers what it is told, one answer after the other. */
function resolver(...answers: string[][]): Resolve {
  return ((_host: string, _options: object, callback: (...result: unknown[]) => void) => {
    const addresses = (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  }) as unknown as Resolve;
}

const refusal = { cause: { name: 'AddressRefused' } };

describe('createGuardedFetch', () => {
  it('connects to an address that is allowed by name, and to that name only through it', async () => {
    const guarded = createGuardedFetch(['127.0.0.1'], resolver(['127.0.0.1']));
    expect((await guarded(`http://127.0.0.1:${port}/`, {})).status).toBe(200);
    expect((await guarded(`http://idp.example:${port}/`, {})).status).toBe(200);
  });

  it.each(['127.0.0.1', '[::1]', '169.254.169.254', '10.0.0.1', '[::ffff:127.0.0.1]', '0x7f.1'])(
    'refuses %s in the URL itself',
    async (host) => {
      const before = requests;
      const guarded = createGuardedFetch(['192.0.2.1']);
      await expect(guarded(`http://${host}:${port}/`, {})).rejects.toMatchObject({
        name: 'AddressRefused',
      });
      expect(requests).toBe(before);
    },
  );

  it.each([
    ['a private one', ['127.0.0.1']],
    ['a public one and a private one', ['8.8.8.8', '127.0.0.1']],
    ['one of IPv6 that stands for a private one', ['::ffff:127.0.0.1']],
  ])('refuses a name whose address is %s', async (_what, addresses) => {
    const before = requests;
    const guarded = createGuardedFetch([], resolver(addresses));
    await expect(guarded(`http://idp.example:${port}/`, {})).rejects.toMatchObject(refusal);
    expect(requests).toBe(before);
  });

  it('checks the address that it connects to: a name that is rebound gets nobody anywhere', async () => {
    const before = requests;
    // Where the check and the connection each looked the name up, the second answer would count.
    const resolve = resolver(['8.8.8.8', '127.0.0.1'], ['127.0.0.1']);
    const guarded = createGuardedFetch([], resolve);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await expect(guarded(`http://idp.example:${port}/`, {})).rejects.toMatchObject(refusal);
    }
    expect(requests).toBe(before);
  });

  it('is one look-up for one connection', async () => {
    let lookups = 0;
    const counting = ((host: string, options: object, callback: never) => {
      lookups += 1;
      return (resolver(['127.0.0.1']) as unknown as (...args: unknown[]) => void)(
        host,
        options,
        callback,
      );
    }) as unknown as Resolve;
    const guarded = createGuardedFetch(['127.0.0.1'], counting);
    await (await guarded(`http://one.example:${port}/`, {})).text();
    expect(lookups).toBe(1);
  });
});
