import { REJECTION_CODES } from '@countersign/contracts';
import { describe, expect, it } from '@jest/globals';
import { ACCEPTED, rejected } from './rejection.js';

describe('rejected', () => {
  it.each(REJECTION_CODES)('is one frozen value for %s', (code) => {
    expect(rejected(code)).toEqual({ ok: false, code });
    expect(rejected(code)).toBe(rejected(code));
    expect(Object.isFrozen(rejected(code))).toBe(true);
  });

  it('has a frozen counterpart', () => {
    expect(ACCEPTED).toEqual({ ok: true });
    expect(Object.isFrozen(ACCEPTED)).toBe(true);
  });
});
