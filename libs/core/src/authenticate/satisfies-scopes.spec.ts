import type { ScopeExpression } from '@countersign/contracts';
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
