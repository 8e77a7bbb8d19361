import { EventEmitter } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Revocation, RevocationLog } from '@countersign/core';
import fc from 'fast-check';
import type { HeldCaller } from '../../http/held-callers.js';
import type { FeedReader } from './revocation-page.js';
import type { StreamEnd } from './revocation-stream.js';
import { RevocationStreams } from './revocation-streams.js';

const HEARTBEAT_MS = 50;
const EVERYTHING: FeedReader = { audience: undefined, organizationId: undefined };
const GOOD: HeldCaller = {
  principalId: 'prn_1',
  organizationId: null,
  isStillGood: () => true,
};

interface Event {
  readonly event: string;
  readonly id: string | undefined;
  // oxlint-disable-next-line typescript/no-explicit-any -- a test says what it expects by what it reads
  readonly data: any;
}

/** A client's end: keeps what it is sent, and takes it as fast as the test says. */
class FakeResponse extends EventEmitter {
  readonly written: (Buffer | string)[] = [];
  writableLength = 0;
  writableNeedDrain = false;
  ended: 'ended' | 'destroyed' | undefined;
  stopsTaking = false;

  write(chunk: Buffer | string): boolean {
    this.written.push(chunk);
    if (this.stopsTaking) {
      this.writableLength += chunk.length;
      this.writableNeedDrain = true;
    }
    return !this.writableNeedDrain;
  }

  end(): void {
    this.#close('ended');
  }

  destroy(): void {
    this.#close('destroyed');
  }

  take(): void {
    this.stopsTaking = false;
    this.writableLength = 0;
    this.writableNeedDrain = false;
    this.emit('drain');
  }

  get events(): Event[] {
    const text = this.written.map(String).join('');
    return text
      .split('\n\n')
      .filter(Boolean)
      .map((block) => {
        const fields = new Map(
          block.split('\n').map((line) => line.split(/: (.*)/, 2) as [string, string]),
        );
        return {
          event: fields.get('event') ?? '',
          id: fields.get('id'),
          data: JSON.parse(fields.get('data') ?? 'null'),
        };
      });
  }

  of(event: string): Event[] {
    return this.events.filter((one) => one.event === event);
  }

  get positions(): number[] {
    return this.of('revocation').map(({ data }) => data.position);
  }

  #close(how: 'ended' | 'destroyed'): void {
    this.ended ??= how;
    this.emit('close');
  }
}

function revocation(position: number, more: Partial<Revocation> = {}): Revocation {
  return {
    position,
    type: 'jti',
    id: `jti-${position}`,
    final: true,
    effectiveAt: null,
    expiresAt: 4_000_000_000,
    audiences: null,
    organizationId: null,
    ...more,
  };
}

function apply(log: RevocationLog, one: Revocation): void {
  const { position, id: subject } = one;
  log.apply({ position, kind: 'revocation', subject, revocation: one });
}

let streams: RevocationStreams | undefined;

afterEach(() => streams?.close());

async function start(count = 0, random = 0.5) {
  const revocations = Array.from({ length: count }, (_, at) => revocation(at + 1));
  const log = new RevocationLog(async () => ({ position: count, revocations }));
  await log.reset();
  const followed = { syncedAtMs: 1_000.9 };
  const clock = { aheadMs: 2_000 };
  const ends: StreamEnd[] = [];
  const hub = new RevocationStreams({
    feed: log,
    followed,
    issuer: 'https://auth.example.com',
    heartbeatMs: HEARTBEAT_MS,
    onEnd: (reason) => ends.push(reason),
    monotonicMs: () => performance.now() + clock.aheadMs,
    random: () => random,
  });
  streams = hub;
  const open = (position = 0, reader = EVERYTHING, caller = GOOD, reset = false) => {
    const response = new FakeResponse();
    hub.open(response as unknown as ServerResponse, { caller, reader, position, reset });
    return response;
  };
  // What is applied within a short time goes out together: let it pass.
  const advance = () => (clock.aheadMs += 100);
  return { log, followed, clock, ends, hub, open, advance };
}

async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; !what(); tries += 1) {
    if (tries > 2_000) throw new Error('it does not come');
    await delay(5);
  }
}

