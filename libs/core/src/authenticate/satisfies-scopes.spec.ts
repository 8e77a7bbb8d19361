import { scopeExpression, type ScopeExpression } from '@countersign/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { satisfiesScopes } from './satisfies-scopes.js';

const held = new Set(['a', 'b']);
const holds = (scope: string) => held.has(scope);

describe('satisfiesScopes', () => {
  it.each<[boolean, ScopeExpression]>([
    [true, 'a'],
    [false, 'c'],
    [false, 'A'],
    [false, '*'],
    [true, []],
    [true, ['a', 'b']],
    [false, ['a', 'c']],
    [true, { all: [] }],
    [true, { all: ['a', 'b'] }],
    [false, { all: ['a', 'c'] }],
    [true, { any: ['c', 'b'] }],
    [false, { any: ['c', 'd'] }],
    [false, { any: [] }],
    [true, { not: 'c' }],
    [false, { not: 'a' }],
    [true, { not: ['a', 'c'] }],
    [true, ['a', { any: ['c', { all: ['b', { not: 'd' }] }] }]],
    [false, ['a', { any: ['c', { all: ['b', { not: 'a' }] }] }]],
  ])('%p: %j, of who holds a and b', (expected, expression) => {
    expect(satisfiesScopes(expression, holds)).toBe(expected);
  });

  it('obeys De Morgan: none of several is the same as not any of them', () => {
    const { expression } = fc.letrec<{ expression: ScopeExpression }>((tie) => ({
      expression: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('a', 'b', 'c', 'd'),
        fc.array(tie('expression'), { maxLength: 3 }),
        fc.record({ all: fc.array(tie('expression'), { maxLength: 3 }) }),
        fc.record({ any: fc.array(tie('expression'), { maxLength: 3 }) }),
        fc.record({ not: tie('expression') }),
      ),
    }));
    fc.assert(
      fc.property(fc.array(expression, { maxLength: 4 }), (parts) => {
        const none = { all: parts.map((not) => ({ not })) };
        expect(satisfiesScopes(none, holds)).toBe(satisfiesScopes({ not: { any: parts } }, holds));
      }),
    );
  });
});

describe('the schema of scope expressions', () => {
  const nested = (levels: number): unknown => (levels === 1 ? 'a' : { not: nested(levels - 1) });

  it('takes 8 levels and 64 terms, and no more', () => {
    expect(scopeExpression.safeParse(nested(8)).success).toBe(true);
    expect(scopeExpression.safeParse(nested(9)).success).toBe(false);
    const scopes = (count: number) => Array.from({ length: count }, (_, at) => `s${at}`);
    expect(scopeExpression.safeParse(scopes(63)).success).toBe(true);
    expect(scopeExpression.safeParse(scopes(64)).success).toBe(false);
  });

  it.each([
    [''],
    ['a b'],
    ['a"'],
    [1],
    [null],
    [{}],
    [{ any: [] }],
    [{ all: 'a' }],
    [{ any: ['a'], all: ['b'] }],
    [{ some: ['a'] }],
    [['a', ['b', { not: 'c d' }]]],
  ])('refuses %j', (expression) => {
    expect(scopeExpression.safeParse(expression).success).toBe(false);
  });
});
