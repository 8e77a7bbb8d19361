/**
 * What a credential may do now: its own scopes, as far as its principal is still granted them.
 * @returns sorted by code unit, without repeats
 */
export function effectiveScopes(
  credentialScopes: readonly string[],
  grantedScopes: readonly string[],
): readonly string[] {
  const granted = new Set(grantedScopes);
  return [...new Set(credentialScopes.filter((scope) => granted.has(scope)))].sort();
}
