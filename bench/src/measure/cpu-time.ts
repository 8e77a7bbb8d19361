import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** The unit of /proc: 100 on all common kernels. */
export const TICKS_PER_SECOND =
  Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout) || 100;

/** What a process has used, in seconds of user and system time, all threads together. */
export interface CpuTime {
  readonly own: number;
  /** Of its children that have ended. */
  readonly endedChildren: number;
}

/** @returns NaN where there is no /proc, or no such process */
export function cpuTimeOf(pid: number): CpuTime {
  const fields = statFields(pid);
  const seconds = (at: number) => Number(fields[at]) / TICKS_PER_SECOND;
  return {
    own: scheduledSeconds(pid) ?? seconds(11) + seconds(12),
    endedChildren: seconds(13) + seconds(14),
  };
}

/**
 * In nanoseconds where the kernel tells them: a tick is a twentieth of a short round.
 * @returns undefined where it does not
 */
function scheduledSeconds(pid: number): number | undefined {
  try {
    const nanoseconds = readdirSync(`/proc/${pid}/task`).map((thread) =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ', 1)[0]),
    );
    return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e9;
  } catch {
    return undefined;
  }
}

/** The parent of a process; NaN where it is not known. */
export function parentOf(pid: number): number {
  return Number(statFields(pid)[1]);
}

/** The fields of /proc/<pid>/stat after the name, which may hold spaces and parentheses. */
function statFields(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
