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
  return termsLeft(value, SCOPE_EXPRESSION_MAX_DEPTH, SCOPE_EXPRESSION_MAX_TERMS) !== REFUSED;
}

const REFUSED = -1;

/**
 * Reads a term with all that it is made of, and ends at the first that is wrong or too much. Without lists of
 * what is still to be read, which would cost several times as much.
 * @returns how many terms may come after it, or `REFUSED`
 */
function termsLeft(term: unknown, levels: number, terms: number): number {
  if (levels === 0 || terms === 0) return REFUSED;
  if (typeof term === 'string') return isScopeToken(term) ? terms - 1 : REFUSED;
  if (typeof term !== 'object' || term === null) return REFUSED;
  if (Array.isArray(term)) return termsLeftOfAll(term, levels - 1, terms - 1);
  let operator: string | undefined;
  for (const name in term) {
    if (operator !== undefined) return REFUSED;
    operator = name;
  }
  if (operator === undefined) return REFUSED;
  const operand = (term as Readonly<Record<string, unknown>>)[operator];
  if (operator === 'not') return termsLeft(operand, levels - 1, terms - 1);
  if (!Array.isArray(operand)) return REFUSED;
  const isList = operator === 'all' || (operator === 'any' && operand.length > 0);
  return isList ? termsLeftOfAll(operand, levels - 1, terms - 1) : REFUSED;
}

function termsLeftOfAll(parts: readonly unknown[], levels: number, terms: number): number {
  let left = terms;
  for (const part of parts) {
    left = termsLeft(part, levels, left);
    if (left === REFUSED) return REFUSED;
  }
  return left;
}

/** What `SCOPE_TOKEN_PATTERN` says, for a fraction of what the expression costs over a short text. */
function isScopeToken(text: string): boolean {
  if (text === '' || text.length > SCOPE_TOKEN_MAX_CHARS) return false;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x21 || unit > 0x7e || unit === 0x22 || unit === 0x5c) return false;
  }
  return true;
}
