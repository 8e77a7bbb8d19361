import { describe, expect, it } from '@jest/globals';
import { DependencyUnavailable } from '../dependency-unavailable.js';
import { Argon2Queue } from './argon2-queue.js';

/** A run that ends when the test says so. */
function heldRun() {
  let finish = () => {};
  const done = new Promise<string>((resolve) => {
    finish = () => resolve('done');
  });
  return { work: () => done, finish: () => finish() };
}

/** A queue that takes each run to last `runMs`. */
function queueOf(runMs: number, options: { concurrency: number; maxWaitMs: number }) {
  return new Argon2Queue({ ...options, assumedRunMs: runMs, now: () => 0 });
}

describe('Argon2Queue', () => {
  it('hands over what a run yields, and what it throws', async () => {
    const queue = new Argon2Queue({ concurrency: 1, maxWaitMs: 1000 });
    await expect(queue.run(async () => 42)).resolves.toBe(42);
    await expect(queue.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });

  it('never has more runs at a time than it may', async () => {
    const queue = new Argon2Queue({ concurrency: 3, maxWaitMs: 1000 });
    let running = 0;
    let most = 0;
    const work = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
    };
    await Promise.all(Array.from({ length: 20 }, () => queue.run(work)));
    expect(most).toBe(3);
  });

  it('refuses at once a run that would wait longer than the bound, and starts nothing', async () => {
    const queue = queueOf(100, { concurrency: 1, maxWaitMs: 250 });
    const held = heldRun();
    const accepted = [queue.run(held.work)];
    // Waiting: 0, 100, 200 ms are within the bound; 300 ms is not.
    for (let i = 0; i < 3; i += 1) accepted.push(queue.run(held.work));
    expect(queue.length).toBe(3);
    let started = false;
    const refused = queue.run(async () => {
      started = true;
    });
    await expect(refused).rejects.toThrow(DependencyUnavailable);
    expect(queue.length).toBe(3);
    held.finish();
    await Promise.all(accepted);
    expect(started).toBe(false);
  });

  it('bounds the wait, not the number: dear runs fill it sooner than cheap ones', async () => {
    const acceptedAt = async (runMs: number, concurrency: number) => {
      const queue = queueOf(runMs, { concurrency, maxWaitMs: 1000 });
      const held = heldRun();
      const all = Array.from({ length: 100 }, () => queue.run(held.work));
      held.finish();
      const settled = await Promise.allSettled(all);
      return settled.filter(({ status }) => status === 'fulfilled').length;
    };
    expect(await acceptedAt(10, 1)).toBe(100);
    expect(await acceptedAt(100, 1)).toBe(1 + 11);
    expect(await acceptedAt(500, 1)).toBe(1 + 3);
    expect(await acceptedAt(100, 2)).toBe(2 + 21);
  });

  it.each([
    [100, 1],
    [500, 2],
    [1700, 6],
  ])(
    'says in whole seconds when to come back (three runs of %p ms ahead: %p)',
    async (runMs, seconds) => {
      const queue = queueOf(runMs, { concurrency: 1, maxWaitMs: 2 * runMs });
      const held = heldRun();
      const accepted = Array.from({ length: 4 }, () => queue.run(held.work));
      const failure: unknown = await queue.run(held.work).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(DependencyUnavailable);
      expect(failure).toHaveProperty('retryAfterSeconds', seconds);
      held.finish();
      await Promise.all(accepted);
    },
  );

  it('sends each of those it refuses to a time of its own, and none past half a minute', async () => {
    const queue = queueOf(1000, { concurrency: 1, maxWaitMs: 2000 });
    const held = heldRun();
    const accepted = Array.from({ length: 4 }, () => queue.run(held.work));
    const refused = await Promise.allSettled(
      Array.from({ length: 40 }, () => queue.run(held.work)),
    );
    const seconds = refused.map(
      (each) => each.status === 'rejected' && each.reason.retryAfterSeconds,
    );
    expect(seconds.slice(0, 5)).toEqual([3, 4, 5, 6, 7]);
    expect(Math.max(...seconds.map(Number))).toBe(30);
    held.finish();
    await Promise.all(accepted);
  });

  it('is not misled when the event loop stalls, however long, once a run was measured', async () => {
    let nowMs = 0;
    const queue = new Argon2Queue({ concurrency: 1, maxWaitMs: 100, now: () => nowMs });
    const runOf = (ms: number) => async () => {
      nowMs += ms;
    };
    await queue.run(runOf(1));
    for (let i = 0; i < 100; i += 1) await queue.run(runOf(5_000));
    const held = heldRun();
    const accepted = Array.from({ length: 50 }, () => queue.run(held.work));
    held.finish();
    await expect(Promise.all(accepted)).resolves.toHaveLength(50);
  });

  it('loses no place to runs that fail, by a rejection or a throw', async () => {
    const queue = new Argon2Queue({ concurrency: 2, maxWaitMs: 10_000 });
    const failing = Array.from({ length: 20 }, (_, i) =>
      queue.run(() => {
        if (i % 2 === 0) throw new Error('thrown');
        return Promise.reject(new Error('rejected'));
      }),
    );
    for (const { status } of await Promise.allSettled(failing)) expect(status).toBe('rejected');
    expect(queue.length).toBe(0);
    const held = heldRun();
    const running = [queue.run(held.work), queue.run(held.work)];
    expect(queue.length).toBe(0);
    held.finish();
    await expect(Promise.all(running)).resolves.toEqual(['done', 'done']);
  });

  it('learns from the runs how long they take, failed ones included, and forgets in the end', async () => {
    let nowMs = 0;
    const queue = new Argon2Queue({ concurrency: 1, maxWaitMs: 100, now: () => nowMs });
    for (let i = 0; i < 600; i += 1) {
      const work = async () => {
        nowMs += i < 10 ? 1 : 200;
        if (i % 3 === 0) throw new Error('failed');
      };
      await queue.run(work).catch(() => undefined);
    }
    const held = heldRun();
    const accepted = [queue.run(held.work), queue.run(held.work)];
    await expect(queue.run(held.work)).rejects.toThrow(DependencyUnavailable);
    held.finish();
    await Promise.all(accepted);
  });

  it('is open again once the runs ahead are done', async () => {
    const queue = queueOf(100, { concurrency: 1, maxWaitMs: 50 });
    const held = heldRun();
    const accepted = [queue.run(held.work), queue.run(held.work)];
    await expect(queue.run(held.work)).rejects.toThrow(DependencyUnavailable);
    held.finish();
    await Promise.all(accepted);
    await expect(queue.run(async () => 'again')).resolves.toBe('again');
  });
});
