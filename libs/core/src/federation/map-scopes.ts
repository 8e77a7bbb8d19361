import {
  type ClaimMapping,
  RESERVED_SCOPE_PREFIX,
  SCOPE_TOKEN_PATTERN,
} from '@countersign/contracts';
import { claimAt } from './claim-at.js';

/**
 * The scopes that claims stand for, by an issuer's mapping: never one outside its ceiling, and never
 * one of `countersign:*`, whatever the claims are. What is not a string, or an array with strings, or
 * is not mapped, stands for none.
 * @returns sorted by code unit, without repeats
 * @see RFC 8693 §4.2, RFC 9068 §2.2.3
 */
export function mapScopes(
  claims: Readonly<Record<string, unknown>>,
  sources: ClaimMapping['scopes'],
  ceiling: readonly string[],
): readonly string[] {
  const mapped =
    sources === 'ceiling'
      ? ceiling
      : sources.flatMap(({ claim, map }) => {
          const values = valuesOf(claimAt(claims, claim));
          return map === undefined ? values : values.flatMap((value) => mappedTo(map, value));
        });
  const allowed = new Set(ceiling);
  const scopes = mapped.filter(
    (scope) =>
      allowed.has(scope) &&
      SCOPE_TOKEN_PATTERN.test(scope) &&
      !scope.startsWith(RESERVED_SCOPE_PREFIX),
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
