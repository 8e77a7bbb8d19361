import { randomUUID } from 'node:crypto';
import { closeSync, linkSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Deadline } from './deadline.js';
import { hasReader, makeFifo, openReader } from './fifo.js';

const FORGOTTEN_AFTER_MS = 60_000;

/**
 * Takes the lock on a data folder: at any moment one process starts, adopts or stops its Postgres.
 * A process that ends without giving it back, be it by `kill -9`, gives it back by that.
 *
 * The lock is the highest-numbered `lock.<n>`, a named pipe, for as long as someone has it open for
 * reading. Taking it is making the next number. The highest is never removed, only lower ones are,
 * so that a process which looked long ago cannot mistake an old number for a free one: it finds a
 * higher one beside its own, and takes its own back.
 *
 * @returns what gives the lock back
 * @throws {EmbeddedPostgresError} `start_timed_out`
 */
export async function acquireLock(folder: string, deadline: Deadline): Promise<() => void> {
  const ticket = path.join(folder, `ticket-${randomUUID()}`);
  await makeFifo(ticket);
  const reader = openReader(ticket);
  try {
    await deadline.until(
      () => tryAcquire(folder, ticket),
      `for another process that is starting or stopping Postgres in ${folder}`,
    );
  } catch (error) {
    closeSync(reader);
    throw error;
  } finally {
    rmSync(ticket, { force: true });
  }
  return () => closeSync(reader);
}

function tryAcquire(folder: string, ticket: string): boolean {
  const newest = lockNumbers(folder).at(-1) ?? 0;
  if (hasReader(lockFile(folder, newest))) return false;
  const mine = newest + 1;
  try {
    // Linked, not made in place: the lock appears with its reader already there.
    linkSync(ticket, lockFile(folder, mine));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  const numbers = lockNumbers(folder);
  if (numbers.at(-1) !== mine) {
    rmSync(lockFile(folder, mine), { force: true });
    return false;
  }
  for (const number of numbers.slice(0, -1)) rmSync(lockFile(folder, number), { force: true });
  removeForgottenTickets(folder);
  return true;
}

/** Of the locks in a folder, lowest first. */
function lockNumbers(folder: string): number[] {
  return readdirSync(folder)
    .filter((name) => /^lock\.\d+$/.test(name))
    .map((name) => Number(name.slice('lock.'.length)))
    .toSorted((a, b) => a - b);
}

function lockFile(folder: string, number: number): string {
  return path.join(folder, `lock.${number}`);
}

function removeForgottenTickets(folder: string): void {
  for (const name of readdirSync(folder)) {
    const ticket = path.join(folder, name);
    if (!name.startsWith('ticket-') || hasReader(ticket)) continue;
    // A new one has no reader for a moment.
    const { mtimeMs } = statSync(ticket, { throwIfNoEntry: false }) ?? { mtimeMs: Infinity };
    if (Date.now() - mtimeMs > FORGOTTEN_AFTER_MS) rmSync(ticket, { force: true });
  }
}
