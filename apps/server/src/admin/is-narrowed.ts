import { newlyIn } from './newly-in.js';

/** Whether a set loses a member. */
export function isNarrowed(before: readonly string[], after: readonly string[]): boolean {
  return newlyIn(after, before).length > 0;
}