describe('a stream of revocations', () => {
  it('begins with hello, what the client lacks, and a heartbeat', async () => {
    const { open } = await start(3);
    const beforeMs = performance.now() + 2_000;
    const client = open(1, EVERYTHING, GOOD, true);
    await until(() => client.of('heartbeat').length > 0);
    expect(client.events.slice(0, 4)).toEqual([
      {
        event: 'hello',
        // Whoever breaks off here has forgotten everything, and must come back for everything.
        id: '0',
        data: {
          issuer: 'https://auth.example.com',
          organization: null,
          clock_ms: expect.any(Number),
          reset: true,
        },
      },
      { event: 'revocation', id: '2', data: expect.objectContaining({ id: 'jti-2' }) },
      { event: 'revocation', id: '3', data: expect.objectContaining({ id: 'jti-3' }) },
      { event: 'heartbeat', id: '3', data: { position: '3', synced_ms: 1_000 } },
    ]);
    // Never too early: a client takes it for a moment before which it has asked.
    expect(client.events[0]?.data.clock_ms).toBeGreaterThanOrEqual(beforeMs);
    expect(String(client.written[0])).toMatch(/^retry: 1000\n/);
  });

  it('tells what an entry says, and no more: not whose affair it is', async () => {
    const { open, log } = await start();
    const client = open();
    const more = { effectiveAt: 3_000_000_000, final: false, organizationId: 'org_1' };
    apply(log, revocation(1, { ...more, type: 'credential', audiences: ['https://a.example'] }));
    await until(() => client.positions.length === 1);
    expect(client.of('revocation')[0]?.data).toEqual({
      position: 1,
      type: 'credential',
      id: 'jti-1',
      final: false,
      effective_at: 3_000_000_000,
      expires_at: 4_000_000_000,
    });
  });

  it('has a heartbeat again and again when nothing changes, and says how far it was followed', async () => {
    const { open, followed } = await start(2);
    const client = open();
    await until(() => client.of('heartbeat').length >= 2);
    followed.syncedAtMs = 1_500.2;
    await until(() => client.of('heartbeat').at(-1)?.data.synced_ms === 1_500);
    // The feed cannot be followed, or is loaded anew: what was true stays, and gets older.
    for (const syncedAtMs of [1_500.2, Number.NEGATIVE_INFINITY]) {
      followed.syncedAtMs = syncedAtMs;
      const { length } = client.events;
      await until(() => client.events.length >= length + 2);
      expect(client.events.at(-1)).toEqual({
        event: 'heartbeat',
        id: '2',
        data: { position: '2', synced_ms: 1_500 },
      });
    }
  });

  it('says the position of changes that revoke nothing', async () => {
    const { open, log } = await start(2);
    const client = open();
    log.apply({ position: 3, kind: 'role', subject: 'rol_1', revocation: null });
    await until(() => client.of('heartbeat').at(-1)?.data.position === '3');
    expect(client.positions).toEqual([1, 2]);
  });

  it('has every entry once and in order, whatever is applied while it catches up', async () => {
    const { open, log, advance } = await start(2_700);
    const clients = [open(), open(1_300), open(2_700)];
    for (let position = 2_701; position <= 3_300; position += 1) {
      apply(log, revocation(position));
      if (position % 50 === 0) {
        advance();
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (position === 3_000) clients.push(open(2_999));
    }
    advance();
    await until(() => clients.every((client) => client.positions.at(-1) === 3_300));
    for (const [at, after] of [0, 1_300, 2_700, 2_999].entries()) {
      const expected = Array.from({ length: 3_300 - after }, (_, index) => after + index + 1);
      expect(clients[at]?.positions).toEqual(expected);
    }
  });

  it('never says a position before all entries up to it', async () => {
    const { open, log, advance } = await start(600);
    const client = open();
    for (let position = 601; position <= 900; position += 1) {
      apply(log, revocation(position));
      if (position % 20 === 0) {
        advance();
        await delay(2);
      }
    }
    await until(() => client.of('heartbeat').at(-1)?.data.position === '900');
    let sent = 0;
    for (const { event, data } of client.events) {
      if (event === 'revocation') expect(data.position).toBe((sent += 1));
      if (event === 'heartbeat') expect(Number(data.position)).toBe(sent);
    }
  });

  it('comes back with its last id and has lost and repeated nothing, wherever it broke', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('apply', 'break', 'pass'), { minLength: 1, maxLength: 60 }),
        async (steps) => {
          const { open, log, advance, hub } = await start();
          const seen: number[] = [];
          let position = 0;
          let client = open();
          const leave = () => {
            client.destroy();
            seen.push(...client.positions);
            return Number(client.events.findLast(({ id }) => id !== undefined)?.id ?? 0);
          };
          let last = 0;
          for (const step of steps) {
            if (step === 'apply') apply(log, revocation((position += 1)));
            if (step === 'pass') {
              advance();
              await new Promise((resolve) => setImmediate(resolve));
            }
            if (step === 'break') {
              last = Math.max(last, leave());
              client = open(last);
            }
          }
          await until(() => [...seen, ...client.positions].length >= position);
          seen.push(...client.positions);
          expect(seen).toEqual(Array.from({ length: position }, (_, at) => at + 1));
          hub.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('leaves out what concerns another audience, and another organization', async () => {
    const { open, log, advance } = await start();
    const [a, b] = ['https://a.example', 'https://b.example'];
    const all = open();
    const forA = open(0, { audience: a, organizationId: undefined });
    const ofOne = open(0, { audience: undefined, organizationId: 'org_1' });
    const both = open(0, { audience: a, organizationId: 'org_1' });
    apply(log, revocation(1));
    advance();
    apply(log, revocation(2, { audiences: [a] }));
    apply(log, revocation(3, { audiences: [b] }));
    apply(log, revocation(4, { audiences: [a, b], organizationId: 'org_1' }));
    apply(log, revocation(5, { organizationId: 'org_2' }));
    advance();
    const clients = [all, forA, ofOne, both];
    await until(() => clients.every((each) => each.of('heartbeat').at(-1)?.data.position === '5'));
    expect(clients.map(({ positions }) => positions)).toEqual([
      [1, 2, 3, 4, 5],
      [1, 2, 4, 5],
      [1, 2, 3, 4],
      [1, 2, 4],
    ]);
  });

  it('shares what is written with all others of its kind: an entry is made into text once', async () => {
    const { open, log } = await start();
    const [one, two] = [open(), open()];
    await until(() => two.of('heartbeat').length > 0);
    apply(log, revocation(1));
    await until(() => two.positions.length === 1);
    const bytesOf = (client: FakeResponse) =>
      client.written.find((chunk) => String(chunk).includes('jti-1'));
    expect(bytesOf(one)).toBe(bytesOf(two));
  });
});

describe('a stream ends', () => {
  it('when its caller is no longer good, whether that is known at once or not', async () => {
    const { open, ends, hub } = await start();
    let good = true;
    const atOnce = open(0, EVERYTHING, { ...GOOD, isStillGood: () => good });
    const later = open(0, EVERYTHING, {
      ...GOOD,
      isStillGood: () => Promise.resolve(good),
    });
    const other = open();
    await until(() => later.of('heartbeat').length > 2);
    good = false;
    await until(() => atOnce.ended !== undefined && later.ended !== undefined);
    expect(ends).toEqual(['credential', 'credential']);
    expect([other.ended, hub.size]).toEqual([undefined, 1]);
  });

  it('when the log is loaded anew, since it may have lost what was sent', async () => {
    const { open, log, ends } = await start(2);
    const client = open();
    await log.reset();
    expect([client.ended, ends]).toEqual(['ended', ['reset']]);
  });

  it('when its client is too slow, past a bound of what waits for it', async () => {
    const { open, log, ends, advance } = await start();
    const [slow, fast] = [open(), open()];
    await until(() => fast.of('heartbeat').length > 0);
    slow.stopsTaking = true;
    for (let position = 1; slow.ended === undefined; position += 1) {
      apply(log, revocation(position, { id: 'x'.repeat(10_000) }));
      advance();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect([slow.ended, ends, fast.ended]).toEqual(['destroyed', ['slow'], undefined]);
    expect(slow.writableLength).toBeLessThan(1.1 * 1024 * 1024);
  });

  it('when its client takes nothing for ten seconds, however little waits', async () => {
    const { open, clock, ends } = await start();
    const client = open();
    await until(() => client.of('heartbeat').length > 0);
    client.stopsTaking = true;
    await until(() => client.writableNeedDrain);
    await delay(3 * HEARTBEAT_MS);
    clock.aheadMs += 9_000;
    await delay(3 * HEARTBEAT_MS);
    expect(ends).toEqual([]);
    clock.aheadMs += 1_500;
    await until(() => ends.length > 0);
    expect([client.ended, ends]).toEqual(['destroyed', ['slow']]);
  });

  it('when the process is on its way out, and no other begins', async () => {
    const { open, hub, ends } = await start(2);
    const clients = [open(), open()];
    hub.close();
    expect(clients.map(({ ended }) => ended)).toEqual(['ended', 'ended']);
    expect([hub.size, ends]).toEqual([0, ['drain', 'drain']]);
    expect(hub.makePlace(GOOD.principalId, 10)).toBe(false);
  });

  it('when there is no place left, and its principal has more of them than who comes', async () => {
    const { open, hub, ends } = await start();
    const other: HeldCaller = { ...GOOD, principalId: 'prn_2' };
    const greedy = Array.from({ length: 4 }, () => open());
    expect(hub.makePlace(GOOD.principalId, 4)).toBe(false);
    expect([hub.makePlace(other.principalId, 5), ends]).toEqual([true, []]);
    for (const count of [1, 2]) {
      expect(hub.makePlace(other.principalId, 4)).toBe(true);
      open(0, EVERYTHING, other);
      expect([hub.size, ends]).toEqual([4, Array.from({ length: count }, () => 'displaced')]);
    }
    // Now both have as many, and neither takes a place from the other.
    for (const { principalId } of [GOOD, other]) expect(hub.makePlace(principalId, 4)).toBe(false);
    expect(greedy.map(({ ended }) => ended)).toEqual([undefined, undefined, 'ended', 'ended']);
    greedy[0]?.destroy();
    expect(hub.makePlace(GOOD.principalId, 4)).toBe(true);
    expect(ends).toEqual(['displaced', 'displaced', 'client']);
  });

  it('when its client leaves, in the middle of catching up too, and is counted once', async () => {
    const { open, hub, ends } = await start(3_000);
    const client = open();
    client.stopsTaking = true;
    await delay(20);
    client.destroy();
    await delay(20);
    expect([hub.size, ends]).toEqual([0, ['client']]);
  });

  it('of a real connection whose client stopped reading, while all others go on', async () => {
    const { log, hub, ends } = await start();
    const server = createServer((_request, response) => {
      hub.open(response, { caller: GOOD, reader: EVERYTHING, position: 0, reset: false });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ask = () => connect(port, '127.0.0.1').on('error', () => undefined);
    const [slow, fast] = [ask(), ask()];
    let received = '';
    fast.on('data', (bytes: Buffer) => (received = (received + bytes.toString()).slice(-500)));
    slow.pause();
    for (const socket of [slow, fast]) socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await until(() => hub.size === 2);
    const before = process.memoryUsage().rss;
    let position = 0;
    while (ends.length === 0 && position < 20_000) {
      apply(log, revocation((position += 1), { id: 'x'.repeat(8_000) }));
      await delay(1);
    }
    await until(() => received.includes(`id: ${position}\n`));
    expect([ends, hub.size]).toEqual([['slow'], 1]);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
    slow.destroy();
    fast.destroy();
    hub.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('but not when its client is only slow in catching up: it is sent no more than it takes', async () => {
    const { open, log, ends } = await start(3_000);
    const client = open();
    client.stopsTaking = true;
    await delay(50);
    expect(client.positions.length).toBeLessThan(3_000);
    expect(client.of('heartbeat')).toEqual([]);
    apply(log, revocation(3_001));
    client.take();
    await until(() => client.positions.length === 3_001);
    expect(ends).toEqual([]);
  });
});
