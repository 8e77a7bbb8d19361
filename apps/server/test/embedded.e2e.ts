import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { AdminClient } from './admin-client.js';
import { eventually } from './eventually.js';
import { asApiKey } from './http-client.js';
import { killServiceProcesses, startServiceProcess } from './service-process.js';

let dataDir: string;

afterEach(async () => {
  killServiceProcesses();
  await eventually('no Postgres is left', () => postgresOf(dataDir).length === 0);
  await rm(dataDir, { recursive: true, force: true });
});

/** Command lines of the Postgres processes, and their supervisors, of a data folder. */
function postgresOf(folder: string): string[] {
  const all = execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  return all.split('\n').filter((line) => line.includes(folder) && line.includes('postgres'));
}

describe('with nothing but a folder', () => {
  it('the service runs; killed, it leaves no Postgres and loses nothing it had acknowledged', async () => {
    dataDir = await mkdtemp(join(await realpath(tmpdir()), 'countersign-embedded-'));
    const env = { COUNTERSIGN_DATA_DIR: dataDir };
    const first = startServiceProcess(env);
    const { http } = await first.listening;
    expect(postgresOf(dataDir)).not.toEqual([]);
    const adminKey = (await readFile(join(dataDir, 'admin.key'), 'utf8')).trim();
    const admin = new AdminClient(http, adminKey);
    const principal = await admin.createPrincipal({ scopes: ['read'] });
    const revoked = await admin.issueKey(principal.id, { scopes: ['read'] });
    await admin.revokeKey(revoked.id);
    // Killed in the midst of work: what was answered by then is kept.
    const acknowledged: string[] = [];
    const issuing = (async () => {
      for (;;) acknowledged.push((await admin.issueKey(principal.id, { scopes: ['read'] })).key);
    })().catch(() => undefined);
    await eventually('some keys were issued', () => acknowledged.length >= 5);
    first.signal('SIGKILL');
    expect(await first.exited).toBeNull();
    await issuing;
    await eventually('no Postgres is left', () => postgresOf(dataDir).length === 0);

    const second = startServiceProcess(env);
    const again = (await second.listening).http;
    const introspect = async (token: string) =>
      (await again.form('/introspect', { token }, asApiKey(adminKey))).json;
    for (const key of acknowledged) {
      expect(await introspect(key)).toMatchObject({ active: true, scope: 'read' });
    }
    expect(await introspect(revoked.key)).toEqual({ active: false });
    expect(await second.stop()).toBe(0);
    await eventually('no Postgres is left', () => postgresOf(dataDir).length === 0);
  });
});
