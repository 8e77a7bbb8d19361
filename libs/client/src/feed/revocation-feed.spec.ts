import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { eventually } from '../../test/eventually.js';
import { type HttpService, startHttpService } from '../../test/http-service.js';
import { OVER_HTTP, verifierOf } from '../../test/verifiers.js';
import type { FeedEvent } from '../verifier-hooks.js';

let service: HttpService;

beforeEach(async () => {
  service = await startHttpService();
});
afterEach(() => service.close());

function follow() {
  const events: FeedEvent[] = [];
  const verifier = verifierOf(service.issuer, {
    ...OVER_HTTP,
    hooks: { onFeed: (event) => events.push(event) },
  });
  const types = () => events.map(({ type }) => type);
  const reasons = () =>
    events.flatMap((event) => (event.type === 'disconnected' ? event.reason : []));
  return { verifier, types, reasons };
}

const STREAM = '/revocations/stream';
const HELLO = { organization: null, clock_ms: 1000, reset: false };

function openStream(response: ServerResponse) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (event: string, data: object) =>
    response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  send('hello', { issuer: service.url, ...HELLO });
  return send;
}

describe('RevocationFeed', () => {
  it('loads all that is in force, then follows the stream, and is fresh', async () => {
    service.issuer.publish({ type: 'jti', id: 'before' });
    const { verifier, types } = follow();
    await verifier.ready();
    await eventually(() => expect(verifier.staleness()).toMatchObject({ fresh: true, entries: 1 }));
    await eventually(() => expect(types()).toEqual(['loaded', 'connected']));
    service.issuer.publish({ type: 'jti', id: 'after' });
    await eventually(() => expect(verifier.staleness().entries).toBe(2));
    // Heartbeats keep it fresh, well past the limit.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await eventually(() => expect(verifier.staleness().fresh).toBe(true));
    expect(service.count('/revocations')).toBe(1);
  });

  it('takes the snapshot page by page, and is not fresh before the last', async () => {
    const pages = [
      {
        next_cursor: '1',
        more: true,
        entries: [{ position: 1, type: 'jti', id: 'a', final: true, expires_at: 9e9 }],
      },
      {
        next_cursor: '2',
        more: false,
        entries: [{ position: 2, type: 'jti', id: 'b', final: true, expires_at: 9e9 }],
      },
    ];
    const cursors: (string | null)[] = [];
    let release = () => {};
    service.overrides.set('/revocations', (request, response) => {
      const cursor = new URL(request.url ?? '', service.url).searchParams.get('cursor');
      cursors.push(cursor);
      const page = pages[cursor === null ? 0 : 1];
      const send = () =>
        response.end(
          JSON.stringify({
            issuer: service.url,
            organization: null,
            reset: false,
            age_ms: 0,
            ...page,
          }),
        );
      if (cursor === null) send();
      else release = send;
    });
    const { verifier } = follow();
    await eventually(() => expect(cursors).toEqual([null, '1']));
    expect(verifier.staleness()).toMatchObject({ fresh: false, ageMs: Infinity, entries: 1 });
    release();
    await verifier.ready();
    await eventually(() => expect(verifier.staleness()).toMatchObject({ fresh: true, entries: 2 }));
  });

  it('resumes where it was when the stream breaks off, and misses nothing', async () => {
    const { verifier, types } = follow();
    await verifier.ready();
    await eventually(() => expect(service.count(STREAM)).toBe(1));
    service.issuer.setUnreachable(true);
    service.issuer.setUnreachable(false);
    service.issuer.publish({ type: 'jti', id: 'meanwhile' });
    await eventually(() => expect(verifier.staleness()).toMatchObject({ fresh: true, entries: 1 }));
    await eventually(() =>
      expect(types()).toEqual(['loaded', 'connected', 'disconnected', 'connected']),
    );
  });

  it('does not take heartbeats for older since the first request after a break took long', async () => {
    let isCold = false;
    const slowWhenCold = (path: string, answer: (response: ServerResponse) => void) =>
      service.overrides.set(path, (_request, response) => {
        setTimeout(() => answer(response), isCold ? 700 : 0);
        isCold = false;
      });
    slowWhenCold('/revocations', (response) => {
      const page = { issuer: service.url, organization: null, entries: [], next_cursor: '1' };
      response.end(JSON.stringify({ ...page, more: false, reset: false, age_ms: 0 }));
    });
    const streams: ServerResponse[] = [];
    slowWhenCold(STREAM, (response) => {
      const openedMs = performance.now();
      const send = openStream(response);
      const syncedMs = () => 1000 + performance.now() - openedMs;
      const beat = () => send('heartbeat', { position: '1', synced_ms: syncedMs() });
      const timer = setInterval(beat, 50);
      response.on('close', () => clearInterval(timer));
      streams.push(response);
    });
    const { verifier } = follow();
    await eventually(() => expect(streams).toHaveLength(1));
    isCold = true;
    streams[0]?.destroy();
    await eventually(() => expect(streams).toHaveLength(2));
    await eventually(() => expect(verifier.staleness().ageMs).toBeLessThan(300), 1000);
  });

  it('goes elsewhere when heartbeats stop', async () => {
    const { verifier, reasons } = follow();
    service.overrides.set(STREAM, (_request, response) => openStream(response));
    await eventually(() => expect(reasons()).toContain('the stream fell silent'));
    service.overrides.clear();
    await verifier.ready();
  });

  it('goes elsewhere when heartbeats go on and the time that they tell stands still', async () => {
    const { verifier, reasons } = follow();
    const timers: NodeJS.Timeout[] = [];
    service.overrides.set(STREAM, (_request, response) => {
      const send = openStream(response);
      timers.push(setInterval(() => send('heartbeat', { position: '1', synced_ms: 1000 }), 50));
    });
    await eventually(() => expect(reasons()).toContain('the stream fell silent'));
    timers.forEach(clearInterval);
    service.overrides.clear();
    await verifier.ready();
  });

  it('opens the stream anew when it took so long to open that each heartbeat comes too late', async () => {
    const { verifier, reasons } = follow();
    const timers: NodeJS.Timeout[] = [];
    service.overrides.set(STREAM, (_request, response) => {
      const startedMs = performance.now();
      const clockMs = () => 1000 + performance.now() - startedMs;
      // What a heartbeat tells counts from before the request: 200 ms of the limit are left for each.
      const open = () => {
        const send = openStream(response);
        const beat = () => send('heartbeat', { position: '1', synced_ms: clockMs() - 800 });
        timers.push(setInterval(beat, 400));
      };
      timers.push(setTimeout(open, 800));
    });
    await eventually(() => expect(reasons()).toContain('the stream is too far behind'));
    timers.forEach(clearInterval);
    service.overrides.clear();
    await verifier.ready();
  });

  it('forgets everything and loads anew when the feed was reset', async () => {
    service.issuer.publish({ type: 'jti', id: 'before' });
    let isReset = true;
    service.overrides.set(STREAM, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const hello = { issuer: service.url, ...HELLO, reset: isReset };
      response.write(`event: hello\ndata: ${JSON.stringify(hello)}\n\n`);
      isReset = false;
    });
    const { verifier, types } = follow();
    await eventually(() =>
      expect(types().slice(0, 5)).toEqual([
        'loaded',
        'connected',
        'reset',
        'disconnected',
        'loaded',
      ]),
    );
    expect(verifier.staleness().entries).toBe(1);
  });

  it('forgets everything and loads anew when the feed is that of another organization from now on', async () => {
    service.issuer.publish({ type: 'jti', id: 'before' });
    const { verifier, reasons, types } = follow();
    await verifier.ready();
    await eventually(() => expect(service.count(STREAM)).toBe(1));
    expect(verifier.staleness()).toMatchObject({ organization: null });
    service.issuer.limitTo('org_a');
    await eventually(() =>
      expect(verifier.staleness()).toMatchObject({ organization: 'org_a', fresh: true }),
    );
    expect(reasons()).toContain('the feed is that of another organization');
    expect(types().filter((type) => type === 'loaded')).toHaveLength(2);
    service.issuer.limitTo(null);
    await eventually(() =>
      expect(verifier.staleness()).toMatchObject({ organization: null, fresh: true, entries: 1 }),
    );
    expect(types().filter((type) => type === 'loaded')).toHaveLength(3);
  });

  it('takes no snapshot of pages that are of different organizations', async () => {
    let organization: string | null = 'org_a';
    const page = { issuer: service.url, entries: [], reset: false, age_ms: 0, next_cursor: '1' };
    service.overrides.set('/revocations', (_request, response) => {
      response.end(JSON.stringify({ ...page, organization, more: organization !== null }));
      organization = organization === null ? 'org_a' : null;
    });
    const { verifier, reasons } = follow();
    await eventually(() =>
      expect(reasons()).toContain('the pages of the feed are of different organizations'),
    );
    expect(verifier.staleness()).toMatchObject({ ageMs: Infinity, organization: undefined });
  });

  it.each([
    ['another issuer’s stream', { issuer: 'https://other.example', ...HELLO }],
    ['a greeting that is none', { issuer: 1 }],
    ['a greeting that does not say of whom it tells', { ...HELLO, organization: undefined }],
  ])('takes nothing from %s', async (_, hello) => {
    service.overrides.set(STREAM, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const heartbeat = { position: '1', synced_ms: 1e9 };
      const greeting = { issuer: service.url, ...hello };
      response.write(`event: hello\ndata: ${JSON.stringify(greeting)}\n\n`);
      response.write(`event: heartbeat\ndata: ${JSON.stringify(heartbeat)}\n\n`);
    });
    const { verifier, reasons } = follow();
    await eventually(() => expect(reasons().length).toBeGreaterThan(1));
    // Only the snapshot counts, and no time that such a stream tells.
    expect(verifier.staleness().ageMs).toBeGreaterThan(0);
  });

  it('overlooks no entry of a type that it does not know: it is not fresh any more', async () => {
    const { verifier, reasons } = follow();
    service.overrides.set(STREAM, (_request, response) => {
      const send = openStream(response);
      send('revocation', { position: 5, type: 'galaxy', id: 'x', final: true, expires_at: 9e9 });
      send('heartbeat', { position: '5', synced_ms: 1e9 });
    });
    await eventually(() => expect(reasons()).toContain('an event of the stream cannot be read'));
    await eventually(() => expect(verifier.staleness().fresh).toBe(false));
  });

  it('does not ask in a loop while it is refused', async () => {
    const statuses: number[] = [];
    service.overrides.set('/revocations', (_request, response) => {
      response.writeHead(403).end();
    });
    verifierOf(service.issuer, {
      ...OVER_HTTP,
      hooks: {
        onMisconfigured: ({ what, status }) => what === 'revocations' && statuses.push(status),
      },
    });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(statuses[0]).toBe(403);
    expect(service.count('/revocations')).toBeLessThan(30);
  });

  it('ends with the verifier, and leaves no connection', async () => {
    const { verifier } = follow();
    await verifier.ready();
    await eventually(() => expect(service.count(STREAM)).toBe(1));
    await verifier.close();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(service.count(STREAM)).toBe(1);
    await expect(verifier.ready()).rejects.toMatchObject({ name: 'VerifierClosed' });
  });
});
