/** Where a list is served: what tokens name, and what the list says of itself. */
export function statusListUri(issuer: string, listId: string): string {
  return `${issuer}/status-lists/${listId}`;
}
