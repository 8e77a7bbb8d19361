import { type RevocationPage, revocationPage } from '@countersign/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { eventually } from './eventually.js';
import { asApiKey, asBearer } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { StreamReader } from './stream-reader.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';
import { claimsOf } from './token-forge.js';

const READ = 'countersign:revocations:read';
const A = 'https://a.example';
const B = 'https://b.example';
const STREAMS_MAX = 8;

let service: ServiceUnderTest;
let proxy: TcpProxy;
let reader: Record<string, string>;
const open: StreamReader[] = [];

beforeAll(async () => {
  service = await startServiceUnderTest({
    env: {
      COUNTERSIGN_REVOCATION_STREAMS_MAX: String(STREAMS_MAX),
      COUNTERSIGN_MAX_STALENESS_MS: '1000',
      COUNTERSIGN_DATABASE_TIMEOUT_MS: '400',
    },
    databaseUrl: async (direct) => (proxy = await startTcpProxy(direct)).url,
  });
  await service.admin.createResourceServer(A, { scopes: ['read'] });
  await service.admin.createResourceServer(B, { scopes: ['read'] });
  reader = asApiKey((await service.admin.newKey([READ])).key);
});

afterEach(() => {
  for (const stream of open.splice(0)) stream.close();
});

afterAll(async () => {
  await service.stop();
  await proxy.close();
});

async function follow(query = '', headers = reader): Promise<StreamReader> {
  const stream = await StreamReader.open(service.url, headers, query);
  open.push(stream);
  return stream;
}

async function page(query = '', headers = reader): Promise<RevocationPage> {
  const { status, text, json } = await service.http.get(`/revocations${query}`, headers);
  if (status !== 200) throw new Error(`/revocations answered ${status}: ${text}`);
  return revocationPage.parse(json);
}

async function head(): Promise<number> {
  return Number((await page()).next_cursor);
}

interface Revoked {
  readonly jti: string;
}

/** Revokes a new token of a new key, or of the one that is given. */
async function revokeOne(key: string, audience?: string): Promise<Revoked> {
  const token = await service.tokenFor(key, audience === undefined ? {} : { audience });
  const answer = await service.http.form('/revoke', { token }, asApiKey(service.adminKey));
  if (answer.status !== 200) throw new Error(`/revoke answered ${answer.status}`);
  return { jti: String(claimsOf(token)['jti']) };
}

async function newKey(organizationId?: string): Promise<string> {
  const principal = organizationId === undefined ? {} : { organization_id: organizationId };
  return (await service.admin.newKey(['read'], { principal })).key;
}

function idsOf({ entries }: { entries: { id: string }[] }): string[] {
  return entries.map(({ id }) => id);
}

