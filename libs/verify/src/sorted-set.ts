/**
 * A list without repeats and empty strings, sorted by code unit: itself where the issuer did that already,
 * which is mostly, else one of its own.
 */
export function sortedSet(values: readonly string[]): readonly string[] {
  if (isSortedSet(values)) return values;
  // `sort` without a comparator compares code units.
  return Object.freeze([...new Set(values)].filter((value) => value !== '').sort());
}

/** By index: an iterator over a frozen list is an object for each of its values. */
function isSortedSet(values: readonly string[]): boolean {
  let previous = '';
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? '';
    if (value <= previous) return false;
    previous = value;
  }
  return true;
}
