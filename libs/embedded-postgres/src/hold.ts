import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasWriters, makeFifo, openReader, openWriter } from './fifo.js';

/** How long a supervisor gets to answer that it has seen a new holder. */
const ANSWER_TIMEOUT_MS = 3_000;

/**
 * One process's claim on a running Postgres. The supervisor reads a named pipe until nobody has it
 * open for writing, then stops Postgres: having it open is the claim.
 */
export class Hold {
  constructor(
    private readonly fifo: string,
    private readonly writer: number,
  ) {}

  /** Gives the claim up, and tells whether other processes still have one. */
  release(): { heldByOthers: boolean } {
    const reader = this.#openReader();
    closeSync(this.writer);
    if (reader === undefined) return { heldByOthers: false };
    const heldByOthers = hasWriters(reader);
    closeSync(reader);
    return { heldByOthers };
  }

  #openReader(): number | undefined {
    try {
      return openReader(this.fifo);
    } catch {
      // Someone removed the data folder. The supervisor notices the end of the claim all the same.
      return undefined;
    }
  }
}

/**
 * Makes the pipe anew.
 *
 * @returns the first claim, and the end that the supervisor is to read, which the caller must close
 */
export async function createHold(fifo: string): Promise<{ hold: Hold; reader: number }> {
  rmSync(fifo, { force: true });
  await makeFifo(fifo);
  const reader = openReader(fifo);
  return { hold: new Hold(fifo, openWriter(fifo) as number), reader };
}

/**
 * Claims a Postgres that already runs.
 *
 * Its last holder may have died at this very moment and the supervisor be about to stop it. So a
 * line is written, which a supervisor that still reads answers with a file.
 *
 * @param isReady whether that Postgres still runs and is not stopping
 * @returns `undefined` if it is ending
 */
export async function joinHold(
  fifo: string,
  answersFolder: string,
  isReady: () => boolean,
): Promise<Hold | undefined> {
  const reader = openReader(fifo);
  const writer = openWriter(fifo) as number;
  closeSync(reader);
  const line = `held-${randomUUID()}`;
  const answer = path.join(answersFolder, line);
  try {
    writeSync(writer, `${line}\n`);
  } catch {
    // Nobody reads any more: below, Postgres is found to end. Or its supervisor was killed alone,
    // and it runs on: then there is nobody to answer, and the last holder to leave stops it.
  }
  const limitMs = performance.now() + ANSWER_TIMEOUT_MS;
  while (isReady() && !existsSync(answer) && performance.now() < limitMs) await sleep(5);
  const joined = isReady();
  rmSync(answer, { force: true });
  if (joined) return new Hold(fifo, writer);
  closeSync(writer);
  return undefined;
}
