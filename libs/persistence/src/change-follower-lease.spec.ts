import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type ChangeSink, ReplicaLease } from '@countersign/core';
import type { DataSource } from 'typeorm';
import { eventually } from '../test/eventually.js';
import { createMigratedDatabase, type MigratedDatabase } from '../test/migrated-database.js';
import { createNetwork, type Network } from '../test/network.js';
import { NOBODY } from '../test/rows.js';
import { ChangeFollower, type ChangeFollowerOptions } from './change-follower.js';
import { runChangeTransaction } from './change-transaction.js';

// Longer than a test takes.
const NEVER_MS = 60_000;

interface Registered {
  readonly id: string;
  readonly seq: number;
  readonly position: number;
}

describe('the lease of a ChangeFollower', () => {
  let database: MigratedDatabase;
  let dataSource: DataSource;
  let network: Network | undefined;
  let lease: ReplicaLease;
  let lapses: number;
  let sink: { apply: ChangeSink['apply']; reset: ChangeSink['reset'] };
  let followed: ChangeFollower | undefined;
  let logged: string[];

  const follow = (options: Partial<ChangeFollowerOptions> = {}) => {
    followed = new ChangeFollower({
      url: database.url,
      sinks: [{ apply: (each) => sink.apply(each), reset: () => sink.reset() }],
      lease,
      log: (level, message) => logged.push(`${level}: ${message}`),
      pollIntervalMs: 20,
      ...options,
    });
    return followed;
  };
  const change = async () =>
    Number(
      (await runChangeTransaction(dataSource, NOBODY, async (tx) => tx.changed('role', 'a')))
        .position,
    );
  const registered = (): Promise<Registered[]> =>
    dataSource.query(
      `SELECT id, seq::integer, applied_position::integer AS position FROM replicas ORDER BY id`,
    );
  const only = async (): Promise<Registered> => {
    const [row, ...others] = await registered();
    if (row === undefined || others.length > 0) throw new Error('there is not exactly one replica');
    return row;
  };

  beforeAll(async () => {
    database = await createMigratedDatabase();
    ({ dataSource } = database);
  });

  beforeEach(async () => {
    lapses = 0;
    await dataSource.query('TRUNCATE changes, replicas');
    await dataSource.query('UPDATE change_head SET position = 0');
    sink = { apply: () => undefined, reset: () => undefined };
    lease = new ReplicaLease(5_000, NEVER_MS, () => (lapses += 1));
    logged = [];
  });

  afterEach(async () => {
    await followed?.stop();
    followed = undefined;
    await network?.close();
    network = undefined;
  });

  afterAll(() => database.drop());

  test('is registered before anything is read that it is to vouch for', async () => {
    await change();
    let atReset: Registered[] = [];
    sink.reset = async () => {
      atReset = await registered();
    };
    await follow().start();
    expect(atReset).toEqual([{ id: expect.any(String), seq: 0, position: -1 }]);
    expect(await only()).toEqual({ id: atReset[0]?.id, seq: 1, position: 1 });
  });

  test('counts from before the look was sent that renewed it', async () => {
    let monotonicMs = 1_000;
    let wallMs = 5_000_000;
    sink.apply = () => {
      monotonicMs = 3_000;
    };
    await follow({ monotonicMs: () => monotonicMs, wallMs: () => wallMs }).start();
    expect(lease.since).toEqual({ monotonicMs: 1_000, wallMs: 5_000_000 });
    [monotonicMs, wallMs] = [2_000, 5_001_000];
    await change();
    // The look that applied the change did not renew: the one does that tells of it.
    await eventually(() => lease.since.monotonicMs !== 1_000);
    expect(lease.since).toEqual({ monotonicMs: 3_000, wallMs: 5_001_000 });
  });

  test('tells at once what was applied, and looks without renewing otherwise', async () => {
    await follow().start();
    expect((await only()).seq).toBe(1);
    await delay(200);
    expect((await only()).seq).toBe(1);
    const position = await change();
    await eventually(async () => (await only()).position === position, 2_000);
    expect((await only()).seq).toBe(2);
  });

  test('is renewed when it is time, while nothing changes', async () => {
    lease = new ReplicaLease(5_000, 50, () => (lapses += 1));
    await follow().start();
    const { since } = lease;
    await eventually(async () => (await only()).seq > 3);
    expect(lease.since.monotonicMs).toBeGreaterThan(since.monotonicMs);
    expect(lapses).toBe(0);
  });

  test('tells nothing that was not applied, and does not go on while it is being applied', async () => {
    let finish: () => void = () => undefined;
    sink.apply = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    await follow().start();
    const { since } = lease;
    const position = await change();
    await delay(100);
    expect([(await only()).position, lease.since]).toEqual([0, since]);
    finish();
    await eventually(async () => (await only()).position === position);
  });

  test('counts no more when the registration was cleared, until it is registered anew', async () => {
    lease = new ReplicaLease(5_000, 50, () => (lapses += 1));
    await follow().start();
    const before = await only();
    let withoutLease = false;
    const { begin } = lease;
    lease.begin = (askedAt) => {
      withoutLease ||= lease.since.monotonicMs === Number.NEGATIVE_INFINITY;
      return begin.call(lease, askedAt);
    };
    await dataSource.query('DELETE FROM replicas');
    await eventually(async () => (await registered()).length === 1);
    expect((await only()).id).not.toBe(before.id);
    await eventually(() => lease.since.monotonicMs > 0);
    expect([withoutLease, lapses]).toEqual([true, 1]);
    expect(logged).toContain('warn: lease: others found it over; registering anew');
  });

  test('stands still while the database is out of reach, and the registration stays', async () => {
    network = await createNetwork(database.url);
    lease = new ReplicaLease(300, 50, () => (lapses += 1));
    await follow({ url: network.url }).start();
    const before = await only();
    await network.cut();
    await eventually(() => logged.length > 0);
    const { since } = lease;
    await delay(400);
    expect([lease.since, (await only()).id]).toEqual([since, before.id]);

    await network.restore();
    await eventually(() => lease.since.monotonicMs > since.monotonicMs);
    expect([(await only()).id, lapses]).toEqual([before.id, 1]);
    expect(logged).toContain('warn: lease: it was over, and is renewed');
  });

  test('counts no more once memory is not known to be right', async () => {
    await follow().start();
    let sinceAtReset: number | undefined;
    sink.apply = () => {
      throw new Error('on purpose');
    };
    sink.reset = () => {
      sinceAtReset = lease.since.monotonicMs;
    };
    const position = await change();
    await eventually(async () => (await only()).position === position);
    expect(sinceAtReset).toBe(Number.NEGATIVE_INFINITY);
    expect(lease.since.monotonicMs).toBeGreaterThan(0);
  });

  test('is given back when it is stopped: no memory counts then, and nobody waits', async () => {
    await follow().start();
    await followed?.stop();
    expect(lease.since.monotonicMs).toBe(Number.NEGATIVE_INFINITY);
    expect(await registered()).toEqual([]);
  });

  test('is kept on a connection whose commits wait for the disk, whatever the server says', async () => {
    const [{ name }] = await dataSource.query('SELECT current_database() AS name');
    await dataSource.query(`ALTER DATABASE ${name} SET synchronous_commit = off`);
    const later = await database.connect();
    expect(await later.query('SHOW synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
  });
});
