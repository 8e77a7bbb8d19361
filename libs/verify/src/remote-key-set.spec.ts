import type { RequestListener } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSigner } from '../test/signer.js';
import { type JwksServer, startJwksServer } from '../test/jwks-server.js';
import type { Fetch } from './fetch-document.js';
import { keySetFromJwks } from './key-set.js';
import { KeysUnavailable } from './keys-unavailable.js';
import { RemoteKeySet, type RemoteKeySetOptions } from './remote-key-set.js';

const [first, second] = [createSigner('ES256', 'first').jwk, createSigner('ES256', 'second').jwk];
const METADATA = '/.well-known/oauth-authorization-server';

let server: JwksServer;
let clockMs = 0;

beforeEach(async () => {
  server = await startJwksServer();
  server.routes = { '/jwks': { keys: [first] } };
  clockMs = 1_000_000;
});
afterEach(() => server.close());

const later = (seconds: number) => (clockMs += seconds * 1000);
const create = (options: Partial<RemoteKeySetOptions> = {}) =>
  new RemoteKeySet(
    {
      issuer: server.origin,
      jwksUri: `${server.origin}/jwks`,
      allowInsecureHttp: 'loopback',
      monotonicMs: () => clockMs,
      ...options,
    },
    keySetFromJwks,
  );
