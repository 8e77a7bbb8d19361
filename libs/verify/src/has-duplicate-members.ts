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

/** Without recursion: the sender chooses how deep the text is nested. */
function countMembers(members: JsonObject['members']): number {
  const left: object[] = [members];
  let count = 0;
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    const children: unknown[] = Object.values(value);
    if (!Array.isArray(value)) count += children.length;
    for (const child of children) {
      if (typeof child === 'object' && child !== null) left.push(child);
    }
  }
  return count;
}
