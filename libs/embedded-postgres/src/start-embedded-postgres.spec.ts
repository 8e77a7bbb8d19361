import { describe, expect, it, jest } from '@jest/globals';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { processesOf } from '../test/processes.js';
import { query } from '../test/query.js';
import { useDataDirs } from '../test/data-dirs.js';
import { startEmbeddedPostgres } from './start-embedded-postgres.js';

jest.setTimeout(120_000);
const dataDirs = useDataDirs();

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() || entry.isFIFO())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

describe('startEmbeddedPostgres', () => {
  it('accepts queries, durably and in UTC, and leaves no process after stop', async () => {
    const dataDir = dataDirs.shared;
    const lines: string[] = [];
    const postgres = await startEmbeddedPostgres({ dataDir, log: (line) => lines.push(line) });
    const settings = await query(
      postgres.url(),
      `SELECT current_database() AS database, current_setting('fsync') AS fsync,
         current_setting('synchronous_commit') AS commit, current_setting('TimeZone') AS zone,
         current_setting('max_connections') AS connections, 'Ä' < 'z' AS by_locale, lower('Ä') AS low`,
    );
    expect(settings).toEqual([
      {
        database: 'countersign',
        fsync: 'on',
        commit: 'on',
        zone: 'UTC',
        connections: '50',
        by_locale: false,
        low: 'ä',
      },
    ]);
    expect(postgres.adopted).toBe(false);
    expect(lines).toEqual([expect.stringMatching(/^Embedded Postgres started: process \d+/)]);
    await postgres.stop();
    expect(processesOf(dataDir)).toEqual([]);
    await expect(query(postgres.url(), 'SELECT 1')).rejects.toThrow();
    await postgres.stop();
  });

  it('finds what an earlier run committed, and takes new options', async () => {
    const dataDir = dataDirs.shared;
    const first = await startEmbeddedPostgres({ dataDir, durable: false });
    await query(first.url(), 'CREATE TABLE kept AS SELECT 42 AS answer');
    await query(first.url('postgres'), 'CREATE DATABASE "other one"');
    await first.stop();
    const second = await startEmbeddedPostgres({ dataDir, durable: false, maxConnections: 7 });
    expect(await query(second.url(), 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    expect(await query(second.url('other one'), 'SHOW max_connections')).toEqual([
      { max_connections: '7' },
    ]);
    await second.stop();
  });

  it('creates the database again if it was dropped', async () => {
    const dataDir = dataDirs.shared;
    const first = await startEmbeddedPostgres({ dataDir, durable: false });
    await query(first.url('postgres'), 'DROP DATABASE countersign');
    await first.stop();
    const second = await startEmbeddedPostgres({ dataDir, durable: false });
    expect(await query(second.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await second.stop();
  });

  it('closes everything it makes to other accounts', async () => {
    const dataDir = dataDirs.fresh();
    const postgres = await startEmbeddedPostgres({ dataDir, durable: false });
    const socketFolder = new URL(postgres.url()).searchParams.get('host') as string;
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(statSync(path.join(dataDir, 'data')).mode & 0o777).toBe(0o700);
    expect(statSync(socketFolder).mode & 0o777).toBe(0o700);
    for (const file of filesBelow(dataDir))
      expect([file, statSync(file).mode & 0o077]).toEqual([file, 0]);
    expect(await query(postgres.url(), 'SHOW listen_addresses')).toEqual([
      { listen_addresses: '' },
    ]);
    await postgres.stop();
  });

  it('keeps two logs, however often it starts, and no statements in them', async () => {
    const dataDir = dataDirs.shared;
    for (let start = 0; start < 3; start += 1) {
      const postgres = await startEmbeddedPostgres({ dataDir, durable: false });
      await expect(query(postgres.url(), `SELECT 'a secret' FROM nowhere`)).rejects.toThrow();
      await postgres.stop();
    }
    const logs = readdirSync(dataDir).filter((name) => name.includes('log'));
    expect(logs.toSorted()).toEqual(['postgres.log', 'postgres.log.1']);
    const log = readFileSync(path.join(dataDir, 'postgres.log'), 'utf8');
    expect(log).toContain('ready to accept connections');
    expect(log).not.toContain('secret');
    expect(log.match(/starting PostgreSQL/g)).toHaveLength(1);
  });

  it('refuses data of another major version', async () => {
    const dataDir = dataDirs.shared;
    const file = path.join(dataDir, 'data/PG_VERSION');
    const version = readFileSync(file, 'utf8');
    writeFileSync(file, '17\n');
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toMatchObject({
      code: 'other_major_version',
      message: expect.stringMatching(/was written by Postgres 17, and this is Postgres 18/),
    });
    writeFileSync(file, version);
  });

  it('tells the last lines of the log when Postgres ends while starting', async () => {
    const dataDir = dataDirs.shared;
    const file = path.join(dataDir, 'data/postgresql.conf');
    const settings = readFileSync(file, 'utf8');
    writeFileSync(file, 'no_such_setting = 1\n');
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toMatchObject({
      code: 'died_at_start',
      message: expect.stringMatching(/unrecognized configuration parameter "no_such_setting"/),
    });
    writeFileSync(file, settings);
  });

  it('gives up at its time limit, leaves no process, and succeeds the next time', async () => {
    const dataDir = dataDirs.fresh();
    await expect(
      startEmbeddedPostgres({ dataDir, durable: false, startTimeoutSeconds: 0.2 }),
    ).rejects.toMatchObject({ code: 'start_timed_out' });
    const postgres = await startEmbeddedPostgres({ dataDir, durable: false });
    await postgres.stop();
  });
});
