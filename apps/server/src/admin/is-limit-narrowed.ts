import { isNarrowed } from './is-narrowed.js';

/** Whether a limit lets through less than before. Without members it is none, and lets all through. */
export function isLimitNarrowed(before: readonly string[], after: readonly string[]): boolean {
  if (after.length === 0) return false;
  return before.length === 0 || isNarrowed(before, after);
}
