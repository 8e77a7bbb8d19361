/** argon2 runs of a service since its start, as its own metrics tell. */
export interface Argon2Runs {
  readonly matched: number;
  /** Turned away by the bound of the queue: not run. */
  readonly refused: number;
}

export async function argon2Runs(port: number): Promise<Argon2Runs> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  if (!response.ok) throw new Error(`/metrics answered ${response.status}`);
  const text = await response.text();
  const count = (outcome: string) => {
    const sample = new RegExp(
      `^countersign_argon2_runs_total\\{outcome="${outcome}"\\} (\\d+)$`,
      'm',
    );
    return Number(sample.exec(text)?.[1] ?? 0);
  };
  return { matched: count('matched'), refused: count('refused') };
}
