import { describe, expect, it } from '@jest/globals';
import { hasMediaType } from './has-media-type.js';

const JSON_TYPE = 'application/json';

describe('hasMediaType (RFC 9110 §8.3.1)', () => {
  it('takes a media type in any case, with whatever parameters', () => {
    for (const text of [
      'application/json',
      'Application/JSON',
      'application/json; charset=utf-8',
      'application/json ;charset=utf-8',
      ' application/json',
    ]) {
      expect(hasMediaType(text, JSON_TYPE)).toBe(true);
    }
  });

  it('takes no other, and none at all', () => {
    for (const text of [
      undefined,
      '',
      ';',
      'application/json5',
      'application/json x',
      'application/json, text/plain',
      'text/plain; application/json',
    ]) {
      expect(hasMediaType(text, JSON_TYPE)).toBe(false);
    }
  });
});
