import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  lchownSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import type { Account } from './choose-account.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

/** Where things are below the folder that the options name. */
export interface DataFolder {
  path: string;
  /** Postgres's own data folder. */
  cluster: string;
  libraries: string;
  log: string;
  hold: string;
  /** Folders above that did not exist before. */
  madeAbove: string[];
}

/**
 * Makes the folder if need be, closed to other accounts.
 *
 * @throws {EmbeddedPostgresError} `no_permission` if it is someone else's, `unusable_path`
 */
export function openDataFolder(dataDir: string): DataFolder {
  const absolute = path.resolve(dataDir);
  const firstMade = makeFolders(absolute);
  const folder = realpathSync(absolute);
  if (folder.includes(':')) {
    throw new EmbeddedPostgresError(
      'unusable_path',
      `Embedded Postgres: the data directory ${folder} has a colon in its path, which would split ` +
        'the library path. Choose another one.',
    );
  }
  const self = process.geteuid?.() ?? 0;
  const { uid } = statSync(folder);
  if (self !== 0 && uid !== self) {
    throw new EmbeddedPostgresError(
      'no_permission',
      `Embedded Postgres: the data directory ${folder} belongs to user id ${uid}, and this process ` +
        `runs as user id ${self}. Run it as its owner, choose another data directory, or set ` +
        'DATABASE_URL to a Postgres server of your own.',
    );
  }
  accessSync(folder, constants.W_OK | constants.X_OK);
  return {
    path: folder,
    cluster: path.join(folder, 'data'),
    libraries: path.join(folder, 'lib'),
    log: path.join(folder, 'postgres.log'),
    hold: path.join(folder, 'hold'),
    madeAbove: firstMade ? foldersBetween(realpathSync(firstMade), folder) : [],
  };
}

function makeFolders(folder: string): string | undefined {
  try {
    return mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new EmbeddedPostgresError(
      'no_permission',
      `Embedded Postgres: cannot make the data directory ${folder} (${(error as Error).message}). ` +
        'Make it, choose another one, or set DATABASE_URL to a Postgres server of your own.',
      { cause: error },
    );
  }
}

/** Whom the data belongs to or, before there is any, the folder for it. */
export function ownerOf(folder: DataFolder): { uid: number; gid: number } {
  return statSync(folder.cluster, { throwIfNoEntry: false }) ?? statSync(folder.path);
}

/**
 * Lets in whom Postgres runs as, and nobody else. When that is another account than the folder's
 * owner, it may pass through but not change it: what root writes there, it must not redirect.
 */
export function admit(folder: DataFolder, account: Account): void {
  if (account.kind !== 'other' || statSync(folder.path).uid === account.uid) {
    chmodSync(folder.path, 0o700);
    return;
  }
  chownSync(folder.path, 0, account.gid);
  chmodSync(folder.path, 0o710);
  for (const above of folder.madeAbove) chmodSync(above, 0o711);
  // Root's own until now, by way of a user namespace that is no longer permitted.
  if (statSync(folder.cluster, { throwIfNoEntry: false })?.uid === 0) {
    giveAway(folder.cluster, account);
  }
}

function giveAway(folder: string, { uid, gid }: Account): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const below = path.join(folder, entry.name);
    if (entry.isDirectory()) giveAway(below, { kind: 'other', uid, gid });
    else lchownSync(below, uid, gid);
  }
  // Last: a half-done change must be found, and finished, at the next start.
  lchownSync(folder, uid, gid);
}

/** From `first` down to, and without, `last`. */
function foldersBetween(first: string, last: string): string[] {
  const folders: string[] = [];
  for (let at = path.dirname(last); at.startsWith(first); at = path.dirname(at)) folders.push(at);
  return folders;
}
