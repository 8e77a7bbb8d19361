import { isDeepStrictEqual } from 'node:util';

/** Whether a patch has any effect: without one there is nothing to store, audit or announce. */
export function hasChanged(before: object, after: object): boolean {
  return !isDeepStrictEqual(before, after);
}
