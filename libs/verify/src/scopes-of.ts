import { sortedSet } from './sorted-set.js';

const REMEMBERED_MAX = 256;
const NONE: readonly string[] = Object.freeze([]);

/** Scopes by their text; all tokens of one key have the same, and to take a text apart is slow. */
const known = new Map<string, readonly string[]>();

/**
 * The scopes that a claim `scope` names, sorted and without repeats; none where it is absent. The list is
 * frozen and shared.
 * @see RFC 6749 §3.3
 */
export function scopesOf(text: string | undefined): readonly string[] {
  return text === undefined ? NONE : (known.get(text) ?? readAndRemember(text));
}

function readAndRemember(text: string): readonly string[] {
  const scopes = Object.freeze(sortedSet(text.split(' ')));
  // Dropping all at once keeps this bounded without a cost for each hit.
  if (known.size >= REMEMBERED_MAX) known.clear();
  known.set(text, scopes);
  return scopes;
}
