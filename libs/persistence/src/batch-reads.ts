import { DependencyUnavailable } from '@countersign/core';

export interface BatchOptions {
  /** Batches under way at a time, each on a connection of its own. */
  readonly concurrency: number;
  /** Ids in one batch, at most. */
  readonly size: number;
  /** Whoever has waited longer for a batch is refused: the database does not keep up. */
  readonly maxWaitMs: number;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

/** Reads many ids at once; the results are in the order of the ids. */
export type ReadMany<T> = (ids: readonly string[]) => Promise<readonly T[]>;

interface Waiting<T> {
  readonly id: string;
  readonly sinceMs: number;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Makes one read of many. A read starts at once while there is a connection for it; those asked for
 * meanwhile go together when one is free. So however many come at a time, after a restart all of
 * them, no pool is drained and each wait is bounded: by `maxWaitMs`, and by the first batch that
 * finds the database gone, which speaks for everyone who waits behind it.
 */
export function batchReads<T>(
  readMany: ReadMany<T>,
  options: BatchOptions,
): (id: string) => Promise<T> {
  const { concurrency, size, maxWaitMs, now = () => performance.now() } = options;
  let waiting: Waiting<T>[] = [];
  let underWay = 0;

  const startWhatCan = () => {
    while (underWay < concurrency && waiting.length > 0) {
      const batch = waiting.slice(0, size);
      waiting = waiting.slice(size);
      underWay += 1;
      void run(batch).finally(() => {
        underWay -= 1;
        startWhatCan();
      });
    }
  };

  const run = async (batch: readonly Waiting<T>[]) => {
    const inTime = batch.filter(({ sinceMs }) => now() - sinceMs <= maxWaitMs);
    if (inTime.length < batch.length) {
      const late = batch.filter((read) => !inTime.includes(read));
      rejectAll(late, tooSlow());
    }
    if (inTime.length === 0) return;
    try {
      const results = await readMany(inTime.map(({ id }) => id));
      inTime.forEach((read, at) => read.resolve(results[at] as T));
    } catch (error) {
      rejectAll(inTime, error);
      if (error instanceof DependencyUnavailable) rejectAll(waiting.splice(0), error);
    }
  };

  return (id) =>
    new Promise<T>((resolve, reject) => {
      waiting.push({ id, sinceMs: now(), resolve, reject });
      startWhatCan();
    });
}

function tooSlow(): DependencyUnavailable {
  return new DependencyUnavailable('database', 1, { cause: new Error('it does not keep up') });
}

function rejectAll<T>(reads: readonly Waiting<T>[], error: unknown): void {
  for (const { reject } of reads) reject(error);
}
