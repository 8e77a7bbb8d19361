import { describe, expect, it } from '@jest/globals';
import { prefersSignedAnswer } from './prefers-signed-answer.js';

const JWT = 'application/token-introspection+jwt';

describe('prefersSignedAnswer (RFC 9701 §4, RFC 9110 §12.5.1)', () => {
  it.each([
    [true, JWT],
    [true, 'Application/Token-Introspection+JWT'],
    [true, `${JWT}, application/json;q=0.9`],
    [true, `application/json;q=0.5, ${JWT}`],
    [true, `${JWT}, */*;q=0.1`],
    [true, `text/html, ${JWT};q=0.1`],
    [false, undefined],
    [false, ''],
    [false, '*/*'],
    [false, 'application/*'],
    [false, 'application/json'],
    [false, 'application/jwt'],
    [false, `${JWT};q=0`],
    [false, `${JWT};q=0, */*`],
    [false, `application/json, ${JWT};q=0.9`],
    [false, `x${JWT}`],
    [false, `"${JWT}"`],
  ])('%p: %s', (expected, accept) => {
    expect(prefersSignedAnswer(accept)).toBe(expected);
  });
});
