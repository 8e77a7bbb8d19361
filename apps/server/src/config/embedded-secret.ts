import { randomBytes } from 'node:crypto';
import { link, mkdir, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '@countersign/core';
import { InvalidConfiguration } from './invalid-configuration.js';

const FILE_NAME = 'secret';
const SECRET_BYTES = 32;

/**
 * The secret of a service with the embedded database: made at the first start, read at every other.
 * Processes that start together get the same one. A damaged file is never replaced, since what is in
 * the database could not be read with another secret.
 * @param dataDir made, with mode 0700, when it is not there
 * @param warn called with a sentence when others may read the file
 * @throws InvalidConfiguration when the file is damaged or cannot be had
 */
export async function embeddedSecret(
  dataDir: string,
  warn: (message: string) => void,
): Promise<Secret> {
  const path = join(dataDir, FILE_NAME);
  try {
    const existing = await readSecret(path, warn);
    if (existing !== null) return existing;
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await placeSecret(dataDir, path);
    const placed = await readSecret(path, warn);
    if (placed !== null) return placed;
    throw new Error('it was removed at once');
  } catch (error) {
    if (error instanceof InvalidConfiguration) throw error;
    throw new InvalidConfiguration([
      `The secret of the embedded database cannot be kept in ${path} (${(error as Error).message}): ` +
        'let the user of this process write there, name another folder in COUNTERSIGN_DATA_DIR, or ' +
        'set COUNTERSIGN_SECRET.',
    ]);
  }
}

/** `null` when there is no file yet. */
async function readSecret(path: string, warn: (message: string) => void): Promise<Secret | null> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  });
  if (file === null) return null;
  try {
    const { mode } = await file.stat();
    if ((mode & 0o077) !== 0) {
      warn(`Others than the owner have access to ${path}: run \`chmod 600\` on it.`);
    }
    const text = (await file.readFile('utf8')).trim();
    if (/^[\w-]{43}$/.test(text)) return new Secret(text);
    throw new InvalidConfiguration([
      `${path} is damaged: bring it back from a backup. Without it the keys in the database beside ` +
        'it cannot be used; to start anew, remove the whole folder.',
    ]);
  } finally {
    await file.close();
  }
}

/**
 * Puts a new secret at `path` unless there is one. It is complete and on the disk before it gets
 * its name, so that neither a second process nor a crash can meet half a secret; linking, unlike
 * renaming, fails when another process was first.
 */
async function placeSecret(dataDir: string, path: string): Promise<void> {
  const draft = join(dataDir, `.${FILE_NAME}-${randomBytes(8).toString('hex')}`);
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(SECRET_BYTES).toString('base64url')}\n`);
    await file.sync();
    await link(draft, path).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
  } finally {
    await file.close();
    await unlink(draft);
  }
  const folder = await open(dataDir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
