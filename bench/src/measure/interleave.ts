/** What two sides measured, round by round. */
export interface Pair<Sample> {
  readonly reference: readonly Sample[];
  readonly ours: readonly Sample[];
}

/**
 * Measures by turns: reference, ours, reference, ours … so that whatever changes slowly on the
 * machine (its clock, its neighbours) meets both alike.
 */
export async function interleave<Sample>(
  rounds: number,
  measureReference: (round: number) => Promise<Sample>,
  measureOurs: (round: number) => Promise<Sample>,
): Promise<Pair<Sample>> {
  const reference: Sample[] = [];
  const ours: Sample[] = [];
  for (let round = 0; round < rounds; round += 1) {
    reference.push(await measureReference(round));
    ours.push(await measureOurs(round));
  }
  return { reference, ours };
}
