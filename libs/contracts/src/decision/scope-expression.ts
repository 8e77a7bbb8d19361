import { z } from 'zod';
import { scopeToken } from '../scope.js';

/** Deeper or larger expressions are refused; no honest one comes near. */
export const SCOPE_EXPRESSION_MAX_DEPTH = 8;
export const SCOPE_EXPRESSION_MAX_TERMS = 64;

/**
 * Which scopes a use needs: a scope; all of a list; `all`, `any` or `not` of further expressions.
 * Scopes are compared exactly, as everywhere; none implies another.
 */
export type ScopeExpression =
  | string
  | readonly ScopeExpression[]
  | { readonly all: readonly ScopeExpression[] }
  | { readonly any: readonly ScopeExpression[] }
  | { readonly not: ScopeExpression };

const term: z.ZodType<ScopeExpression> = z
  .lazy(() =>
    z.union([
      scopeToken,
      z.array(term),
      z.strictObject({ all: z.array(term) }),
      z.strictObject({ any: z.array(term).min(1) }),
      z.strictObject({ not: term }),
    ]),
  )
  .meta({
    id: 'ScopeExpression',
    description:
      'A scope; a list, of which all are needed; or an object with one of `all`, `any`, `not`.',
  });

/** Schema of a whole {@link ScopeExpression}: also bounded, at 8 levels and 64 terms. */
export const scopeExpression = term.refine(isBounded, {
  error: `must have at most ${SCOPE_EXPRESSION_MAX_DEPTH} levels and ${SCOPE_EXPRESSION_MAX_TERMS} terms`,
});

function isBounded(expression: ScopeExpression): boolean {
  let terms = 0;
  let level: readonly ScopeExpression[] = [expression];
  for (let depth = 1; level.length > 0; depth += 1) {
    terms += level.length;
    if (depth > SCOPE_EXPRESSION_MAX_DEPTH || terms > SCOPE_EXPRESSION_MAX_TERMS) return false;
    level = level.flatMap(partsOf);
  }
  return true;
}

function partsOf(expression: ScopeExpression): readonly ScopeExpression[] {
  if (typeof expression === 'string') return [];
  if ('all' in expression) return expression.all;
  if ('any' in expression) return expression.any;
  return 'not' in expression ? [expression.not] : expression;
}
