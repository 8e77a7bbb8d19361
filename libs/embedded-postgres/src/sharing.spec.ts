import { describe, expect, it, jest } from '@jest/globals';
import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expectNoProcesses, processesOf } from '../test/processes.js';
import { query } from '../test/query.js';
import { startInChild } from '../test/start-in-child.js';
import { useDataDirs } from '../test/data-dirs.js';
import { startEmbeddedPostgres } from './start-embedded-postgres.js';

jest.setTimeout(120_000);
const dataDirs = useDataDirs();

describe('processes on the same data directory', () => {
  it('share one Postgres when they start at the same moment', async () => {
    const dataDir = dataDirs.fresh();
    const children = await Promise.all(
      Array.from({ length: 4 }, () => startInChild(dataDir).started),
    );
    expect(new Set(children.map(({ pid }) => pid)).size).toBe(1);
    expect(children.filter(({ adopted }) => !adopted)).toHaveLength(1);
    for (const { url } of children)
      expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await Promise.all(children.map(({ stop }) => stop()));
    expect(processesOf(dataDir)).toEqual([]);
  });

  it('keep it when the one that joined stops', async () => {
    const dataDir = dataDirs.shared;
    const owner = await startEmbeddedPostgres({ dataDir, durable: false });
    const joined = await startInChild(dataDir).started;
    expect(joined).toMatchObject({ adopted: true, pid: owner.pid, url: owner.url() });
    await joined.stop();
    expect(await query(owner.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await owner.stop();
  });

  it('keep it when the one that started it stops, and end it with the last', async () => {
    const dataDir = dataDirs.shared;
    const owner = await startInChild(dataDir).started;
    const joined = await startEmbeddedPostgres({ dataDir, durable: false });
    await owner.stop();
    expect(await query(joined.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await joined.stop();
    await expectNoProcesses(dataDir);
  });

  it('keep it when the one that started it is killed', async () => {
    const dataDir = dataDirs.shared;
    const owner = await startInChild(dataDir).started;
    const joined = await startEmbeddedPostgres({ dataDir, durable: false });
    owner.signal('SIGKILL');
    await owner.ended;
    await sleep(300);
    expect(await query(joined.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await joined.stop();
  });

  it('all work when one starts while another stops', async () => {
    const dataDir = dataDirs.shared;
    for (let round = 0; round < 3; round += 1) {
      const first = await startEmbeddedPostgres({ dataDir, durable: false });
      const [second] = await Promise.all([
        startEmbeddedPostgres({ dataDir, durable: false }),
        first.stop(),
      ]);
      expect(await query(second.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      await second.stop();
    }
  });
});

describe('the process that starts Postgres', () => {
  it('takes it along when it is killed, and no acknowledged row is lost', async () => {
    const dataDir = dataDirs.shared;
    const child = await startInChild(dataDir).started;
    await query(child.url, 'CREATE TABLE kept (answer int)');
    await query(child.url, 'INSERT INTO kept VALUES (42)');
    child.signal('SIGKILL');
    await expectNoProcesses(dataDir);
    const postgres = await startEmbeddedPostgres({ dataDir, durable: false });
    expect(postgres.adopted).toBe(false);
    expect(await query(postgres.url(), 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await postgres.stop();
  });

  it('can be replaced the moment it is killed', async () => {
    const dataDir = dataDirs.shared;
    for (let round = 0; round < 3; round += 1) {
      const child = await startInChild(dataDir).started;
      child.signal('SIGKILL');
      const postgres = await startEmbeddedPostgres({ dataDir, durable: false });
      expect(await query(postgres.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      await postgres.stop();
    }
  });

  it('may be killed at any moment of its first start', async () => {
    const dataDir = dataDirs.fresh();
    const { kill } = startInChild(dataDir);
    while (
      !existsSync(dataDir) ||
      !readdirSync(dataDir).some((name) => name.startsWith('data.new-'))
    ) {
      await sleep(5);
    }
    kill();
    const postgres = await startEmbeddedPostgres({ dataDir, durable: false });
    expect(await query(postgres.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(readdirSync(dataDir).filter((name) => /^(data\.new|ticket)-/.test(name))).toEqual([]);
    await postgres.stop();
  });

  it('drains before Postgres stops when a terminal interrupts all of its process group', async () => {
    const dataDir = dataDirs.shared;
    const child = await startInChild(dataDir).started;
    child.signal('SIGINT', 'group');
    await sleep(300);
    expect(await query(child.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await child.stop();
  });

  it('ends by itself after stop', async () => {
    const child = await startInChild(dataDirs.shared, { manner: 'brief' }).started;
    await child.ended;
  });
});
