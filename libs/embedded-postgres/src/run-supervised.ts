import { spawn, type ChildProcess } from 'node:child_process';
import { type Account, MAPPED_PREFIX } from './choose-account.js';

/**
 * Runs a command until it ends or until nobody holds its stdin open any more.
 *
 * Signals meant for the service must not reach Postgres, which has to outlive the service's drain:
 * hence the ignored ones here (the command sets handlers of its own) and a session of its own. What
 * does stop the command is the end of stdin, and the kernel brings that about however the holders
 * end, `kill -9` included. Stopping is Postgres's fast shutdown, SIGINT.
 *
 * Each line on stdin is answered with an empty file of that name in the folder `$1`: the proof that
 * its writer came before the end of stdin, see {@link joinHold}.
 *
 * The library path is set here as macOS strips it from the environment of its own shell.
 */
const SUPERVISOR = `
answers=$1; export LD_LIBRARY_PATH="$2" DYLD_LIBRARY_PATH="$2"; shift 2
umask 077
trap '' HUP INT TERM
exec 3<&0 </dev/null
"$@" 3<&- &
command=$!
( while read -r line; do : >"$answers/$line"; done; kill -INT "$command" ) <&3 3<&- >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$command"; status=$?
kill -KILL "$watcher" 2>/dev/null
exit "$status"
`;

export interface SupervisedCommand {
  command: readonly [string, ...string[]];
  account: Account;
  /** Folders for the dynamic linker, separated by colons. */
  libraryPath: string;
  /** Where lines on stdin are answered. */
  answersFolder: string;
  /** A descriptor that the command takes, or a pipe that this process holds. */
  stdin: number | 'pipe';
  output: number | 'pipe';
}

/** Starts a command under the supervisor; the child is the supervisor, the command is below it. */
export function runSupervised(options: SupervisedCommand): ChildProcess {
  const shell = ['/bin/sh', '-c', SUPERVISOR, 'countersign-postgres'];
  const args = [...shell, options.answersFolder, options.libraryPath, ...options.command];
  const [file, ...rest] = options.account.kind === 'mapped' ? [...MAPPED_PREFIX, ...args] : args;
  return spawn(file as string, rest, {
    cwd: '/',
    detached: true,
    // Nothing of the service's own environment: it may hold secrets, and PG* would be settings.
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
    stdio: [options.stdin, options.output, options.output],
    ...(options.account.kind === 'other'
      ? { uid: options.account.uid, gid: options.account.gid }
      : {}),
  });
}
