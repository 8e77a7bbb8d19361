import type { ChildProcess } from 'node:child_process';
import type { Hold } from './hold.js';
import type { Postmaster } from './postmaster-file.js';

/** A Postgres that accepts connections and that this process has a claim on. */
export interface RunningPostgres extends Postmaster {
  /** Absent for one that was started by hand: it is not ours to stop. */
  hold: Hold | undefined;
  /** Present if this process started it. */
  supervisor: ChildProcess | undefined;
}
