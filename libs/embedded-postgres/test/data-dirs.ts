import { afterAll, afterEach } from '@jest/globals';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expectNoProcesses } from './processes.js';

/**
 * Data directories for the tests of one file: `shared` by them, to spare most of them an initdb, and
 * `fresh()` ones. A test fails if it leaves a Postgres running in one.
 */
export function useDataDirs(): { shared: string; fresh: () => string } {
  const folders: string[] = [];
  afterEach(() => Promise.all(folders.map(expectNoProcesses)));
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });
  const fresh = (): string => {
    const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'countersign-test-'));
    folders.push(folder);
    return path.join(folder, 'postgres');
  };
  return { shared: fresh(), fresh };
}