describe('GET /revocations', () => {
  it('has what was revoked: the snapshot, and from a cursor on what came after it', async () => {
    const key = await newKey();
    const first = await revokeOne(key);
    const snapshot = await page();
    expect(snapshot).toMatchObject({ issuer: service.url, more: false, reset: false });
    const entry = snapshot.entries.find((one: { id: string }) => one.id === first.jti);
    expect(entry).toMatchObject({ type: 'jti', final: true });
    expect(snapshot.age_ms).toBeLessThan(60_000);
    const second = await revokeOne(key);
    const diff = await page(`?cursor=${snapshot.next_cursor}`);
    expect(idsOf(diff)).toEqual([second.jti]);
    expect(idsOf(await page(`?cursor=${diff.next_cursor}`))).toEqual([]);
  });

  it('is cut into pages that leave nothing out and repeat nothing', async () => {
    const key = await newKey();
    for (let count = 0; count < 5; count += 1) await revokeOne(key);
    const whole = await page();
    const collected: string[] = [];
    let cursor = '0';
    for (let more = true; more; ) {
      const part = await page(`?limit=2&cursor=${cursor}`);
      expect(part.entries.length).toBeLessThanOrEqual(2);
      collected.push(...idsOf(part));
      ({ next_cursor: cursor, more } = part);
    }
    expect(collected).toEqual(idsOf(whole));
    expect(cursor).toBe(whole.next_cursor);
  });

  it('leaves out what can hit no token for the audience', async () => {
    const key = await newKey();
    const cursor = await head();
    const [forA, forB] = [await revokeOne(key, A), await revokeOne(key, B)];
    const all = await page(`?cursor=${cursor}`);
    const onlyA = await page(`?cursor=${cursor}&audience=${encodeURIComponent(A)}`);
    expect(idsOf(all)).toEqual([forA.jti, forB.jti]);
    expect(idsOf(onlyA)).toEqual([forA.jti]);
    // So that what was left out is not looked at again.
    expect(onlyA.next_cursor).toBe(all.next_cursor);
  });

  it('shows who is limited to an organization nothing of another', async () => {
    const [ours, theirs] = [
      await service.admin.createOrganization('Ours'),
      await service.admin.createOrganization('Theirs'),
    ];
    const limited = await service.admin.newKey([READ], {
      principal: { organization_id: ours.id },
    });
    const cursor = await head();
    const our = await revokeOne(await newKey(ours.id));
    const their = await revokeOne(await newKey(theirs.id));
    const answered = await page(`?cursor=${cursor}`, asApiKey(limited.key));
    const seen = idsOf(answered);
    expect(seen).toContain(our.jti);
    expect(seen).not.toContain(their.jti);
    // And says so: about the other's tokens it tells nothing.
    expect(answered.organization).toBe(ours.id);
    const signed = await service.http.get('/revocations', {
      ...asApiKey(limited.key),
      accept: 'application/jwt',
    });
    expect(claimsOf(signed.text)).toMatchObject({ organization: ours.id });
    const stream = await follow('', asApiKey(limited.key));
    await eventually('hello', () => stream.hellos.length > 0);
    expect(stream.hellos[0]).toMatchObject({ organization: ours.id });
  });

  it('is answered signed to who asks for that, and verifies by the published keys', async () => {
    const revoked = await revokeOne(await newKey());
    const answer = await service.http.get('/revocations', { ...reader, accept: 'application/jwt' });
    expect(answer.headers.get('content-type')).toBe('application/jwt');
    expect(answer.headers.get('vary')).toContain('accept');
    const keys = createRemoteJWKSet(new URL(`${service.url}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(answer.text, keys, {
      typ: 'revocations+jwt',
      issuer: service.url,
      requiredClaims: ['iat'],
    });
    const { iss, iat, ...claims } = payload;
    expect(iss).toBe(service.url);
    expect(Math.abs((iat ?? 0) - Date.now() / 1000)).toBeLessThan(60);
    expect(idsOf(revocationPage.parse(claims))).toContain(revoked.jti);
  });

  it('is a snapshot with reset for a cursor that the database has never reached', async () => {
    const revoked = await revokeOne(await newKey());
    const snapshot = await page('?cursor=9999999999999999');
    expect(snapshot.reset).toBe(true);
    expect(idsOf(snapshot)).toContain(revoked.jti);
    expect((await page(`?cursor=${snapshot.next_cursor}`)).reset).toBe(false);
  });

  it.each([
    ['cursor', 'cursor=x'],
    ['cursor', 'cursor=-1'],
    ['cursor', 'cursor=01'],
    ['cursor', 'cursor=1&cursor=2'],
    ['cursor', 'cursor='],
    ['audience', 'audience=no-uri'],
    ['limit', 'limit=0'],
    ['limit', 'limit=10001'],
    ['since', 'since=5'],
  ])('says that %s is wrong in ?%s', async (field, query) => {
    const { status, json } = await service.http.get(`/revocations?${query}`, reader);
    expect([status, json.code]).toEqual([422, 'validation_failed']);
    expect(new Set(json.errors.map((error: { field: string }) => error.field))).toEqual(
      new Set([field]),
    );
  });
});

describe('GET /revocations/stream', () => {
  it('says how it is to be taken: no cache, no buffer, no reuse of its connection', async () => {
    const { response } = await follow();
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-request-id': expect.any(String),
    });
  });

  it('begins with hello and the snapshot, and goes on with what is revoked', async () => {
    const key = await newKey();
    const before = await revokeOne(key);
    const stream = await follow();
    await eventually('the snapshot', () => stream.heartbeats.length > 0);
    expect(stream.ids).toEqual(idsOf(await page()));
    expect(stream.ids).toContain(before.jti);
    expect(stream.hellos).toEqual([
      { issuer: service.url, organization: null, clock_ms: expect.any(Number), reset: false },
    ]);
    expect(stream.order[0]).toBe('hello');
    expect(stream.retryMs).toBeGreaterThan(0);
    const after = await revokeOne(key);
    await eventually('the entry', () => stream.ids.includes(after.jti));
    expect(stream.ids.at(-1)).toBe(after.jti);
  });

  it('lets a client work out on its own clock how fresh it is', async () => {
    const t0 = performance.now();
    const stream = await follow();
    await eventually('some heartbeats', () => stream.heartbeats.length > 4);
    const asOf = stream.heartbeats.map(
      ({ synced_ms }) => t0 + synced_ms - (stream.hellos[0]?.clock_ms ?? 0),
    );
    // The service runs in this process: its clock is ours, and the bound can be seen to be one.
    const truth = stream.heartbeats.map(({ synced_ms }) => synced_ms);
    for (const [at, bound] of asOf.entries()) expect(bound).toBeLessThanOrEqual(truth[at] ?? 0);
    await eventually('a fresh one', () => {
      const latest = stream.heartbeats.at(-1)?.synced_ms ?? 0;
      return performance.now() - (t0 + latest - (stream.hellos[0]?.clock_ms ?? 0)) < 1_000;
    });
  });

  it('goes on after the cursor, and after Last-Event-ID before that', async () => {
    const key = await newKey();
    await revokeOne(key);
    const cursor = await head();
    const [first, second] = [await revokeOne(key), await revokeOne(key)];
    const byCursor = await follow(`?cursor=${cursor}`);
    await eventually('both', () => byCursor.ids.length === 2);
    expect(byCursor.ids).toEqual([first.jti, second.jti]);
    const lastId = String(byCursor.positions[0]);
    const byId = await follow(`?cursor=${cursor}`, { ...reader, 'last-event-id': lastId });
    await byId.upTo(await head());
    expect(byId.ids).toEqual([second.jti]);
  });

  it('says reset for a cursor that the database has never reached, and sends the snapshot', async () => {
    const stream = await follow('', { ...reader, 'last-event-id': '9999999999999999' });
    await eventually('the snapshot', () => stream.heartbeats.length > 0);
    expect(stream.hellos[0]?.reset).toBe(true);
    expect(stream.ids).toEqual(idsOf(await page()));
  });

  it('loses and repeats nothing, however often it breaks while revocations come', async () => {
    const key = await newKey();
    const cursor = await head();
    const revoked: string[] = [];
    let done = false;
    const revoking = (async () => {
      for (let count = 0; count < 60; count += 4) {
        const four = await Promise.all(Array.from({ length: 4 }, () => revokeOne(key)));
        revoked.push(...four.map(({ jti }) => jti));
      }
      done = true;
    })();
    const seen: { id: string; position: number }[] = [];
    let lastId = String(cursor);
    let breaks = 0;
    const collect = async (until: (stream: StreamReader) => boolean) => {
      const stream = await follow('', { ...reader, 'last-event-id': lastId });
      await eventually('enough', () => until(stream), 30_000);
      stream.close();
      seen.push(...stream.entries);
      lastId = stream.lastEventId ?? lastId;
    };
    while (!done) {
      const enough = 1 + (breaks % 5);
      await collect((stream) => done || stream.order.length > enough);
      breaks += 1;
    }
    await revoking;
    const last = await head();
    await collect((stream) => Number(stream.heartbeats.at(-1)?.position ?? -1) >= last);
    expect(breaks).toBeGreaterThan(3);
    expect(seen.map(({ position }) => position)).toEqual(
      [...new Set(seen.map(({ position }) => position))].sort((a, b) => a - b),
    );
    expect(seen.map(({ id }) => id).sort()).toEqual([...revoked].sort());
    expect(seen).toEqual((await page(`?cursor=${cursor}`)).entries);
  });

  it('leaves out what can hit no token for the audience, and nothing of its own organization', async () => {
    const { id } = await service.admin.createOrganization();
    const limited = await service.admin.newKey([READ], { principal: { organization_id: id } });
    const cursor = await head();
    const onlyA = await follow(`?cursor=${cursor}&audience=${encodeURIComponent(A)}`);
    const ofOne = await follow(`?cursor=${cursor}`, asApiKey(limited.key));
    const [inside, outside] = [await newKey(id), await newKey()];
    const forA = await revokeOne(inside, A);
    const forB = await revokeOne(inside, B);
    await revokeOne(await newKey((await service.admin.createOrganization()).id), B);
    const unowned = await revokeOne(outside, A);
    const last = await head();
    await Promise.all([onlyA.upTo(last), ofOne.upTo(last)]);
    expect(onlyA.ids).toEqual([forA.jti, unowned.jti]);
    expect(ofOne.ids).toEqual([forA.jti, forB.jti, unowned.jti]);
  });

  it('says that the Last-Event-ID is wrong, and what is wrong in the query', async () => {
    const wrongId = await service.http.get('/revocations/stream', {
      ...reader,
      'last-event-id': 'x',
    });
    expect(wrongId.json).toMatchObject({ status: 422, errors: [{ field: 'Last-Event-ID' }] });
    const wrongQuery = await service.http.get('/revocations/stream?limit=1', reader);
    expect(wrongQuery.json).toMatchObject({ status: 422, errors: [{ field: 'limit' }] });
  });

  it('answers HEAD with its headers, and opens nothing', async () => {
    const answer = await service.http.call('/revocations/stream', {
      method: 'HEAD',
      headers: reader,
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect((await service.metrics()).sum('countersign_revocation_streams')).toBe(0);
  });

  it('takes no place for a client that has left before it was opened', async () => {
    proxy.slowDown(200);
    // Whether the cursor lies ahead takes a look at the database to find out.
    const cursor = (await head()) + 1_000;
    const signal = AbortSignal.timeout(100);
    const url = `${service.url}/revocations/stream?cursor=${cursor}`;
    await expect(fetch(url, { headers: reader, signal })).rejects.toThrow('timeout');
    // The same question is answered: the one before was as well.
    const next = await follow(`?cursor=${cursor}`);
    proxy.resume();
    await eventually('a heartbeat', () => next.heartbeats.length > 0);
    next.close();
    const places = async () => (await service.metrics()).sum('countersign_revocation_streams');
    await eventually('no place is taken', async () => (await places()) === 0);
  });

  it('is refused beyond the limit of the process, until one of the others ends', async () => {
    const streams = await Promise.all(Array.from({ length: STREAMS_MAX }, () => follow()));
    const refused = await service.http.get('/revocations/stream', reader);
    expect([refused.status, refused.json.code]).toEqual([503, 'unavailable']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    // Nobody is kept out by who has taken all places.
    const other = await follow('', asApiKey((await service.admin.newKey([READ])).key));
    await eventually('it is up', () => other.heartbeats.length > 0);
    expect(streams.filter(({ ended }) => ended)).toHaveLength(1);
    streams.find(({ ended }) => !ended)?.close();
    await eventually('there is a place', () => follow().catch(() => null));
  });
});

describe('who may follow', () => {
  it('is nobody without the scope', async () => {
    const powerless = asApiKey((await service.admin.newKey(['read'])).key);
    for (const path of ['/revocations', '/revocations/stream']) {
      const answer = await service.http.get(path, powerless);
      expect([path, answer.status, answer.json.code]).toEqual([path, 403, 'insufficient_scope']);
      expect((await service.http.get(path)).status).toBe(401);
    }
  });

  it('follows until its key is revoked, and no longer', async () => {
    const key = await service.admin.newKey([READ]);
    const stream = await follow('', asApiKey(key.key));
    const other = await follow();
    await eventually('it is up', () => stream.heartbeats.length > 1);
    await service.admin.revokeKey(key.id);
    await stream.untilEnded();
    expect(other.ended).toBe(false);
    const again = await service.http.get('/revocations/stream', asApiKey(key.key));
    expect(again.status).toBe(401);
  });

  it('follows with a token until it is revoked, and until its scope is taken away', async () => {
    const key = await service.admin.newKey([READ]);
    const [one, two] = [await service.tokenFor(key.key), await service.tokenFor(key.key)];
    const [first, second] = [await follow('', asBearer(one)), await follow('', asBearer(two))];
    await eventually(
      'both are up',
      () => first.heartbeats.length > 1 && second.heartbeats.length > 1,
    );
    await service.http.form('/revoke', { token: one }, asApiKey(key.key));
    await first.untilEnded();
    expect(second.ended).toBe(false);
    await service.admin.patchPrincipal(key.principal_id, { scopes: [] });
    await second.untilEnded();
  });

  it('is not recorded as using its key all the time', async () => {
    const key = await service.admin.newKey([READ]);
    const stream = await follow('', asApiKey(key.key));
    await eventually('some heartbeats', () => stream.heartbeats.length > 1);
    const used = await eventually(
      'the use is recorded',
      async () => (await service.admin.readKey(key.id)).last_used_at,
      20_000,
    );
    const { length } = stream.heartbeats;
    await eventually('more heartbeats', () => stream.heartbeats.length > length + 22, 20_000);
    expect((await service.admin.readKey(key.id)).last_used_at).toBe(used);
  });
});

// Last, since it takes the database away.
describe('while the change feed cannot be followed', () => {
  it('heartbeats go on and say that nothing newer is known; then the stream goes on by itself', async () => {
    const key = await newKey();
    const stream = await follow();
    await eventually('some heartbeats', () => stream.heartbeats.length > 2);
    proxy.hang();
    const synced = () => stream.heartbeats.at(-1)?.synced_ms;
    const standing = await eventually('it stands still', async () => {
      const before = synced();
      const { length } = stream.heartbeats;
      await eventually('more heartbeats', () => stream.heartbeats.length > length + 4);
      return synced() === before ? before : null;
    });
    // Longer than answers from memory are given.
    const { length } = stream.heartbeats;
    await eventually('yet more', () => stream.heartbeats.length > length + 10);
    expect([synced(), stream.ended]).toEqual([standing, false]);
    const refused = await service.http.get('/revocations', reader);
    expect(refused.status).toBe(503);
    proxy.resume();
    await eventually('it is followed again', () => (synced() ?? 0) > (standing ?? 0));
    const revoked = await eventually('one is revoked', () => revokeOne(key).catch(() => null));
    await eventually('the entry', () => stream.ids.includes(revoked.jti));
    expect(stream.ended).toBe(false);
  });
});
