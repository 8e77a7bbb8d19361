/**
 * A copy of a text that holds on to nothing else, as one that was cut out of a longer text does; null when
 * a character of it is beyond U+00FF.
 *
 * @param place for its octets, at least as long as the text
 */
export function copyLatin1(text: string, place: Buffer): string | null {
  const copy = place.toString('latin1', 0, place.write(text, 'latin1'));
  // Of what is beyond, only the lower eight bits were written.
  return copy === text ? copy : null;
}
