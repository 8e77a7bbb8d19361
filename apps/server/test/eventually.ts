import { setTimeout as delay } from 'node:timers/promises';

const POLL_EVERY_MS = 10;

/**
 * Repeats `attempt` until it yields something other than false, null or undefined, and returns that.
 * @param what for the error when it takes longer than `withinMs`
 */
export async function eventually<T>(
  what: string,
  attempt: () => T | Promise<T>,
  withinMs = 10_000,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const result = await attempt();
    if (result !== false && result !== null && result !== undefined) {
      return result as Exclude<T, false | null | undefined>;
    }
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await delay(POLL_EVERY_MS);
  }
}
