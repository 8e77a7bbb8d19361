/** The reference for the first use of a key: argon2's verification and nothing else. */
import argon2 from 'argon2';
import type { Argon2Command } from './argon2-command.js';
import { measuredLoop } from './measured-loop.js';
import { obey } from './obey.js';

// As many as libuv has threads, so that the core never waits for the main thread.
const AT_A_TIME = 4;

obey((message) => {
  const { secretHash, secret, seconds } = message as Argon2Command;
  return measuredLoop(seconds, async () => {
    const runs = Array.from({ length: AT_A_TIME }, () => repeatedly(secretHash, secret));
    const counts = await Promise.all(runs);
    return counts.reduce((sum, count) => sum + count, 0);
  });
});

// Long enough for the last of the four not to matter.
const RUNS = 25;

async function repeatedly(secretHash: string, secret: string): Promise<number> {
  for (let run = 0; run < RUNS; run += 1) {
    if (!(await argon2.verify(secretHash, secret))) throw new Error('a good secret did not match');
  }
  return RUNS;
}
