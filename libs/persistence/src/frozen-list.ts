const NONE: readonly string[] = Object.freeze([]);

/** A list as it came from the database; the empty ones are one and the same, since most are empty. */
export function frozenList(items: string[] | null): readonly string[] {
  return items === null || items.length === 0 ? NONE : items;
}
