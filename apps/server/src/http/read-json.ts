import { isAscii, isUtf8 } from 'node:buffer';

/** Deeper than any document of the admin API; validation and storage may recurse safely. */
export const JSON_DEPTH_MAX = 32;

export type JsonReading =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly detail: string };

/**
 * Reads octets as one JSON text, strictly: UTF-8 without byte order mark, no member named twice in
 * an object (two readers could take different ones), no `__proto__`, not too deep. No octets at all
 * are `undefined`: a request without a body.
 * @see RFC 8259, RFC 7493
 */
export function readJson(octets: Uint8Array): JsonReading {
  if (octets.length === 0) return { ok: true, value: undefined };
  const parsed = parse(octets);
  if (parsed === null) return refused('The body is not valid JSON in UTF-8.');
  const members = countMembers(parsed.value, 1);
  if (members === 'too deep') return refused(`The JSON is nested over ${JSON_DEPTH_MAX} levels.`);
  if (members === 'poisoned') return refused('The JSON has a member named `__proto__`.');
  if (members !== countWrittenMembers(parsed.text)) return refused('The JSON repeats a member.');
  return { ok: true, value: parsed.value };
}

function refused(detail: string): JsonReading {
  return { ok: false, detail };
}

function parse(octets: Uint8Array): { value: unknown; text: string } | null {
  const text = textOf(octets);
  if (text === null) return null;
  try {
    // Refuses a byte order mark, which toString leaves in.
    return { value: JSON.parse(text), text };
  } catch {
    return null;
  }
}

/** A TextDecoder says the same, and takes several times as long over a small text. */
function textOf(octets: Uint8Array): string | null {
  if (isAscii(octets)) return asBuffer(octets).toString('latin1');
  return isUtf8(octets) ? asBuffer(octets).toString('utf8') : null;
}

function asBuffer(octets: Uint8Array): Buffer {
  if (Buffer.isBuffer(octets)) return octets;
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}

/** Recursion ends where the depth is refused. */
function countMembers(value: unknown, depth: number): number | 'too deep' | 'poisoned' {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > JSON_DEPTH_MAX) return 'too deep';
  let count = 0;
  if (Array.isArray(value)) {
    for (const element of value) {
      const below = countMembers(element, depth + 1);
      if (typeof below !== 'number') return below;
      count += below;
    }
    return count;
  }
  // Without lists of names and values, which would cost as much as all the rest.
  for (const name in value) {
    if (name === '__proto__') return 'poisoned';
    const below = countMembers((value as Record<string, unknown>)[name], depth + 1);
    if (typeof below !== 'number') return below;
    count += below + 1;
  }
  return count;
}

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/** In valid JSON each colon outside a string belongs to one member as it was written. */
function countWrittenMembers(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === COLON) count += 1;
    else if (unit === QUOTE) at = endOfString(text, at);
  }
  return count;
}

/** Where the string ends that begins at `start`: at the next quote that is not escaped. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = end;
    while (text.charCodeAt(escapes - 1) === BACKSLASH) escapes -= 1;
    if ((end - escapes) % 2 === 0) return end;
  }
  return text.length;
}
