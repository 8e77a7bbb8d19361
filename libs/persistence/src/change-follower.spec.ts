import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Change, type ChangeSink, ReplicaLease } from '@countersign/core';
import type { DataSource } from 'typeorm';
import { eventually } from '../test/eventually.js';
import { createMigratedDatabase, type MigratedDatabase } from '../test/migrated-database.js';
import { createNetwork, type Network } from '../test/network.js';
import { NOBODY } from '../test/rows.js';
import { ChangeFollower, type ChangeFollowerOptions } from './change-follower.js';
import { runChangeTransaction } from './change-transaction.js';

// Longer than a test takes: whoever is told something before was told by a notification.
const NEVER_MS = 60_000;

/** A sink that remembers what it was given, and can be made slow or to fail. */
class Memory implements ChangeSink {
  readonly taken: string[] = [];
  onApply: (change: Change) => void | Promise<void> = () => undefined;
  onReset: () => void | Promise<void> = () => undefined;

  async apply(change: Change): Promise<void> {
    await this.onApply(change);
    this.taken.push(`${change.position} ${change.kind} ${change.subject}`);
  }

  async reset(): Promise<void> {
    await this.onReset();
    this.taken.push('reset');
  }
}

describe('ChangeFollower', () => {
  let database: MigratedDatabase;
  let dataSource: DataSource;
  let network: Network | undefined;
  let memory: Memory;
  let lease: ReplicaLease;
  let followers: ChangeFollower[];
  let logged: string[];

  const follower = (options: Partial<ChangeFollowerOptions> = {}) => {
    const made = new ChangeFollower({
      url: database.url,
      sinks: [memory],
      lease,
      log: (level, message) => logged.push(`${level}: ${message}`),
      pollIntervalMs: 20,
      queryTimeoutMs: 150,
      ...options,
    });
    followers.push(made);
    return made;
  };
  const change = async (...subjects: string[]): Promise<number> => {
    const { position } = await runChangeTransaction(dataSource, NOBODY, async (tx) => {
      for (const subject of subjects) tx.changed('role', subject);
    });
    return Number(position);
  };
  /** A change that nobody is notified of. */
  const changeSilently = (subject: string) =>
    dataSource.query(
      `WITH head AS (UPDATE change_head SET position = position + 1 RETURNING position)
       INSERT INTO changes (position, kind, subject) SELECT position, 'role', $1 FROM head`,
      [subject],
    );
  const terminateFollowers = () =>
    dataSource.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'countersign-follower' AND datname = current_database()`,
    );

  beforeAll(async () => {
    database = await createMigratedDatabase();
    ({ dataSource } = database);
  });

  beforeEach(async () => {
    await dataSource.query('TRUNCATE changes, revocations');
    await dataSource.query('UPDATE change_head SET position = 0');
    await dataSource.query('TRUNCATE replicas');
    memory = new Memory();
    lease = new ReplicaLease(5_000, 50);
    followers = [];
    logged = [];
  });

  afterEach(async () => {
    await Promise.all(followers.map((each) => each.stop()));
    await network?.close();
    network = undefined;
  });

  afterAll(() => database.drop());

  describe('when it starts', () => {
    test('loads every sink once, and does not replay what they have loaded', async () => {
      const last = await change('a', 'b');
      const followed = follower();
      expect([followed.appliedPosition, followed.syncedAtMs]).toEqual([-1, -Infinity]);
      await followed.start();
      expect(memory.taken).toEqual(['reset']);
      expect(followed.appliedPosition).toBe(last);
      expect(followed.syncedAtMs).toBeGreaterThan(0);
    });

    test('misses nothing that is committed while the sinks are loading', async () => {
      await change('before');
      memory.onReset = async () => {
        await change('meanwhile');
      };
      const followed = follower();
      await followed.start();
      expect(memory.taken).toEqual(['reset', '2 role meanwhile']);
      expect(followed.appliedPosition).toBe(2);
    });

    test('waits for a database that is not there yet', async () => {
      network = await createNetwork(database.url);
      network.freeze();
      const followed = follower({ url: network.url, connectTimeoutMs: 100 });
      const started = followed.start();
      await eventually(() => logged.length >= 2);
      expect(logged[0]).toBe('warn: change feed: cannot be followed');
      network.thaw();
      await started;
      expect(memory.taken).toEqual(['reset']);
      expect(logged.at(-1)).toBe('info: change feed: followed again');
    });

    test('does not retry what cannot succeed', async () => {
      const followed = follower({ url: 'postgres://localhost:no-port/none' });
      await expect(followed.start()).rejects.toThrow(/Invalid URL/);
    });

    test('is the same start, however often it is called', async () => {
      const followed = follower();
      await Promise.all([followed.start(), followed.start()]);
      await followed.start();
      expect(memory.taken).toEqual(['reset']);
    });
  });

  describe('while it follows', () => {
    test('is told of a change at once, by a notification', async () => {
      const followed = follower({ pollIntervalMs: NEVER_MS });
      await followed.start();
      const position = await change('a', 'b');
      await eventually(() => followed.appliedPosition === position);
      expect(memory.taken).toEqual(['reset', '1 role a', '2 role b']);
    });

    test('makes up for a lost notification by looking again', async () => {
      const followed = follower();
      await followed.start();
      await changeSilently('a');
      await eventually(() => followed.appliedPosition === 1);
      expect(memory.taken).toEqual(['reset', '1 role a']);
    });

    test('gives everything to every sink, in order, also more than one query reads', async () => {
      const slow = new Memory();
      slow.onApply = () => delay(1);
      const followed = follower({ sinks: [memory, slow], batchSize: 4 });
      await followed.start();
      await Promise.all(
        ['a', 'b', 'c'].map((name) =>
          change(
            ...Array(7)
              .fill(0)
              .map((_, n) => name + n),
          ),
        ),
      );
      const position = await change('last');
      expect(await followed.waitUntilApplied(position, 5_000)).toBe(true);
      expect(memory.taken).toHaveLength(1 + 22);
      expect(slow.taken).toEqual(memory.taken);
      expect(memory.taken.slice(1).map((line) => Number.parseInt(line, 10))).toEqual(
        Array.from({ length: 22 }, (_, index) => index + 1),
      );
    });

    test('gives a revocation with all that the log has of it', async () => {
      const changes: Change[] = [];
      memory.onApply = (each) => void changes.push(each);
      const followed = follower();
      await followed.start();
      const effectiveAt = new Date('2026-12-31T00:00:00.900Z');
      const expiresAt = new Date('2027-01-01T00:00:00.123Z');
      const revoked = { type: 'credential', id: 'key_1.v', final: true, effectiveAt } as const;
      await runChangeTransaction(dataSource, NOBODY, async (tx) =>
        tx.revoked({ ...revoked, audiences: ['https://a'], organizationId: 'org_1' }, expiresAt),
      );
      await followed.waitUntilApplied(1, 5_000);
      const revocation = {
        position: 1,
        type: 'credential',
        id: 'key_1.v',
        final: true,
        effectiveAt: Date.UTC(2026, 11, 31) / 1000,
        expiresAt: Date.UTC(2027, 0, 1, 0, 5, 1) / 1000,
        audiences: ['https://a'],
        organizationId: 'org_1',
      };
      expect(changes).toEqual([
        { position: 1, kind: 'revocation', subject: 'key_1.v', revocation },
      ]);
    });

    test('gives a revocation that has expired meanwhile as a change without one', async () => {
      const changes: Change[] = [];
      memory.onApply = (each) => void changes.push(each);
      const followed = follower();
      await followed.start();
      await dataSource.query(
        `WITH head AS (UPDATE change_head SET position = position + 1 RETURNING position)
         INSERT INTO changes (position, kind, subject)
         SELECT position, 'revocation', 'jti' FROM head`,
      );
      await followed.waitUntilApplied(1, 5_000);
      expect(changes).toEqual([
        { position: 1, kind: 'revocation', subject: 'jti', revocation: null },
      ]);
    });

    test('counts a position as applied only once the last sink has taken it in', async () => {
      const slow = new Memory();
      let finish: () => void = () => undefined;
      slow.onApply = () =>
        new Promise((resolve) => {
          finish = resolve;
        });
      const followed = follower({ sinks: [memory, slow] });
      await followed.start();
      await change('a');
      await eventually(() => memory.taken.length === 2);
      const { syncedAtMs } = followed;
      await delay(50);
      expect([followed.appliedPosition, await followed.waitUntilApplied(1, 10)]).toEqual([
        0,
        false,
      ]);
      expect(followed.syncedAtMs).toBe(syncedAtMs);
      finish();
      expect(await followed.waitUntilApplied(1, 5_000)).toBe(true);
    });

    test('knows its memory to be right as of before the question was sent', async () => {
      let clock = 1_000;
      const followed = follower({ monotonicMs: () => clock, pollIntervalMs: NEVER_MS });
      memory.onApply = () => {
        clock = 3_000;
      };
      await followed.start();
      expect(followed.syncedAtMs).toBe(1_000);
      clock = 2_000;
      // Or it would look again at once, to tell of it.
      lease.hasTold = () => true;
      await change('a');
      await eventually(() => followed.syncedAtMs !== 1_000);
      expect(followed.syncedAtMs).toBe(2_000);
    });

    test('takes many notifications for one', async () => {
      let looks = 0;
      const followed = follower({
        pollIntervalMs: NEVER_MS,
        monotonicMs: () => {
          looks += 1;
          return performance.now();
        },
      });
      await followed.start();
      looks = 0;
      await dataSource.query(
        `SELECT pg_notify('countersign_changes', n::text) FROM generate_series(1, 500) AS n`,
      );
      await eventually(() => looks > 0);
      await delay(100);
      expect(looks).toBeLessThan(20);
    });
  });

  describe('when the connection is lost', () => {
    test('notices that it was cut, connects again, and misses nothing', async () => {
      const followed = follower({ pollIntervalMs: NEVER_MS });
      await followed.start();
      for (let round = 1; round <= 3; round += 1) {
        await terminateFollowers();
        const position = await change(`round-${round}`);
        expect(await followed.waitUntilApplied(position, 5_000)).toBe(true);
      }
      expect(memory.taken).toEqual(['reset', '1 role round-1', '2 role round-2', '3 role round-3']);
      expect(logged).toContain('info: change feed: followed again');
    });

    test('applies after connecting again what was changed without a listener', async () => {
      network = await createNetwork(database.url);
      const followed = follower({ url: network.url });
      await followed.start();
      await network.cut();
      await eventually(() => logged.length > 0);
      const { syncedAtMs } = followed;
      await change('a');
      await delay(100);
      expect([followed.appliedPosition, followed.syncedAtMs]).toEqual([0, syncedAtMs]);

      await network.restore();
      expect(await followed.waitUntilApplied(1, 5_000)).toBe(true);
      await eventually(() => followed.syncedAtMs > syncedAtMs);
      expect(memory.taken).toEqual(['reset', '1 role a']);
    });

    test('notices a network that swallows everything, and does not claim to be up to date', async () => {
      network = await createNetwork(database.url);
      const followed = follower({ url: network.url, connectTimeoutMs: 150 });
      await followed.start();
      network.freeze();
      await delay(20);
      const { syncedAtMs } = followed;
      await change('a');
      await eventually(() => logged.includes('warn: change feed: cannot be followed'), 2_000);
      expect([followed.appliedPosition, followed.syncedAtMs]).toEqual([0, syncedAtMs]);

      network.thaw();
      expect(await followed.waitUntilApplied(1, 5_000)).toBe(true);
      expect(memory.taken).toEqual(['reset', '1 role a']);
    });
  });

  describe('when the feed does not continue', () => {
    const WARNING = 'warn: change feed: a gap; everything is loaded anew';
    let followed: ChangeFollower;

    beforeEach(async () => {
      network = await createNetwork(database.url);
      followed = follower({ url: network.url });
      await followed.start();
      await change('a', 'b', 'c');
      await followed.waitUntilApplied(3, 5_000);
      memory.taken.length = 0;
      await network.cut();
      await eventually(() => logged.length > 0);
      logged.length = 0;
    });

    const resumed = async (position: number) => {
      await network?.restore();
      await eventually(() => followed.appliedPosition === position && followed.syncedAtMs > 0);
      return memory.taken;
    };

    test('loads everything anew when entries were pruned that it has not seen', async () => {
      await change('d', 'e', 'f');
      await dataSource.query('DELETE FROM changes WHERE position < 6');
      expect(await resumed(6)).toEqual(['reset']);
      expect(logged).toContain(WARNING);
    });

    test('loads everything anew when an entry in between is missing', async () => {
      await change('d', 'e', 'f');
      await dataSource.query('DELETE FROM changes WHERE position = 5');
      expect(await resumed(6)).toEqual(['reset']);
    });

    test('carries on when only what it has seen was pruned', async () => {
      await dataSource.query('DELETE FROM changes WHERE position < 3');
      await change('d');
      expect(await resumed(4)).toEqual(['4 role d']);
      expect(logged).not.toContain(WARNING);
    });

    test('loads everything anew when the database was set back', async () => {
      await dataSource.query('DELETE FROM changes WHERE position > 1');
      await dataSource.query('UPDATE change_head SET position = 1');
      await network?.restore();
      await eventually(() => followed.appliedPosition === 1);
      expect(memory.taken).toEqual(['reset']);
    });

    test('loads everything anew when a standby took over that had lost the last changes', async () => {
      await dataSource.query('DELETE FROM changes WHERE position > 1');
      await dataSource.query('UPDATE change_head SET position = 1');
      // Other changes have the same positions now, and it is further than before.
      await change('x', 'y', 'z');
      expect(await resumed(4)).toEqual(['reset']);
      expect(logged).toContain(WARNING);
    });

    test('does not take its memory for right until it is loaded', async () => {
      await dataSource.query('DELETE FROM changes');
      await change('d');
      let syncedAtMs = 0;
      memory.onReset = () => {
        ({ syncedAtMs } = followed);
      };
      await resumed(4);
      expect(syncedAtMs).toBe(Number.NEGATIVE_INFINITY);
    });

    test('does not go on for ever about a feed that contradicts itself', async () => {
      await dataSource.query('UPDATE change_head SET position = 2');
      await network?.restore();
      await eventually(
        () => logged.filter((line) => line.includes('cannot be followed')).length > 1,
      );
      expect(memory.taken.length).toBeLessThan(10);
      expect(followed.syncedAtMs).toBe(Number.NEGATIVE_INFINITY);
    });
  });

  describe('when a sink fails', () => {
    test('loads everything anew until it succeeds, and does not claim to be up to date', async () => {
      const failing = new Memory();
      let syncedAtMs = 0;
      let failures = 0;
      failing.onApply = () => {
        throw new Error('on purpose');
      };
      failing.onReset = () => {
        ({ syncedAtMs } = followed);
        failures += 1;
        if (failures === 2 || failures === 3) throw new Error('on purpose');
      };
      const followed = follower({ sinks: [memory, failing], random: () => 0 });
      await followed.start();
      const position = await change('a');
      expect(await followed.waitUntilApplied(position, 5_000)).toBe(true);
      expect(syncedAtMs).toBe(Number.NEGATIVE_INFINITY);
      expect(failing.taken).toEqual(['reset', 'reset']);
      expect(memory.taken).toEqual(['reset', '1 role a', 'reset', 'reset', 'reset']);
      await eventually(() => followed.syncedAtMs > 0);
      expect(logged.filter((line) => line.includes('cannot be followed'))).toHaveLength(3);
    });
  });

  describe('waitUntilApplied', () => {
    test('is true at once for what is applied, and false when the time is up', async () => {
      const followed = follower();
      await followed.start();
      expect(await followed.waitUntilApplied(0, 0)).toBe(true);
      expect(await followed.waitUntilApplied(1, 20)).toBe(false);
    });

    test('looks at once, without a notification', async () => {
      const followed = follower({ pollIntervalMs: NEVER_MS });
      await followed.start();
      await changeSilently('a');
      expect(await followed.waitUntilApplied(1, 5_000)).toBe(true);
    });
  });

  describe('when it is stopped', () => {
    test('leaves no connection behind, and lets nobody wait', async () => {
      const followed = follower();
      await followed.start();
      const waiting = followed.waitUntilApplied(99, NEVER_MS);
      await followed.stop();
      expect(await waiting).toBe(false);
      expect(await followed.waitUntilApplied(99, NEVER_MS)).toBe(false);
      await followed.stop();
      await eventually(async () => {
        const [{ count }] = await dataSource.query(
          `SELECT count(*)::integer AS count FROM pg_stat_activity
           WHERE application_name = 'countersign-follower' AND datname = current_database()`,
        );
        return count === 0;
      });
    });

    test('fails a start that has not succeeded', async () => {
      const followed = follower({ url: 'postgres://nobody@127.0.0.1:1/none' });
      const started = followed.start();
      started.catch(() => undefined);
      await eventually(() => logged.length > 0);
      await followed.stop();
      await expect(started).rejects.toThrow('stopped before it had synchronised');
      await expect(follower().stop()).resolves.toBeUndefined();
    });
  });
});
