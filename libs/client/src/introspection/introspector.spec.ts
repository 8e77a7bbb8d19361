import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { eventually } from '../../test/eventually.js';
import { type HttpService, startHttpService } from '../../test/http-service.js';
import { OVER_HTTP, verifierOf } from '../../test/verifiers.js';
import type { IntrospectedEvent, MisconfiguredEvent } from '../verifier-hooks.js';
import type { VerifierOptions } from '../verifier-options.js';

let service: HttpService;

beforeEach(async () => {
  service = await startHttpService();
});
afterEach(() => service.close());

const INTROSPECT = '/introspect';

function connect(options: Partial<VerifierOptions> = {}) {
  const events: IntrospectedEvent[] = [];
  const misconfigured: MisconfiguredEvent[] = [];
  const verifier = verifierOf(service.issuer, {
    ...OVER_HTTP,
    hooks: {
      onIntrospected: (event) => events.push(event),
      onMisconfigured: (event) => misconfigured.push(event),
    },
    ...options,
  });
  return { verifier, events, misconfigured };
}

/** Holds every question until it is told to answer. */
function hold(): { release: () => void; held: ServerResponse[] } {
  const held: ServerResponse[] = [];
  service.overrides.set(INTROSPECT, (_request, response) => held.push(response));
  return {
    held,
    release() {
      for (const response of held.splice(0)) response.end('{"active":false}');
    },
  };
}

describe('Introspector', () => {
  it('asks once for all who ask about one credential at the same time', async () => {
    const { verifier } = connect();
    const key = service.issuer.apiKey();
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        verifier.verify(key, { context: { path: `/${index % 5}`, ip: '10.0.0.1' } }),
      ),
    );
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(service.count(INTROSPECT)).toBe(1);
  });

  it('does not let one request’s refusal speak for another request', async () => {
    const { verifier } = connect();
    const key = service.issuer.apiKey();
    const { held, release } = hold();
    const uses = ['/a', '/b', '/b'].map((path) => verifier.verify(key, { context: { path } }));
    await eventually(() => expect(held).toHaveLength(1));
    release();
    await eventually(() => expect(held).toHaveLength(1));
    release();
    await Promise.all(uses);
    expect(service.count(INTROSPECT)).toBe(2);
  });

  it('asks no more at once than allowed, lets some wait, and tells the rest to come again', async () => {
    const { verifier } = connect({
      introspection: { concurrency: 3, queueSize: 4 },
      staleness: { limitMs: 20_000 },
    });
    const { held, release } = hold();
    const uses = Array.from({ length: 20 }, () => verifier.verify(service.issuer.apiKey()));
    const turnedAway = await Promise.all(uses.slice(7));
    for (const result of turnedAway) {
      expect(result).toMatchObject({ status: 503, reason: 'overloaded', retryAfterSeconds: 1 });
    }
    await eventually(() => expect(held).toHaveLength(3));
    expect(service.count(INTROSPECT)).toBe(3);
    service.overrides.clear();
    release();
    const answered = await Promise.all(uses.slice(0, 7));
    expect(answered.every(({ ok }, index) => ok === index > 2)).toBe(true);
  });

  it.each([401, 403])(
    'takes %d for its own misconfiguration, never for a verdict',
    async (status) => {
      const { verifier, misconfigured } = connect();
      service.overrides.set(INTROSPECT, (_request, response) => response.writeHead(status).end());
      const result = await verifier.verify(service.issuer.apiKey());
      expect(result).toMatchObject({ status: 503, code: 'unavailable', reason: 'misconfigured' });
      expect(misconfigured).toMatchObject([{ what: 'introspection', status }]);
    },
  );

  it.each([500, 502, 503])('asks once more after %d, and then cannot tell', async (status) => {
    const { verifier } = connect();
    service.overrides.set(INTROSPECT, (_request, response) => response.writeHead(status).end());
    const result = await verifier.verify(service.issuer.apiKey());
    expect(result).toMatchObject({ status: 503, reason: 'introspection' });
    expect(service.count(INTROSPECT)).toBe(2);
  });

  it('hands on how long the service wants to be left alone', async () => {
    const { verifier } = connect();
    service.overrides.set(INTROSPECT, (_request, response) => {
      response.writeHead(429, { 'retry-after': '17' }).end();
    });
    const result = await verifier.verify(service.issuer.apiKey());
    expect(result).toMatchObject({ status: 503, retryAfterSeconds: 17 });
    expect(service.count(INTROSPECT)).toBe(1);
  });

  it.each([
    ['no JSON', '<html>'],
    ['no answer', '{}'],
    ['one of a binding that is not known', '{"active":true,"cnf":{"kid":"x"}}'],
  ])('cannot tell from %s', async (_, body) => {
    const { verifier } = connect();
    service.overrides.set(INTROSPECT, (_request, response) => response.end(body));
    const result = await verifier.verify(service.issuer.apiKey());
    expect(result).toMatchObject({ status: 503, reason: 'introspection' });
  });

  it('reads an answer that a newer service has put more into', async () => {
    const { verifier } = connect();
    const key = service.issuer.apiKey();
    const { fetch, verifierOptions } = service.issuer;
    const answer = await fetch(`${service.url}${INTROSPECT}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${verifierOptions.credential as string}` },
      body: new URLSearchParams({ token: key }),
    });
    const body = (await answer.json()) as { principal: object };
    const newer = { ...body, news: 1, principal: { ...body.principal, news: 1 } };
    service.overrides.set(INTROSPECT, (_request, response) => response.end(JSON.stringify(newer)));
    const result = await verifier.verify(key);
    expect(result).toMatchObject({ ok: true });
    expect(JSON.stringify(result)).not.toContain('news');
  });

  it('follows no redirect with the credential in its hand', async () => {
    const { verifier } = connect();
    service.overrides.set(INTROSPECT, (_request, response) => {
      response.writeHead(307, { location: `${service.url}/elsewhere` }).end();
    });
    expect(await verifier.verify(service.issuer.apiKey())).toMatchObject({ status: 503 });
    expect(service.count('/elsewhere')).toBe(0);
  });

  it('gives up on what does not answer in time', async () => {
    const { verifier } = connect({ introspection: { timeoutMs: 50 } });
    hold();
    const result = await verifier.verify(service.issuer.apiKey());
    expect(result).toMatchObject({ status: 503, reason: 'introspection' });
  });

  it('stops asking while the service is out of order, and starts again', async () => {
    const { verifier, events } = connect();
    service.overrides.set(INTROSPECT, (_request, response) => response.destroy());
    for (let count = 0; count < 10; count += 1) await verifier.verify(service.issuer.apiKey());
    expect(service.count(INTROSPECT)).toBeLessThan(8);
    expect(events.every(({ outcome }) => outcome === 'failed')).toBe(true);
    service.overrides.clear();
    const key = service.issuer.apiKey();
    await eventually(async () => expect(await verifier.verify(key)).toMatchObject({ ok: true }));
  });

  it('asks for its own credential anew for each question', async () => {
    let current = 'a-credential-that-was-rotated';
    const { verifier } = connect({ credential: async () => current });
    expect(await verifier.verify(service.issuer.apiKey())).toMatchObject({
      reason: 'misconfigured',
    });
    current = service.issuer.verifierOptions.credential as string;
    expect(await verifier.verify(service.issuer.apiKey())).toMatchObject({ ok: true });
  });
});
