/** `application/` may be left out of a `typ`, and mostly is. @see RFC 7515 §4.1.9, RFC 9068 §4 */
export function typWithoutPrefix(typ: string | null): string | null {
  return typ === 'application/at+jwt' ? 'at+jwt' : typ;
}
