import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataFolder } from './data-folder.js';
import { isPostmaster } from './postmaster-file.js';
import type { RunningPostgres } from './running-postgres.js';
import { removeSocketFolder } from './socket-folder.js';

/** When the supervisor should have sent the signal: if it was killed, nobody else does. */
const SUPERVISOR_TIMEOUT_MS = 2_000;
/** When a fast shutdown has taken too long. What was committed is safe in an immediate one, too. */
const FAST_SHUTDOWN_TIMEOUT_MS = 30_000;
const GIVE_UP_AFTER_MS = 40_000;

/**
 * Gives up the claim on Postgres. If it was the last one, waits until Postgres has ended; then no
 * process of it is left. The caller has the lock on the folder.
 */
export async function stopPostgres(
  folder: DataFolder,
  running: Pick<RunningPostgres, 'hold' | 'supervisor' | 'pid'> & { socketFolder?: string },
): Promise<void> {
  if (running.hold === undefined || running.hold.release().heldByOthers) return;
  const { pid, supervisor } = running;
  const runs = (): boolean => isPostmaster(pid, folder.cluster);
  const isSupervised = (): boolean =>
    supervisor?.pid !== undefined && supervisor.exitCode === null && supervisor.signalCode === null;
  const beganMs = performance.now();
  const signals: [number, NodeJS.Signals][] = [
    [SUPERVISOR_TIMEOUT_MS, 'SIGINT'],
    [FAST_SHUTDOWN_TIMEOUT_MS, 'SIGQUIT'],
  ];
  while (runs() || isSupervised()) {
    const elapsedMs = performance.now() - beganMs;
    if (elapsedMs > GIVE_UP_AFTER_MS) {
      throw new Error(`Embedded Postgres: process ${pid} does not end; see ${folder.log}.`);
    }
    if (elapsedMs > (signals[0]?.[0] ?? Infinity)) {
      const [, signal] = signals.shift() as [number, NodeJS.Signals];
      if (runs()) sendSignal(pid, signal);
    }
    await sleep(10);
  }
  rmSync(folder.hold, { force: true });
  if (running.socketFolder !== undefined) removeSocketFolder(running.socketFolder);
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended just now.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
