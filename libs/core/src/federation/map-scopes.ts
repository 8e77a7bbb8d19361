import {
  type ClaimMapping,
  type ClaimTransform,
  looksReserved,
  SCOPE_TOKEN_PATTERN,
} from '@countersign/contracts';
import { claimAt } from './claim-at.js';
import { clerkPermissions } from './clerk-permissions.js';

type Claims = Readonly<Record<string, unknown>>;

const TRANSFORMS: Readonly<Record<ClaimTransform, (claims: Claims) => readonly string[]>> = {
  clerk_permissions: clerkPermissions,
};

/**
 * The scopes that claims stand for, by an issuer's mapping: never one outside its ceiling, and never
 * one of `countersign:*`, in any case of letters, whatever the claims are. What is not a string, or an array with strings, or
 * is not mapped, stands for none.
 * @returns sorted by code unit, without repeats
 * @see RFC 8693 §4.2, RFC 9068 §2.2.3
 */
export function mapScopes(
  claims: Claims,
  sources: ClaimMapping['scopes'],
  ceiling: readonly string[],
): readonly string[] {
  const mapped =
    sources === 'ceiling'
      ? ceiling
      : sources.flatMap((source) => {
          const { map } = source;
          const values =
            'transform' in source
              ? TRANSFORMS[source.transform](claims)
              : valuesOf(claimAt(claims, source.claim));
          return map === undefined ? values : values.flatMap((value) => mappedTo(map, value));
        });
  const allowed = new Set(ceiling);
  const scopes = mapped.filter(
    (scope) => allowed.has(scope) && SCOPE_TOKEN_PATTERN.test(scope) && !looksReserved(scope),
  );
  return [...new Set(scopes)].sort();
}

function valuesOf(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return claim.split(' ');
  if (!Array.isArray(claim)) return [];
  return claim.filter((value): value is string => typeof value === 'string');
}

function mappedTo(map: Readonly<Record<string, string[]>>, value: string): readonly string[] {
  return (Object.hasOwn(map, value) ? map[value] : undefined) ?? [];
}
