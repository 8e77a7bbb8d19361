/**
 * Whether a `Content-Type` is of this media type, with whatever parameters.
 * @param mediaType in lower case
 * @see RFC 9110 §8.3.1
 */
export function hasMediaType(contentType: string | undefined, mediaType: string): boolean {
  if (contentType === mediaType) return true;
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() === mediaType;
}
