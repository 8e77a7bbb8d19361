import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { SCOPE_TOKEN_MAX_CHARS, SCOPE_TOKEN_PATTERN } from '../scope.js';
import { type ScopeExpression, scopeExpression } from './scope-expression.js';

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

  it('takes for a scope what RFC 6749 §3.3 has for one, and nothing else', () => {
    for (let unit = 0; unit < 0x200; unit += 1) {
      const text = `a${String.fromCharCode(unit)}`;
      expect(scopeExpression.safeParse(text).success).toBe(SCOPE_TOKEN_PATTERN.test(text));
    }
    expect(scopeExpression.safeParse('a'.repeat(SCOPE_TOKEN_MAX_CHARS)).success).toBe(true);
    expect(scopeExpression.safeParse('a'.repeat(SCOPE_TOKEN_MAX_CHARS + 1)).success).toBe(false);
  });

  it('tells a large wrong value at once', () => {
    const large = [
      Array(100_000).fill(1),
      Array(100_000).fill('a'),
      Array.from({ length: 50_000 }, () => ({ any: [1] })),
      Array.from({ length: 64 }, () => Array.from({ length: 1_000 }, () => [1])),
    ];
    const startMs = performance.now();
    for (const value of large) expect(scopeExpression.safeParse(value).success).toBe(false);
    expect(performance.now() - startMs).toBeLessThan(100);
  });

  it('is what its JSON Schema says, but for the bounds', () => {
    const whole = z.object({ expression: scopeExpression });
    const jsonSchema = z.toJSONSchema(whole, { unrepresentable: 'any' });
    const documented = z.fromJSONSchema(jsonSchema);
    const leaf = fc.constantFrom<unknown>('a', 'b:c', '', 'a b', 1, null, {}, []);
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        leaf,
        fc.array(tie('value'), { maxLength: 3 }),
        fc.record({ all: fc.array(tie('value'), { maxLength: 2 }) }),
        fc.record({ any: fc.array(tie('value'), { maxLength: 2 }) }),
        fc.record({ not: tie('value') }),
        fc.record({ all: fc.constant<ScopeExpression[]>([]), not: fc.constant('a') }),
      ),
    }));
    fc.assert(
      fc.property(value, (candidate) => {
        const { success } = scopeExpression.safeParse(candidate);
        expect(documented.safeParse({ expression: candidate }).success).toBe(success);
      }),
      { numRuns: 500 },
    );
  });
});
