import type { HttpClient } from './http-client.js';

/** What `/metrics` said at one moment. */
export class MetricsReading {
  constructor(private readonly lines: readonly string[]) {}

  /** The sum of all series of `name` that have these labels, 0 when there is none. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    return this.lines
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter((line) => wanted.every((pair) => line.includes(pair)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  get keyStateReads(): number {
    return this.sum('countersign_key_state_reads_total');
  }

  get argon2Runs(): number {
    return this.sum('countersign_argon2_runs_total');
  }

  /** Credentials that were turned away, for this reason or for any. */
  rejections(code?: string): number {
    return this.sum('countersign_credential_rejections_total', code === undefined ? {} : { code });
  }
}

export async function readMetrics(client: HttpClient): Promise<MetricsReading> {
  const { status, text } = await client.get('/metrics');
  if (status !== 200) throw new Error(`/metrics answered ${status}`);
  return new MetricsReading(text.split('\n').filter((line) => !line.startsWith('#')));
}
