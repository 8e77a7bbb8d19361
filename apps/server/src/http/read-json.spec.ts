import { describe, expect, it } from '@jest/globals';
import { JSON_DEPTH_MAX, readJson } from './read-json.js';

const read = (text: string) => readJson(new TextEncoder().encode(text));

describe('readJson', () => {
  it.each([
    ['{"a":{"b":[1,"x:y\\"{",null]}}', { a: { b: [1, 'x:y"{', null] } }],
    ['[]', []],
    ['"a:b"', 'a:b'],
    [' null ', null],
  ])('reads %s', (text, value) => {
    expect(read(text)).toEqual({ ok: true, value });
  });

  it('takes no octets for no body', () => {
    expect(read('')).toEqual({ ok: true, value: undefined });
  });

  it.each([
    '{',
    '{"a":1,}',
    "{'a':1}",
    '{"a":1}{"b":2}',
    '\ufeff{}',
    'NaN',
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '{"x":{"a":1,"b":{"c":1,"c":1}}}',
    '{"__proto__":{"admin":true}}',
    '{"x":{"\\u005f_proto__":1}}',
  ])('refuses %s', (text) => {
    expect(read(text)).toMatchObject({ ok: false });
  });

  it('refuses what is not UTF-8', () => {
    expect(readJson(Uint8Array.of(0x22, 0xff, 0x22))).toMatchObject({ ok: false });
    expect(readJson(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22))).toMatchObject({ ok: false });
  });

  it('refuses nesting that would exhaust a recursive reader', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(read(nested(JSON_DEPTH_MAX))).toMatchObject({ ok: true });
    expect(read(nested(JSON_DEPTH_MAX + 1))).toMatchObject({ ok: false });
    expect(read(nested(30_000))).toMatchObject({ ok: false });
    expect(read('{"a":'.repeat(9_000) + '1' + '}'.repeat(9_000))).toMatchObject({ ok: false });
  });

  it('does not repeat what was submitted', () => {
    const answer = read('{"cs_live_secret":1,"cs_live_secret":2}');
    expect(JSON.stringify(answer)).not.toContain('cs_live_secret');
  });
});
