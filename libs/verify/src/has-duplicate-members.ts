import type { JsonObject } from './parse-json-object.js';

const JSON_STRING = /"(?:[^"\\]|\\.)*"/g;

/**
 * Whether any object in this JSON text, at any depth, names a member twice, however the name is
 * escaped. In valid JSON each colon outside a string belongs to one member as written, while
 * parsing keeps one of each name: the counts differ exactly when a name was repeated.
 * @see RFC 8259 §4
 */
export function hasDuplicateMembers(json: JsonObject): boolean {
  const written = json.text.replace(JSON_STRING, '').split(':').length - 1;
  return written !== countMembers(json.members);
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const children: unknown[] = Object.values(value);
  const own = Array.isArray(value) ? 0 : children.length;
  return children.reduce<number>((count, child) => count + countMembers(child), own);
}
