import { z } from 'zod';
import { SCOPE_TOKEN_MAX_CHARS, SCOPE_TOKEN_PATTERN } from '../scope.js';

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

const SELF = { $ref: '#/$defs/ScopeExpression' };
const withOnly = (name: string, schema: object) => ({
  type: 'object',
  properties: { [name]: schema },
  required: [name],
  additionalProperties: false,
});

/**
 * Schema of a {@link ScopeExpression}. Written out, since a union that tries its members in turn takes
 * seconds over a large wrong value; this stops at the first thing that is wrong or too much.
 */
export const scopeExpression = z
  .custom<ScopeExpression>((value) => isScopeExpression(value), {
    error:
      'must be a scope, a list, or an object with one of `all`, `any`, `not`; ' +
      `at most ${SCOPE_EXPRESSION_MAX_DEPTH} levels and ${SCOPE_EXPRESSION_MAX_TERMS} terms`,
  })
  .meta({
    id: 'ScopeExpression',
    description:
      'A scope; a list, of which all are needed; or an object with one of `all`, `any`, `not`. ' +
      `At most ${SCOPE_EXPRESSION_MAX_DEPTH} levels and ${SCOPE_EXPRESSION_MAX_TERMS} terms.`,
    anyOf: [
      {
        type: 'string',
        minLength: 1,
        maxLength: SCOPE_TOKEN_MAX_CHARS,
        pattern: SCOPE_TOKEN_PATTERN.source,
      },
      { type: 'array', items: SELF },
      withOnly('all', { type: 'array', items: SELF }),
      withOnly('any', { type: 'array', items: SELF, minItems: 1 }),
      withOnly('not', SELF),
    ],
  });

/** Whether a value, as JSON has it, is a {@link ScopeExpression} that is neither too deep nor too large. */
export function isScopeExpression(value: unknown): value is ScopeExpression {
  let terms = 0;
  let level: readonly unknown[] = [value];
  for (let depth = 1; level.length > 0; depth += 1) {
    terms += level.length;
    if (depth > SCOPE_EXPRESSION_MAX_DEPTH || terms > SCOPE_EXPRESSION_MAX_TERMS) return false;
    const next: unknown[] = [];
    for (const term of level) {
      const parts = partsOf(term);
      if (parts === undefined || parts.length > SCOPE_EXPRESSION_MAX_TERMS) return false;
      next.push(...parts);
    }
    level = next;
  }
  return true;
}

const NO_PARTS: readonly unknown[] = Object.freeze([]);

/** What a term is made of; undefined: it is no term. */
function partsOf(term: unknown): readonly unknown[] | undefined {
  if (typeof term === 'string') return isScopeToken(term) ? NO_PARTS : undefined;
  if (Array.isArray(term)) return term as unknown[];
  if (typeof term !== 'object' || term === null) return undefined;
  const names = Object.keys(term);
  const [name] = names;
  if (name === undefined || names.length > 1) return undefined;
  const value = (term as Readonly<Record<string, unknown>>)[name];
  if (name === 'not') return [value];
  const isList = name === 'all' || (name === 'any' && !isEmpty(value));
  return isList && Array.isArray(value) ? (value as unknown[]) : undefined;
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function isScopeToken(text: string): boolean {
  return text.length <= SCOPE_TOKEN_MAX_CHARS && SCOPE_TOKEN_PATTERN.test(text);
}
