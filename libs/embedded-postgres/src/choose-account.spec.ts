import { describe, expect, it, jest } from '@jest/globals';
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { askProcess } from '../test/processes.js';
import { query } from '../test/query.js';
import { startInChild } from '../test/start-in-child.js';
import { useDataDirs } from '../test/data-dirs.js';
import { startEmbeddedPostgres } from './start-embedded-postgres.js';

jest.setTimeout(120_000);
const dataDirs = useDataDirs();
const itAsRoot = process.geteuid?.() === 0 ? it : it.skip;
const itAsUser = process.geteuid?.() === 0 ? it.skip : it;

/** A search path on which namespaces are forbidden, as in most containers. */
function pathWithoutNamespaces(dataDir: string): string {
  const folder = path.join(path.dirname(dataDir), 'bin');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'unshare'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  return `${folder}:${process.env['PATH']}`;
}

describe('startEmbeddedPostgres, as root', () => {
  itAsRoot('runs Postgres as another account where namespaces are forbidden', async () => {
    const dataDir = dataDirs.fresh();
    chmodSync(path.dirname(dataDir), 0o711);
    const options = { path: pathWithoutNamespaces(dataDir) };
    const child = await startInChild(dataDir, options).started;
    expect(askProcess(child.pid, 'uid')).not.toBe(0);
    await query(child.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await child.stop();
    const { uid } = statSync(path.join(dataDir, 'data'));
    expect(uid).not.toBe(0);
    expect(statSync(dataDir)).toMatchObject({ uid: 0, mode: 0o40710 });

    const later = await startInChild(dataDir).started;
    expect(askProcess(later.pid, 'uid')).toBe(uid);
    const joined = await startEmbeddedPostgres({ dataDir });
    expect(joined).toMatchObject({ adopted: true, pid: later.pid });
    await later.stop();
    expect(await query(joined.url(), 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await joined.stop();
  });

  itAsRoot('hands data over when namespaces are no longer permitted', async () => {
    const dataDir = dataDirs.fresh();
    chmodSync(path.dirname(dataDir), 0o711);
    const first = await startInChild(dataDir).started;
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    const options = { path: pathWithoutNamespaces(dataDir) };
    const second = await startInChild(dataDir, options).started;
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await second.stop();
  });

  itAsRoot('says what to do when that account cannot reach the data', async () => {
    const dataDir = dataDirs.fresh();
    const options = { path: pathWithoutNamespaces(dataDir) };
    await expect(startInChild(dataDir, options).started).rejects.toThrow(
      /who cannot reach .* run the service as an ordinary user, or set DATABASE_URL/,
    );
  });
});

describe('startEmbeddedPostgres, as an ordinary user', () => {
  itAsUser('says what to do when it may not write to the data directory', async () => {
    const dataDir = dataDirs.fresh();
    mkdirSync(dataDir, { mode: 0o500 });
    chmodSync(path.dirname(dataDir), 0o500);
    await expect(startInChild(path.join(dataDir, 'deeper')).started).rejects.toThrow(
      /cannot make the data directory .* or set DATABASE_URL/,
    );
    chmodSync(path.dirname(dataDir), 0o700);
    chmodSync(dataDir, 0o700);
  });
});
