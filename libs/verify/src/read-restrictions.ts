import { accessTokenClaims, type Restrictions } from '@countersign/contracts';

const REMEMBERED_MAX = 256;

/** Restrictions that were read and found good, by their JSON. */
const known = new Map<string, Restrictions>();

/**
 * Reads a value that JSON.parse returned as restrictions, by the schema; null when it is not.
 * All tokens of one key carry the same restrictions, so what was read is remembered, at most 256,
 * and equal restrictions are one object, frozen all the way down.
 */
export function readRestrictions(value: unknown): Restrictions | null {
  const text = JSON.stringify(value);
  return known.get(text) ?? readAndRemember(text, value);
}

function readAndRemember(text: string, value: unknown): Restrictions | null {
  const read = accessTokenClaims.shape.restrictions.safeParse(value);
  if (!read.success || read.data === undefined) return null;
  Object.values(read.data).forEach(Object.freeze);
  if (known.size >= REMEMBERED_MAX) known.clear();
  known.set(text, Object.freeze(read.data));
  return read.data;
}
