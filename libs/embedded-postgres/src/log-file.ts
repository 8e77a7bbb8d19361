import {
  closeSync,
  constants,
  fchownSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs';
import path from 'node:path';

const TAIL_LINES = 15;

/** Opens a new log, mode 0600; that of the start before is kept as `<file>.1`, older ones are not. */
export function openNewLog(file: string): number {
  try {
    renameSync(file, `${file}.1`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const { O_WRONLY, O_APPEND, O_CREAT, O_EXCL } = constants;
  const log = openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_EXCL, 0o600);
  try {
    if (process.geteuid?.() === 0) {
      const { uid, gid } = statSync(path.dirname(file));
      fchownSync(log, uid, gid);
    }
    return log;
  } catch (error) {
    closeSync(log);
    throw error;
  }
}

/** The last lines of a log, for an error's message. */
export function tailOfLog(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
}
