import { type Throughput, throughputOf } from '../measure/throughput.js';

/**
 * Repeats an operation in this process for a while.
 * @param repeat does it some hundred times or for some milliseconds, and tells how often
 */
export async function measuredLoop(
  seconds: number,
  repeat: () => number | Promise<number>,
): Promise<Throughput> {
  const startMs = performance.now();
  const cpuBefore = process.cpuUsage();
  const endMs = startMs + seconds * 1000;
  let count = 0;
  let nowMs = startMs;
  while (nowMs < endMs) {
    const done = repeat();
    count += typeof done === 'number' ? done : await done;
    nowMs = performance.now();
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  return throughputOf(count, (nowMs - startMs) / 1000, (user + system) / 1e6);
}
