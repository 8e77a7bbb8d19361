import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Account } from './choose-account.js';
import type { DataFolder } from './data-folder.js';
import type { Deadline } from './deadline.js';
import { explainDeath } from './explain-death.js';
import type { PostgresBinaries } from './find-binaries.js';
import { runToEnd } from './run-to-end.js';

const UNFINISHED_PREFIX = 'data.new-';

/**
 * Creates Postgres's data, unless it exists: beside its place, so that what has its name is whole.
 * What an interrupted attempt left is removed.
 *
 * @throws {EmbeddedPostgresError} `died_at_start`, `start_timed_out`
 */
export async function initialiseCluster(options: {
  binaries: PostgresBinaries;
  libraryPath: string;
  folder: DataFolder;
  account: Account;
  durable: boolean;
  deadline: Deadline;
}): Promise<void> {
  const { binaries, libraryPath, folder, account, durable, deadline } = options;
  await removeUnfinished(folder.path);
  if (existsSync(folder.cluster)) return;
  const unfinished = mkdtempSync(path.join(folder.path, UNFINISHED_PREFIX));
  try {
    chownSync(unfinished, account.uid, account.gid);
    const { status, output } = await runToEnd(
      {
        command: [binaries.initdb, ...initdbArguments(unfinished, durable)],
        account,
        libraryPath,
        answersFolder: folder.path,
      },
      deadline,
    );
    if (status !== 0) {
      throw explainDeath(`initdb could not create the database in ${folder.path}`, output);
    }
    renameSync(unfinished, folder.cluster);
    if (durable) syncFolder(folder.path);
  } finally {
    await removeUnfinished(folder.path);
  }
}

function initdbArguments(cluster: string, durable: boolean): string[] {
  return [
    `--pgdata=${cluster}`,
    '--username=postgres',
    // Who reaches the socket, in a folder of mode 0700, is the owner. There is no other way in.
    '--auth-local=trust',
    '--auth-host=reject',
    // The same order and the same case rules on every machine, whatever its C library has.
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
    ...(durable ? [] : ['--no-sync']),
  ];
}

async function removeUnfinished(folder: string): Promise<void> {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(UNFINISHED_PREFIX)) continue;
    // An initdb whose starter was killed may be in its last moments, and still write.
    await rm(path.join(folder, name), { recursive: true, force: true, maxRetries: 20 });
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
