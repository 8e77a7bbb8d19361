import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Account } from './choose-account.js';
import type { DataFolder } from './data-folder.js';
import type { Deadline } from './deadline.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import type { PostgresBinaries } from './find-binaries.js';
import { runToEnd } from './run-to-end.js';

/**
 * Makes sure that the binaries run here, and that the data, if there is any, is of their version.
 *
 * @throws {EmbeddedPostgresError} `no_binary`, `other_major_version`
 */
export async function checkVersion(options: {
  binaries: PostgresBinaries;
  libraryPath: string;
  folder: DataFolder;
  account: Account;
  deadline: Deadline;
}): Promise<void> {
  const { binaries, libraryPath, folder, account, deadline } = options;
  const { status, output } = await runToEnd(
    {
      command: [binaries.postgres, '--version'],
      account,
      libraryPath,
      answersFolder: folder.path,
    },
    deadline,
  );
  const major = /^postgres \(PostgreSQL\) (\d+)/m.exec(output)?.[1];
  if (status !== 0 || major === undefined) {
    throw new EmbeddedPostgresError(
      'no_binary',
      `Embedded Postgres: ${binaries.postgres} does not run here. It needs a system with glibc ` +
        '(Alpine has none), or macOS. Otherwise set DATABASE_URL to a Postgres server of your own. ' +
        `It wrote:\n${output}`,
    );
  }
  const written = readVersion(folder.cluster);
  if (written !== undefined && written !== major) {
    throw new EmbeddedPostgresError(
      'other_major_version',
      `Embedded Postgres: ${folder.cluster} was written by Postgres ${written}, and this is Postgres ` +
        `${major}, which cannot read it. Use the version of Countersign that wrote it to dump the ` +
        'data (pg_dump) and restore it into a new data directory, or move this one away to begin ' +
        'with an empty database.',
    );
  }
}

function readVersion(cluster: string): string | undefined {
  try {
    return readFileSync(path.join(cluster, 'PG_VERSION'), 'utf8').trim();
  } catch {
    return undefined;
  }
}
