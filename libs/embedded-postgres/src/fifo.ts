import { execFile } from 'node:child_process';
import { closeSync, constants, lchownSync, openSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

/*
 * Named pipes, for what only the kernel knows for certain: whether another process still has
 * something open. It closes everything of a process that ends, however it ends; a process id in a
 * file would outlive its process and be given to another one.
 */

/** Makes a named pipe, mode 0600. @throws with `EEXIST` in its message if the path exists */
export async function makeFifo(fifo: string): Promise<void> {
  await promisify(execFile)('mkfifo', ['-m', '600', fifo]);
  if (process.geteuid?.() === 0) {
    // Else the folder's owner, who may be the next to start, could not open it.
    const { uid, gid } = statSync(path.dirname(fifo));
    lchownSync(fifo, uid, gid);
  }
}

/** Opens the reading end; never waits for a writer. */
export function openReader(fifo: string): number {
  return openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
}

/** Opens the writing end, or tells that nobody has the reading end open, or that it is not there. */
export function openWriter(fifo: string): number | undefined {
  try {
    return openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (hasCode(error, 'ENXIO') || hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Whether any process has the writing end open. Discards what was written. */
export function hasWriters(reader: number): boolean {
  const buffer = Buffer.alloc(512);
  try {
    while (readSync(reader, buffer) > 0);
    return false;
  } catch (error) {
    if (hasCode(error, 'EAGAIN')) return true;
    throw error;
  }
}

/** Whether any process has the reading end open. */
export function hasReader(fifo: string): boolean {
  const writer = openWriter(fifo);
  if (writer !== undefined) closeSync(writer);
  return writer !== undefined;
}

function hasCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}
