/**
 * What makes servers disagree about which path is meant, and so matches nothing:
 * characters that a path cannot contain (RFC 3986 §3.3), a backslash among them; an encoded dot,
 * slash, backslash, percent sign or control character, or an overlong encoding of one; an empty
 * segment; a dot segment, also with a path parameter (`..;x`, which some servers strip).
 */
const AMBIGUOUS =
  /[^\w\-.~!$&'()*+,;=:@%/]|%(?:2[ef5]|5c|[01][0-9a-f]|7f|c[01])|%(?![0-9a-f]{2})|\/\/|\/\.{1,2}(?:[/;]|%3b|$)/i;

/**
 * Whether the path of a request is one of `paths` exactly, or begins with one that ends in `/*`:
 * `/a/*` allows `/a/b` and `/a/`, not `/a` and not `/ab`. A query is not part of the path.
 * Nothing is decoded or normalized: a path that could be read in two ways is allowed by no list.
 */
export function isPathAllowed(paths: readonly string[], target: string | undefined): boolean {
  if (target === undefined) return false;
  const query = target.indexOf('?');
  const path = query === -1 ? target : target.slice(0, query);
  if (!path.startsWith('/') || AMBIGUOUS.test(path)) return false;
  return paths.some((allowed) =>
    allowed.endsWith('/*') ? path.startsWith(allowed.slice(0, -1)) : path === allowed,
  );
}
