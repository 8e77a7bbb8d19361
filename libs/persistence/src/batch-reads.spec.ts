import { describe, expect, it } from '@jest/globals';
import { DependencyUnavailable } from '@countersign/core';
import { batchReads } from './batch-reads.js';

/** A database that answers when the test says so. */
function heldDatabase() {
  const batches: { ids: readonly string[]; answer: () => void; fail: (error: Error) => void }[] =
    [];
  const readMany = (ids: readonly string[]) =>
    new Promise<string[]>((resolve, reject) => {
      batches.push({ ids, answer: () => resolve(ids.map((id) => `state of ${id}`)), fail: reject });
    });
  return { readMany, batches };
}

const settle = () => new Promise(setImmediate);

describe('batchReads', () => {
  it('starts a read at once while there is a connection for it', () => {
    const { readMany, batches } = heldDatabase();
    const read = batchReads(readMany, { concurrency: 2, size: 10, maxWaitMs: 1_000 });
    void read('a');
    void read('b');
    expect(batches.map(({ ids }) => ids)).toEqual([['a'], ['b']]);
  });

  it('sends together what came meanwhile, and gives each reader its own result', async () => {
    const { readMany, batches } = heldDatabase();
    const read = batchReads(readMany, { concurrency: 1, size: 3, maxWaitMs: 1_000 });
    const results = ['a', 'b', 'c', 'd', 'e'].map((id) => read(id));
    for (let at = 0; at < 3; at += 1) {
      batches[at]?.answer();
      await settle();
    }
    expect(batches.map(({ ids }) => ids)).toEqual([['a'], ['b', 'c', 'd'], ['e']]);
    await expect(Promise.all(results)).resolves.toEqual(
      ['a', 'b', 'c', 'd', 'e'].map((id) => `state of ${id}`),
    );
  });

  it('lets an outage speak for everyone who waits, and is open again after it', async () => {
    const { readMany, batches } = heldDatabase();
    const read = batchReads(readMany, { concurrency: 1, size: 1, maxWaitMs: 1_000 });
    const results = Promise.allSettled(['a', 'b', 'c'].map((id) => read(id)));
    batches[0]?.fail(new DependencyUnavailable('database'));
    for (const result of await results) {
      expect(result).toMatchObject({ reason: expect.any(DependencyUnavailable) });
    }
    const again = read('d');
    batches[1]?.answer();
    await expect(again).resolves.toBe('state of d');
  });

  it('keeps any other failure to the batch that met it', async () => {
    const { readMany, batches } = heldDatabase();
    const read = batchReads(readMany, { concurrency: 1, size: 1, maxWaitMs: 1_000 });
    const [first, second] = [read('a'), read('b')];
    batches[0]?.fail(new Error('damaged'));
    await expect(first).rejects.toThrow('damaged');
    batches[1]?.answer();
    await expect(second).resolves.toBe('state of b');
  });

  it('refuses who has waited longer than the bound, as unavailable', async () => {
    let nowMs = 0;
    const { readMany, batches } = heldDatabase();
    const options = { concurrency: 1, size: 10, maxWaitMs: 100, now: () => nowMs };
    const read = batchReads(readMany, options);
    const results = [read('a'), read('b')];
    nowMs = 101;
    const inTime = read('c');
    batches[0]?.answer();
    await expect(results[0]).resolves.toBe('state of a');
    await expect(results[1]).rejects.toThrow(DependencyUnavailable);
    batches[1]?.answer();
    await expect(inTime).resolves.toBe('state of c');
    expect(batches[1]?.ids).toEqual(['c']);
  });
});
