import { describe, expect, it, jest } from '@jest/globals';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { askProcess, expectNoProcesses } from '../test/processes.js';
import { query } from '../test/query.js';
import { useDataDirs } from '../test/data-dirs.js';
import { startEmbeddedPostgres } from './start-embedded-postgres.js';

jest.setTimeout(120_000);
const dataDirs = useDataDirs();

describe('startEmbeddedPostgres, after an accident', () => {
  it('starts although the main process of Postgres was killed a moment ago', async () => {
    const dataDir = dataDirs.shared;
    const lines: string[] = [];
    const log = (line: string): unknown => lines.push(line);
    const killed = await startEmbeddedPostgres({ dataDir, durable: false, log });
    process.kill(killed.pid, 'SIGKILL');
    const postgres = await startEmbeddedPostgres({ dataDir, durable: false });
    expect(postgres.adopted).toBe(false);
    expect(await query(postgres.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(lines[1]).toMatch(/ended unexpectedly; see .*postgres\.log$/);
    await killed.stop();
    await postgres.stop();
  });

  it('starts although the process id of a killed one is now in use by another program', async () => {
    const dataDir = dataDirs.shared;
    const file = path.join(dataDir, 'data/postmaster.pid');
    const first = await startEmbeddedPostgres({ dataDir, durable: false });
    const [, ...rest] = readFileSync(file, 'utf8').split('\n');
    await first.stop();
    writeFileSync(file, [process.pid, ...rest].join('\n'));
    const second = await startEmbeddedPostgres({ dataDir, durable: false });
    expect(await query(second.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await second.stop();
  });

  it('removes the data of an initdb that did not finish', async () => {
    const dataDir = dataDirs.fresh();
    mkdirSync(path.join(dataDir, 'data.new-gone/base'), { recursive: true });
    writeFileSync(path.join(dataDir, 'data.new-gone/base/1'), '');
    const postgres = await startEmbeddedPostgres({ dataDir, durable: false });
    expect(readdirSync(dataDir)).not.toContain('data.new-gone');
    await postgres.stop();
  });

  it('joins one whose supervisor was killed, and ends it', async () => {
    const dataDir = dataDirs.shared;
    const first = await startEmbeddedPostgres({ dataDir, durable: false });
    process.kill(askProcess(first.pid, 'ppid'), 'SIGKILL');
    const second = await startEmbeddedPostgres({ dataDir, durable: false });
    expect(second).toMatchObject({ adopted: true, pid: first.pid });
    await first.stop();
    expect(await query(second.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await second.stop();
    await expectNoProcesses(dataDir);
  });

  it('stops although its data was removed, and leaves no process', async () => {
    const dataDir = dataDirs.fresh();
    const postgres = await startEmbeddedPostgres({ dataDir, durable: false });
    rmSync(dataDir, { recursive: true });
    await postgres.stop();
  });
});
