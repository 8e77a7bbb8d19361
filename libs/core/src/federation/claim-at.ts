/**
 * The claim that a JSON Pointer leads to; undefined when there is none. Only own members of objects
 * are followed: a pointer never reaches what JavaScript itself put there, nor into an array.
 * @see RFC 6901 §4
 */
export function claimAt(claims: Readonly<Record<string, unknown>>, pointer: string): unknown {
  let value: unknown = claims;
  for (const token of pointer.split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    if (!Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
