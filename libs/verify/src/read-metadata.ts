import { METADATA_MAX_BYTES, type Metadata } from '@countersign/contracts';

const KEY_MAX_CHARS = 64;
const NUL_OR_LONE_SURROGATE = /\\u0000|\\ud[89a-f][0-9a-f]{2}/i;

/**
 * Reads a value that JSON.parse returned as metadata, by the rules of the schema `metadata`; null
 * when it is not. What is JSON already need not be found to be JSON again, which is most of what
 * the schema's time goes into. A member `__proto__`, which the schema drops, is refused.
 *
 * The metadata is frozen, all the way down.
 */
export function readMetadata(value: unknown): Metadata | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const keys = Object.keys(value);
  for (const key of keys) if (key === '' || key.length > KEY_MAX_CHARS) return null;
  if (isSmallAndPlain(value as Readonly<Record<string, unknown>>, keys)) {
    return Object.freeze(value) as Metadata;
  }
  const text = JSON.stringify(value);
  if (Buffer.byteLength(text) > METADATA_MAX_BYTES || NUL_OR_LONE_SURROGATE.test(text)) return null;
  return freezeJson(value) ? (value as Metadata) : null;
}

/**
 * Whether these are texts in ASCII, without control characters, and so short that their JSON is within the
 * limit however much of it is escaped. Mostly so, and then known without writing the JSON.
 */
function isSmallAndPlain(
  members: Readonly<Record<string, unknown>>,
  keys: readonly string[],
): boolean {
  let octets = 2;
  for (const key of keys) {
    const value = members[key];
    if (typeof value !== 'string' || key === '__proto__') return false;
    octets += plainOctets(key) + plainOctets(value);
  }
  return octets <= METADATA_MAX_BYTES;
}

/** Octets of JSON at most, with what stands around the text; Infinity: it has other characters. */
function plainOctets(text: string): number {
  if (text.length > METADATA_MAX_BYTES) return Infinity;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x20 || unit > 0x7e) return Infinity;
  }
  return 2 * text.length + 4;
}

/** False when there is a number that overflowed (1e400 is read as Infinity) or a `__proto__`. */
function freezeJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  for (const key of Object.keys(value)) {
    if (key === '__proto__' || !freezeJson((value as Record<string, unknown>)[key])) return false;
  }
  Object.freeze(value);
  return true;
}
