import { setTimeout as delay } from 'node:timers/promises';

/** Repeats `check` until it holds; fails after `timeoutMs`. */
export async function eventually(
  check: () => boolean | Promise<boolean>,
  timeoutMs = 5_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await check())) {
    if (performance.now() > deadline)
      throw new Error(`not within ${timeoutMs} ms: ${check.toString()}`);
    await delay(5);
  }
}
