/** Those in `after` that are not in `before`: what a change adds to a set. */
export function newlyIn(before: readonly string[], after: readonly string[]): string[] {
  const known = new Set(before);
  return after.filter((member) => !known.has(member));
}
