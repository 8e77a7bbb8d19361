import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** Command lines of the processes, supervisors included, that run for a data directory. */
export function processesOf(dataDir: string): string[] {
  const all = execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  return all.split('\n').filter((line) => line.includes(dataDir) && line.includes('postgres -D'));
}

/** Fails unless all of them end within 10 s. */
export async function expectNoProcesses(dataDir: string): Promise<void> {
  const limitMs = performance.now() + 10_000;
  while (processesOf(dataDir).length > 0) {
    if (performance.now() > limitMs) {
      throw new Error(`still running:\n${processesOf(dataDir).join('\n')}`);
    }
    await sleep(20);
  }
}

/** The user id that a process runs as, or its parent's process id. */
export function askProcess(pid: number, field: 'uid' | 'ppid'): number {
  return Number(execFileSync('ps', ['-o', `${field}=`, '-p', String(pid)], { encoding: 'utf8' }));
}
