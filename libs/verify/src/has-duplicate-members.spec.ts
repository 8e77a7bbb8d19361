import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hasDuplicateMembers } from './has-duplicate-members.js';

const check = (text: string) => hasDuplicateMembers({ members: JSON.parse(text), text });

describe('hasDuplicateMembers', () => {
  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '{"a": {"b":1, "b":2}}',
    '{"a":[{"b":1},{"c":1,"c":1}]}',
    '{"__proto__":1,"__proto__":2}',
    '{"":1,"":2}',
    '{"a\\\\":1,"a\\\\":2}',
    '{"a\\":":1,"a\\":":2}',
  ])('finds the repeated name in %p', (text) => {
    expect(check(text)).toBe(true);
  });

  it.each([
    '{}',
    '{"a":"x:y","b":"\\":\\\\"}',
    '{"a":{"a":{"a":[1,{"a":":"}]}}}',
    '{"__proto__":{"__proto__":1}}',
    '{"1":1,"01":2,"\\n":3}',
  ])('finds none in %p', (text) => {
    expect(check(text)).toBe(false);
  });

  it('goes as deep as the text does', () => {
    const nested = (inner: string) => `${'[{"a":'.repeat(50_000)}${inner}${'}]'.repeat(50_000)}`;
    expect(check(`{"a":${nested('{"b":1}')}}`)).toBe(false);
    expect(check(`{"a":${nested('{"b":1,"b":1}')}}`)).toBe(true);
  });

  it('finds none in what JSON.stringify made, and the one that was put there', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (members) => {
        const text = JSON.stringify(members);
        const [name] = Object.keys(members);
        expect(check(text)).toBe(false);
        expect(check(`${text.slice(0, -1)},${JSON.stringify(name)}:null}`)).toBe(true);
      }),
    );
  });
});
