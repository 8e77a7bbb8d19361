import { SCOPE_TOKEN_PATTERN } from '@countersign/contracts';

export type NarrowedScopes =
  | { readonly ok: true; readonly scopes: readonly string[] }
  | { readonly ok: false; readonly detail: string };

/**
 * The scopes of a token: all that are held and that the audience defines, or those of them that
 * were asked for. Asking can only narrow: a scope that is not held is refused, not left out.
 * @param requested the `scope` parameter; undefined: not asked
 * @param held what the subject may do now, within what was granted to it before
 * @see RFC 6749 §3.3, §5.2 `invalid_scope`
 */
export function narrowScopes(
  requested: string | undefined,
  held: readonly string[],
  defines: (scope: string) => boolean,
): NarrowedScopes {
  const available = held.filter(defines);
  if (requested === undefined) return { ok: true, scopes: available };
  const asked = [...new Set(requested.split(' '))];
  for (const scope of asked) {
    if (!SCOPE_TOKEN_PATTERN.test(scope)) {
      return { ok: false, detail: 'scope must be scope tokens, each separated by one space' };
    }
    if (!available.includes(scope)) {
      return {
        ok: false,
        detail: `the scope ${scope} is not held, or the audience has no use for it`,
      };
    }
  }
  return { ok: true, scopes: asked.sort() };
}
