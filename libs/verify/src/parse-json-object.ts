// ignoreBOM leaves a byte order mark in the text, where JSON.parse refuses it.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A JSON object as it was read, with the text that it was read from. */
export interface JsonObject {
  readonly members: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/**
 * Reads octets as one JSON object in UTF-8. Returns null when they are not valid UTF-8, begin with
 * a byte order mark, are not JSON, or are JSON of another kind (array, string, number, null).
 * Of repeated members the last counts, as RFC 8259 §4 and RFC 7519 §4 allow; see
 * `hasDuplicateMembers` for where that is not good enough.
 * @param length of what is read of the octets; default: all
 * @see RFC 8259 §8.1
 */
export function parseJsonObject(octets: Buffer, length = octets.length): JsonObject | null {
  try {
    const text = textOf(octets, length);
    const value: unknown = JSON.parse(text);
    return isObject(value) ? { members: value, text } : null;
  } catch {
    return null;
  }
}

/** Whatever is not UTF-8 is read as U+FFFD, as is what was written so: only then is it looked at again. */
function textOf(octets: Buffer, length: number): string {
  const text = octets.toString('utf8', 0, length);
  return text.includes('\ufffd') ? utf8.decode(octets.subarray(0, length)) : text;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
