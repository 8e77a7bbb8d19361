import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Violation } from '../checker/violation.js';
import type { History } from '../history/history.js';
import type { Schedule } from '../schedule/schedule.js';

/** Writes a schedule and what came of it to a file that `--schedule` takes. @returns its path */
export function saveFailure(
  schedule: Schedule,
  history: History,
  violations: readonly Violation[],
): string {
  const folder = join(tmpdir(), 'countersign-torture-failures');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `seed-${schedule.seed}-${Date.now()}.json`);
  writeFileSync(file, JSON.stringify({ schedule, violations, history }, null, 1));
  return file;
}
