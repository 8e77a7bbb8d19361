import type { ScopeExpression } from '@countersign/contracts';

/**
 * Whether an expression of scopes holds. All of none hold; a list means all of it.
 * @param holds whether one scope is held
 */
export function satisfiesScopes(
  expression: ScopeExpression,
  holds: (scope: string) => boolean,
): boolean {
  if (typeof expression === 'string') return holds(expression);
  if ('all' in expression) return all(expression.all, holds);
  if ('any' in expression) return expression.any.some((part) => satisfiesScopes(part, holds));
  if ('not' in expression) return !satisfiesScopes(expression.not, holds);
  return all(expression, holds);
}

function all(parts: readonly ScopeExpression[], holds: (scope: string) => boolean): boolean {
  return parts.every((part) => satisfiesScopes(part, holds));
}