async function eventually(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const discovering = (options: Partial<RemoteKeySetOptions> = {}) =>
  create({ jwksUri: undefined, ...options });

describe('RemoteKeySet', () => {
  it('fetches nothing before it is asked, and then once for all who ask', async () => {
    const keySet = create();
    expect(keySet.fresh.size).toBe(0);
    expect(server.requests).toEqual([]);
    const found = await Promise.all(Array.from({ length: 20 }, () => keySet.keysFor('first')));
    expect(found.every((keys) => keys.has('first'))).toBe(true);
    expect(server.requests).toEqual(['/jwks']);
  });

  it('yields the same set until another document was fetched', async () => {
    const keySet = create();
    const keys = await keySet.keysFor('first');
    expect(await keySet.keysFor('first')).toBe(keys);
    expect(keySet.fresh).toBe(keys);
    later(601);
    expect(await keySet.keysFor('first')).not.toBe(keys);
  });

  it('fetches anew past the maximum age, and drops what is no longer published', async () => {
    const keySet = create();
    await keySet.keysFor('first');
    server.routes['/jwks'] = { keys: [second] };
    later(599);
    expect((await keySet.keysFor('first')).has('first')).toBe(true);
    later(1);
    expect(keySet.fresh.size).toBe(0);
    expect((await keySet.keysFor('first')).has('first')).toBe(false);
    expect(server.requests).toHaveLength(2);
  });

  it('counts the age of a set from before its request', async () => {
    server.routes['/jwks'] = (_: unknown, response: { end(text: string): void }) => {
      later(100);
      response.end(JSON.stringify({ keys: [first] }));
    };
    const keySet = create();
    await keySet.keysFor('first');
    later(499);
    expect(keySet.fresh.has('first')).toBe(true);
    later(1);
    expect(keySet.fresh.has('first')).toBe(false);
  });

  it('fetches anew for an unknown kid, but only once in the cooldown', async () => {
    const keySet = create();
    await keySet.keysFor('first');
    server.routes['/jwks'] = { keys: [first, second] };
    later(29);
    expect((await keySet.keysFor('second')).has('second')).toBe(false);
    expect(server.requests).toHaveLength(1);
    later(1);
    expect((await keySet.keysFor('second')).has('second')).toBe(true);
    for (let n = 0; n < 100; n++) await keySet.keysFor(`forged ${n}`);
    expect(server.requests).toHaveLength(2);
  });

  it('fetches anew for an unknown kid within the cooldown once it was doubted, and only once', async () => {
    const keySet = create();
    await keySet.keysFor('first');
    server.routes['/jwks'] = { keys: [first, second] };
    later(1);
    keySet.doubt();
    expect(keySet.fresh.has('first')).toBe(true);
    expect((await keySet.keysFor('first')).has('second')).toBe(false);
    later(1);
    expect((await keySet.keysFor('second')).has('second')).toBe(true);
    for (let n = 0; n < 100; n++) await keySet.keysFor(`forged ${n}`);
    expect(server.requests).toHaveLength(2);
  });

  it('goes past caches, and asks every second at most, while it is doubted', async () => {
    const asked: (string | undefined)[] = [];
    server.routes['/jwks'] = ((request, response) => {
      asked.push(request.headers['cache-control']);
      response.end(JSON.stringify({ keys: [first] }));
    }) satisfies RequestListener;
    const keySet = create({ fetch: (url, init) => fetch(url, { ...init, cache: 'default' }) });
    await keySet.keysFor('first');
    expect(keySet.isDoubted).toBe(false);
    keySet.doubt();
    expect(keySet.isDoubted).toBe(true);
    for (const seconds of [0.5, 0.5, 0.5, 0.5]) {
      later(seconds);
      await keySet.keysFor('second');
    }
    expect(asked).toEqual([undefined, 'no-cache', 'no-cache']);
    later(300);
    expect(keySet.isDoubted).toBe(false);
    await keySet.keysFor('second');
    await keySet.keysFor('third');
    expect(asked).toHaveLength(4);
    expect(asked[3]).toBeUndefined();
  });

  it('renews beside its use past the age for it, so that nobody waits', async () => {
    const keySet = create({ times: { refreshAgeSeconds: 300 } });
    await keySet.keysFor('first');
    later(300);
    expect(keySet.fresh.has('first')).toBe(true);
    expect(server.requests).toHaveLength(1);
    later(1);
    server.routes['/jwks'] = { keys: [second] };
    expect(keySet.fresh.has('first')).toBe(true);
    await eventually(() => keySet.fresh.has('second'));
    expect(server.requests).toHaveLength(2);
  });

  it('lets no failure of a renewal beside it out', async () => {
    const keySet = create({ times: { refreshAgeSeconds: 300 } });
    await keySet.keysFor('first');
    delete server.routes['/jwks'];
    later(301);
    expect(keySet.fresh.has('first')).toBe(true);
    await eventually(() => server.requests.length === 2);
    expect(keySet.fresh.has('first')).toBe(true);
  });

  describe('while the issuer cannot be reached', () => {
    beforeEach(() => {
      server.routes['/jwks'] = { keys: [first] };
    });

    it('goes on with the keys that it knows, up to the limit', async () => {
      const keySet = create();
      await keySet.keysFor('first');
      delete server.routes['/jwks'];
      for (const seconds of [600, 30, 3600, 82_169]) {
        later(seconds);
        expect((await keySet.keysFor('first')).has('first')).toBe(true);
      }
      later(1);
      await expect(keySet.keysFor('first')).rejects.toThrow(KeysUnavailable);
    });

    it('cannot tell about a kid that it does not know', async () => {
      const keySet = create();
      await keySet.keysFor('first');
      delete server.routes['/jwks'];
      later(31);
      await expect(keySet.keysFor('second')).rejects.toThrow(KeysUnavailable);
      expect((await keySet.keysFor('first')).has('first')).toBe(true);
    });

    it('asks again after a while, not for every token', async () => {
      const keySet = create();
      delete server.routes['/jwks'];
      for (let n = 0; n < 10; n++) {
        await expect(keySet.keysFor('first')).rejects.toThrow(KeysUnavailable);
      }
      expect(server.requests).toHaveLength(1);
      later(1);
      server.routes['/jwks'] = { keys: [first] };
      expect((await keySet.keysFor('first')).has('first')).toBe(true);
      expect(server.requests).toHaveLength(2);
    });

    it('waits for no answer once it is known to fail', async () => {
      const keySet = create();
      await keySet.keysFor('first');
      delete server.routes['/jwks'];
      later(600);
      await keySet.keysFor('first');
      server.routes['/jwks'] = () => {}; // never answers
      later(1);
      expect((await keySet.keysFor('first')).has('first')).toBe(true);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(server.requests).toHaveLength(3);
    });

    it('does not go by a failure of long ago', async () => {
      const keySet = create();
      await keySet.keysFor('first');
      delete server.routes['/jwks'];
      later(600);
      await keySet.keysFor('first');
      server.routes['/jwks'] = { keys: [second] };
      later(3600);
      expect((await keySet.keysFor('first')).has('first')).toBe(false);
    });

    it('is fresh again when the issuer is back', async () => {
      const keySet = create();
      await keySet.keysFor('first');
      delete server.routes['/jwks'];
      later(600);
      await keySet.keysFor('first');
      server.routes['/jwks'] = { keys: [second] };
      later(1);
      await keySet.keysFor('first'); // had without waiting; the fetch goes on beside
      while (!keySet.fresh.has('second')) await new Promise((resolve) => setTimeout(resolve, 5));
      expect((await keySet.keysFor('first')).has('first')).toBe(false);
    });
  });

  it.each<[string, unknown]>([
    ['not JSON', (_: unknown, response: { end(text: string): void }) => response.end('<html>')],
    ['not a JWK Set', { keys: 'none' }],
    ['a list', [first]],
    ['larger than 1 MiB', { keys: [first], filler: 'x'.repeat(1_100_000) }],
    [
      'an error',
      (_: unknown, response: { statusCode: number; end(text: string): void }) => {
        response.statusCode = 500;
        response.end(JSON.stringify({ keys: [first] }));
      },
    ],
  ])('takes an answer for an outage that is %s', async (_, route) => {
    server.routes['/jwks'] = route;
    await expect(create().keysFor('first')).rejects.toThrow(KeysUnavailable);
  });

  it('follows no redirect (RFC 8725 §3.10)', async () => {
    server.routes['/elsewhere'] = { keys: [first] };
    server.routes['/jwks'] = (
      _: unknown,
      response: { writeHead(status: number, headers: object): { end(): void } },
    ) => response.writeHead(302, { location: '/elsewhere' }).end();
    await expect(create().keysFor('first')).rejects.toThrow(KeysUnavailable);
    expect(server.requests).toEqual(['/jwks']);
  });

  it('waits no longer than the time limit, also for the body', async () => {
    const times = { timeoutSeconds: 0.1 };
    server.routes['/jwks'] = (_: unknown, response: { write(text: string): void }) =>
      response.write('{"keys":[');
    await expect(create({ times }).keysFor('first')).rejects.toThrow(KeysUnavailable);
    server.routes['/jwks'] = () => {};
    await expect(create({ times }).keysFor('first')).rejects.toThrow(KeysUnavailable);
  });

  it('says in its cause what went wrong', async () => {
    server.routes = {};
    const error: unknown = await create()
      .keysFor('first')
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'KeysUnavailable', cause: { message: /404/ } });
  });

  it('is not made with a URL that keys may not come from', () => {
    expect(() => create({ allowInsecureHttp: false })).toThrow(TypeError);
    expect(() => create({ jwksUri: 'nowhere' })).toThrow(TypeError);
    expect(() => discovering({ issuer: 'http://auth.example.com' })).toThrow(TypeError);
  });

  describe('discovery (RFC 8414)', () => {
    beforeEach(() => {
      server.routes[METADATA] = { issuer: server.origin, jwks_uri: `${server.origin}/jwks` };
    });

    it('finds the keys by the metadata of the issuer, once for all sets of the maximum age', async () => {
      const keySet = discovering();
      expect((await keySet.keysFor('first')).has('first')).toBe(true);
      later(599);
      await keySet.keysFor('second');
      expect(server.requests).toEqual([METADATA, '/jwks', '/jwks']);
      later(1);
      await keySet.keysFor('second');
      expect(server.requests).toHaveLength(3);
      later(30);
      await keySet.keysFor('second');
      expect(server.requests.slice(3)).toEqual([METADATA, '/jwks']);
    });

    describe('when the issuer moves its keys', () => {
      const moved = () => {
        const jwks_uri = `${server.origin}/moved`;
        server.routes[METADATA] = { issuer: server.origin, jwks_uri };
        server.routes['/moved'] = { keys: [second] };
      };

      it('finds them beside its use, and drops those of the old place', async () => {
        const keySet = discovering({ times: { refreshAgeSeconds: 300 } });
        await keySet.keysFor('first');
        moved();
        for (const seconds of [301, 301]) {
          later(seconds);
          const { length } = server.requests;
          expect(keySet.fresh.has('first')).toBe(true);
          await eventually(() => server.requests.length > length);
          await keySet.keysFor('unknown');
        }
        await eventually(() => keySet.fresh.has('second'));
        expect(keySet.fresh.has('first')).toBe(false);
        expect(server.requests).toEqual([METADATA, '/jwks', '/jwks', METADATA, '/moved']);
      });

      it('finds them at once when they are no longer at the old place', async () => {
        const keySet = discovering();
        await keySet.keysFor('first');
        moved();
        delete server.routes['/jwks'];
        later(31);
        expect((await keySet.keysFor('second')).has('second')).toBe(true);
        expect(server.requests).toEqual([METADATA, '/jwks', '/jwks', METADATA, '/moved']);
      });

      it('looks for them at no place that keys may not come from', async () => {
        const keySet = discovering();
        await keySet.keysFor('first');
        server.routes[METADATA] = { issuer: server.origin, jwks_uri: 'http://jwks.example/' };
        delete server.routes['/jwks'];
        later(31);
        await expect(keySet.keysFor('second')).rejects.toThrow(KeysUnavailable);
        expect((await keySet.keysFor('first')).has('first')).toBe(true);
      });
    });

    it('goes on with the place that it knows while the metadata cannot be had, and asks again', async () => {
      const keySet = discovering();
      await keySet.keysFor('first');
      const metadata = server.routes[METADATA];
      delete server.routes[METADATA];
      server.routes['/jwks'] = { keys: [first, second] };
      later(600);
      expect((await keySet.keysFor('second')).has('second')).toBe(true);
      server.routes[METADATA] = metadata;
      later(30);
      await keySet.keysFor('unknown');
      const asked = [METADATA, '/jwks'];
      expect(server.requests).toEqual([...asked, ...asked, ...asked]);
    });

    it('asks a set that is at its place and cannot be had once, not twice', async () => {
      const keySet = discovering();
      await keySet.keysFor('first');
      delete server.routes['/jwks'];
      later(31);
      await expect(keySet.keysFor('second')).rejects.toThrow(KeysUnavailable);
      expect(server.requests).toEqual([METADATA, '/jwks', '/jwks', METADATA]);
    });

    it('puts the well-known path before the path of the issuer (§3.1)', async () => {
      const issuer = `${server.origin}/tenant/1`;
      server.routes[`${METADATA}/tenant/1`] = { issuer, jwks_uri: `${server.origin}/jwks` };
      expect((await discovering({ issuer }).keysFor('first')).has('first')).toBe(true);
    });

    it('puts OpenID’s well-known path behind the path of the issuer (Discovery §4.1)', async () => {
      const issuer = `${server.origin}/tenant/1/`;
      const path = '/tenant/1/.well-known/openid-configuration';
      server.routes[path] = { issuer, jwks_uri: `${server.origin}/jwks` };
      const keySet = discovering({ issuer, discovery: 'openid-configuration' });
      expect((await keySet.keysFor('first')).has('first')).toBe(true);
      expect(server.requests).toEqual([path, '/jwks']);
    });

    it('uses no metadata of another issuer (§3.3)', async () => {
      const jwks_uri = `${server.origin}/jwks`;
      for (const issuer of [
        `${server.origin}/`,
        'https://evil.example',
        undefined,
        [server.origin],
      ]) {
        server.routes[METADATA] = { issuer, jwks_uri };
        await expect(discovering().keysFor('first')).rejects.toThrow(KeysUnavailable);
      }
      expect(server.requests).not.toContain('/jwks');
    });

    it.each([undefined, null, 1, 'jwks', 'http://jwks.example/', 'file:///jwks'])(
      'does not go to jwks_uri %p',
      async (jwks_uri) => {
        server.routes[METADATA] = { issuer: server.origin, jwks_uri };
        const urls: string[] = [];
        const counting: Fetch = (url, init) => {
          urls.push(url);
          return fetch(url, init);
        };
        const keys = discovering({ fetch: counting }).keysFor('first');
        await expect(keys).rejects.toThrow(KeysUnavailable);
        expect(urls).toEqual([server.origin + METADATA]);
      },
    );

    it('follows no redirect', async () => {
      server.routes['/elsewhere'] = server.routes[METADATA];
      server.routes[METADATA] = (
        _: unknown,
        response: { writeHead(status: number, headers: object): { end(): void } },
      ) => response.writeHead(307, { location: '/elsewhere' }).end();
      await expect(discovering().keysFor('first')).rejects.toThrow(KeysUnavailable);
      expect(server.requests).toEqual([METADATA]);
    });

    it('asks again when it failed', async () => {
      const keySet = discovering();
      const metadata = server.routes[METADATA];
      delete server.routes[METADATA];
      await expect(keySet.keysFor('first')).rejects.toThrow(KeysUnavailable);
      server.routes[METADATA] = metadata;
      later(1);
      expect((await keySet.keysFor('first')).has('first')).toBe(true);
    });
  });
});
