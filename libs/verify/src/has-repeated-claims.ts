import { decodeBase64url } from './decode-base64url.js';
import { hasDuplicateMembers } from './has-duplicate-members.js';
import type { CompactJws } from './parse-compact-jws.js';
import { parseJsonObject } from './parse-json-object.js';

/**
 * Whether the claims of a token, or an object in one of them, name a member twice. Of such a token two readers
 * may see two subjects: a JWT parser may take the last one, or refuse it.
 * @see RFC 7519 §4
 */
export function hasRepeatedClaims({ signingInput }: CompactJws<string>): boolean {
  const octets = decodeBase64url(signingInput.slice(signingInput.indexOf('.') + 1));
  const json = octets && parseJsonObject(octets);
  return json === null || hasDuplicateMembers(json);
}
