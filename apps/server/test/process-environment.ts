import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase } from '../../../test/create-test-database.js';
import { killServiceProcesses } from './service-process.js';

/** What service processes run with: a database, a secret and a folder of their own. */
export interface ProcessEnvironment {
  readonly databaseUrl: string;
  readonly env: Readonly<Record<string, string>>;
  /** The key that the first start wrote. */
  adminKey(): Promise<string>;
  /** Ends whatever still runs, and leaves nothing. */
  remove(): Promise<void>;
}

export const PROCESS_SECRET = 'a server secret of the tests and of nothing else';

export async function makeProcessEnvironment(): Promise<ProcessEnvironment> {
  const database = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'countersign-process-'));
  return {
    databaseUrl: database.url,
    env: {
      DATABASE_URL: database.url,
      COUNTERSIGN_SECRET: PROCESS_SECRET,
      COUNTERSIGN_DATA_DIR: dataDir,
      COUNTERSIGN_ISSUER: 'https://auth.example.com',
    },
    adminKey: async () => (await readFile(join(dataDir, 'admin.key'), 'utf8')).trim(),
    async remove() {
      killServiceProcesses();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
