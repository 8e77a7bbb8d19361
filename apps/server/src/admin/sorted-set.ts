/** What is a set on the wire is stored sorted by code unit: equal sets are equal rows. */
export function sortedSet(members: readonly string[]): string[] {
  return [...new Set(members)].sort();
}
