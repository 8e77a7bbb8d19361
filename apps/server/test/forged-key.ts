/** The same key but for its last character, which is another one whatever it was. */
export function forgedKey(key: string): string {
  return `${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}`;
}
