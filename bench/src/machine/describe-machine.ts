import { cpus, release, totalmem, type } from 'node:os';
import type { Cores } from './cores.js';

/** Where and how the figures were taken: what they mean nothing without. */
export function describeMachine(cores: Cores, postgresVersion: string): string[] {
  const all = cpus();
  const model = all[0]?.model.trim() ?? 'unknown CPU';
  const gib = (totalmem() / 2 ** 30).toFixed(0);
  return [
    `machine   ${all.length} × ${model}, ${gib} GiB, ${type()} ${release()}`,
    `software  Node ${process.version}, Postgres ${postgresVersion} (embedded)`,
    `pinning   ${cores.description}`,
  ];
}
