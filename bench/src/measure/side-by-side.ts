import type { Pair } from './interleave.js';

/**
 * Measures both sides at the same time, again and again. They get in each other's way, so that what
 * they do in a second says little; but whatever the machine does meanwhile meets both alike, so that how
 * their CPU times compare is steadier than all else.
 */
export async function sideBySide<Sample>(
  rounds: number,
  measureReference: () => Promise<Sample>,
  measureOurs: () => Promise<Sample>,
): Promise<Pair<Sample>> {
  const reference: Sample[] = [];
  const ours: Sample[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const [one, other] = await Promise.all([measureReference(), measureOurs()]);
    reference.push(one);
    ours.push(other);
  }
  return { reference, ours };
}
