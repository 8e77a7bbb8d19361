import { createHmac } from 'node:crypto';

const HALF_BITS = 8;
const HALF = 2 ** HALF_BITS;
const ROUNDS = 4;

/** Places in a list: enough to hide in, and 16 KiB before it is compressed. */
export const STATUS_LIST_SIZE = HALF * HALF;

/**
 * The place of the n-th token of a list: each place comes once, and without the seed in no order that
 * tells how many there are or which came together. A Feistel network over the two halves of n.
 * @param n 0 to `STATUS_LIST_SIZE` - 1
 * @see draft-ietf-oauth-status-list §12.5: choosing pseudo-random indices
 */
export function scatteredIndex(n: number, seed: string): number {
  let [left, right] = [Math.floor(n / HALF), n % HALF];
  for (let round = 0; round < ROUNDS; round += 1) {
    const mixed = createHmac('sha256', seed).update(Buffer.of(round, right)).digest()[0] ?? 0;
    [left, right] = [right, left ^ mixed];
  }
  return left * HALF + right;
}
