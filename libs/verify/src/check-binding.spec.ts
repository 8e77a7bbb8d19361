import { describe, expect, it } from '@jest/globals';
import { checkBinding, type PresentedBinding } from './check-binding.js';
import { ACCEPTED, rejected } from './rejection.js';

const cnf = { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' };
const another = { jkt: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs' };
const unproven = rejected('binding_unproven');

describe('checkBinding', () => {
  it('takes a bound token from who proves its key, and from nobody else (RFC 9449 §7.1)', () => {
    expect(checkBinding(cnf, { scheme: 'DPoP', ...cnf })).toBe(ACCEPTED);
    expect(checkBinding(cnf, { scheme: 'DPoP', ...another })).toBe(unproven);
    expect(checkBinding(cnf, { scheme: 'DPoP' })).toBe(unproven);
  });

  it('refuses a bound token as Bearer (RFC 9449 §7.2)', () => {
    expect(checkBinding(cnf, { scheme: 'other' })).toBe(unproven);
    expect(checkBinding(cnf, undefined)).toBe(unproven);
    expect(checkBinding(cnf, {} as PresentedBinding)).toBe(unproven);
  });

  it('refuses under DPoP what is bound to nothing: no proof can be of its key', () => {
    expect(checkBinding(undefined, { scheme: 'DPoP', ...cnf })).toBe(unproven);
    expect(checkBinding(undefined, { scheme: 'DPoP' })).toBe(unproven);
  });

  it('asks nothing of a token that is bound to nothing, otherwise', () => {
    expect(checkBinding(undefined, undefined)).toBe(ACCEPTED);
    expect(checkBinding(undefined, { scheme: 'other' })).toBe(ACCEPTED);
    expect(checkBinding(undefined, { scheme: 'other', ...cnf })).toBe(ACCEPTED);
  });

  it('asks for every key that a token is bound to (RFC 8705 §3)', () => {
    const x5t = { 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' };
    expect(checkBinding(x5t, { scheme: 'other', ...x5t })).toBe(ACCEPTED);
    const changed = { 'x5t#S256': another.jkt };
    for (const proven of [undefined, {}, changed, cnf]) {
      expect(checkBinding(x5t, proven && { scheme: 'other', ...proven })).toBe(unproven);
    }
    const both = { ...cnf, ...x5t };
    expect(checkBinding(both, { scheme: 'DPoP', ...both })).toBe(ACCEPTED);
    expect(checkBinding(both, { scheme: 'DPoP', ...cnf })).toBe(unproven);
    expect(checkBinding(both, { scheme: 'other', ...x5t })).toBe(unproven);
  });

  it('refuses under DPoP what is bound to a certificate alone', () => {
    const x5t = { 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' };
    expect(checkBinding(x5t, { scheme: 'DPoP', ...cnf, ...x5t })).toBe(unproven);
  });

  it('leaves it to the caller that says so', () => {
    expect(checkBinding(cnf, 'unchecked')).toBe(ACCEPTED);
    expect(checkBinding(undefined, 'unchecked')).toBe(ACCEPTED);
  });
});
