import { type ClosedLoop, runClosedLoop } from '../load/closed-loop.js';

// Until V8 has compiled what is hot, twice over.
const WARM_UP_SECONDS = 2;

/** Runs a loop until it runs as fast as it will. */
export async function warmUp(
  loop: Omit<ClosedLoop, 'seconds'>,
  seconds = WARM_UP_SECONDS,
): Promise<void> {
  await runClosedLoop({ ...loop, seconds });
}
