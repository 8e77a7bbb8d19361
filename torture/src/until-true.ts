import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 20;

/** Asks until the answer is yes. @throws {Error} that names `what`, when it takes too long */
export async function untilTrue(
  what: string,
  timeoutMs: number,
  isTrue: () => boolean | Promise<boolean>,
): Promise<void> {
  const limitMs = performance.now() + timeoutMs;
  while (!(await isTrue())) {
    if (performance.now() > limitMs) throw new Error(`in vain after ${timeoutMs} ms: ${what}`);
    await delay(POLL_MS);
  }
}
