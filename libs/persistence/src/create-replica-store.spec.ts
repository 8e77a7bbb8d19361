import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DependencyUnavailable, type ReplicaStore } from '@countersign/core';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { createMigratedDatabase, type MigratedDatabase } from '../test/migrated-database.js';
import { createReplicaStore } from './create-replica-store.js';
import { readFeed } from './read-feed.js';
import { registerReplica, removeReplica } from './replica-registration.js';

describe('the table of replicas', () => {
  let database: MigratedDatabase;
  let dataSource: DataSource;
  let store: ReplicaStore;
  /** The connection of the replica itself. */
  let client: pg.Client;
  let id: string;

  const renew = (appliedPosition = 0) =>
    readFeed(client, 0, 10, { replicaId: id, appliedPosition });

  beforeAll(async () => {
    database = await createMigratedDatabase();
    ({ dataSource } = database);
    store = createReplicaStore(dataSource);
    client = new pg.Client(database.url);
    await client.connect();
  });

  beforeEach(async () => {
    await dataSource.query('TRUNCATE replicas');
    id = await registerReplica(client, 1_000);
  });

  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  test('has a replica from its registration to its removal, and what it told last', async () => {
    const registered = { id, seq: 0, appliedPosition: -1, leaseMs: 1_000 };
    expect(await store.read()).toEqual([registered]);
    expect((await renew(7)).renewed).toBe(true);
    expect(await store.read()).toEqual([{ ...registered, seq: 1, appliedPosition: 7 }]);
    await removeReplica(client, id);
    expect(await store.read()).toEqual([]);
  });

  test('gives each registration an id of its own', async () => {
    expect(await registerReplica(client, 1_000)).not.toBe(id);
    expect(await store.read()).toHaveLength(2);
  });

  test('loses none that was renewed since it was seen', async () => {
    await renew();
    expect(await store.remove(id, 0)).toBe(false);
    expect(await store.remove(id, 1)).toBe(true);
    expect(await store.remove(id, 1)).toBe(false);
  });

  test('renews none that was cleared', async () => {
    await store.remove(id, 0);
    expect(await renew()).toMatchObject({ renewed: false, head: 0 });
  });

  test('loses none whose renewal is being committed', async () => {
    await client.query('BEGIN');
    await renew();
    const removing = store.remove(id, 0);
    expect(await Promise.race([removing, delay(100, 'waits')])).toBe('waits');
    await client.query('COMMIT');
    expect(await removing).toBe(false);
    expect(await store.read()).toMatchObject([{ id, seq: 1 }]);
  });

  test('renews none whose clearing is being committed', async () => {
    let renewing: ReturnType<typeof renew> | undefined;
    await dataSource.transaction(async (manager) => {
      await manager.query('DELETE FROM replicas WHERE id = $1 AND seq = 0', [id]);
      renewing = renew();
      expect(await Promise.race([renewing, delay(100, 'waits')])).toBe('waits');
    });
    expect(await renewing).toMatchObject({ renewed: false });
  });

  test('is unavailable when the database is', async () => {
    const gone = await database.connect();
    await gone.destroy();
    const { read, remove } = createReplicaStore(gone);
    await expect(read()).rejects.toThrow(DependencyUnavailable);
    await expect(remove(id, 0)).rejects.toThrow(DependencyUnavailable);
  });
});
