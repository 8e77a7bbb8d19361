import { describe, expect, it } from '@jest/globals';
import { AUDIENCE, createSigner, ISSUER, NOW, validClaims } from '../test/signer.js';
import { checkToken, type TokenRequirements } from './check-token.js';
import { ACCEPTED, rejected } from './rejection.js';
import { verifySignature } from './verify-signature.js';

const signer = createSigner('Ed25519');
const requirements: TokenRequirements = {
  types: ['at+jwt'],
  audience: [AUDIENCE],
  nowSeconds: NOW,
  clockToleranceSeconds: 0,
};

function check(
  claims: Readonly<Record<string, unknown>>,
  changes: Partial<TokenRequirements> = {},
  header: Readonly<Record<string, unknown>> = {},
) {
  const verified = verifySignature(signer.sign(validClaims(claims), header), signer.keys, ISSUER);
  if (!verified.ok) throw new Error(verified.code);
  return checkToken(verified, { ...requirements, ...changes });
}

describe('checkToken', () => {
  it('accepts a token for us while it is valid', () => {
    expect(check({})).toBe(ACCEPTED);
    expect(check({}, { nowSeconds: NOW + 299.9 })).toBe(ACCEPTED);
  });

  describe('cnf (RFC 9449 §7.1, §7.2)', () => {
    const cnf = { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' };

    it('refuses a bound token unless its key was proven', () => {
      expect(check({ cnf })).toBe(rejected('binding_unproven'));
      expect(check({ cnf }, { binding: { scheme: 'DPoP', ...cnf } })).toBe(ACCEPTED);
      const another = { scheme: 'DPoP', jkt: cnf.jkt.toLowerCase() } as const;
      expect(check({ cnf }, { binding: another })).toBe(rejected('binding_unproven'));
    });

    it('leaves it to the caller that says so', () => {
      expect(check({ cnf }, { binding: 'unchecked' })).toBe(ACCEPTED);
    });
  });

  describe('typ (RFC 9068 §4, RFC 8725 §3.11)', () => {
    it.each(['at+jwt', 'application/at+jwt'])('accepts %s as at+jwt', (typ) => {
      expect(check({}, {}, { typ })).toBe(ACCEPTED);
    });

    it.each(['JWT', 'jwt', 'AT+JWT', 'application/jwt', 'id+jwt', 'at+jwt ', '', undefined])(
      'refuses %p',
      (typ) => {
        expect(check({}, {}, { typ })).toBe(rejected('wrong_type'));
      },
    );

    it('accepts JWT only where it is listed, and then at+jwt only if that is too', () => {
      expect(check({}, { types: ['at+jwt', 'JWT'] }, { typ: 'JWT' })).toBe(ACCEPTED);
      expect(check({}, { types: ['JWT'] }, { typ: 'at+jwt' })).toBe(rejected('wrong_type'));
      expect(check({}, { types: ['JWT'] }, { typ: undefined })).toBe(rejected('wrong_type'));
      expect(check({}, { types: [] })).toBe(rejected('wrong_type'));
    });
  });

  describe('time', () => {
    it('is expired on exp, not after it (RFC 7519 §4.1.4)', () => {
      expect(check({}, { nowSeconds: NOW + 300 })).toBe(rejected('expired'));
      expect(check({}, { nowSeconds: NOW + 301 })).toBe(rejected('expired'));
    });

    it('is valid from nbf on (RFC 7519 §4.1.5)', () => {
      expect(check({ nbf: NOW })).toBe(ACCEPTED);
      expect(check({ nbf: NOW + 1 })).toBe(rejected('not_yet_valid'));
    });

    it('is not valid before it was issued', () => {
      expect(check({ iat: NOW + 1 })).toBe(rejected('not_yet_valid'));
    });

    it('tolerates clocks that differ by as much as is allowed, both ways', () => {
      const clockToleranceSeconds = 5;
      expect(check({}, { nowSeconds: NOW + 304, clockToleranceSeconds })).toBe(ACCEPTED);
      expect(check({}, { nowSeconds: NOW + 305, clockToleranceSeconds })).toBe(rejected('expired'));
      expect(check({ nbf: NOW + 5, iat: NOW + 5 }, { clockToleranceSeconds })).toBe(ACCEPTED);
      expect(check({ nbf: NOW + 6 }, { clockToleranceSeconds })).toBe(rejected('not_yet_valid'));
      expect(check({ iat: NOW + 6 }, { clockToleranceSeconds })).toBe(rejected('not_yet_valid'));
    });

    it('accepts nothing by a clock that is broken', () => {
      expect(check({}, { nowSeconds: Number.NaN })).toBe(rejected('expired'));
      expect(check({}, { clockToleranceSeconds: Number.NaN })).toBe(rejected('expired'));
      expect(check({}, { nowSeconds: Number.NEGATIVE_INFINITY })).toBe(rejected('not_yet_valid'));
    });
  });

  describe('audience (RFC 7519 §4.1.3, RFC 8725 §3.9)', () => {
    it('accepts a token for one of ours, among others', () => {
      expect(check({ aud: ['https://other.example', AUDIENCE] })).toBe(ACCEPTED);
      expect(check({}, { audience: ['https://other.example', AUDIENCE] })).toBe(ACCEPTED);
    });

    it.each([
      ISSUER,
      `${AUDIENCE}/`,
      AUDIENCE.toUpperCase(),
      AUDIENCE.slice(0, -1),
      '',
      ['https://other.example', `${AUDIENCE}/v1`],
    ])('refuses a token for %p', (aud) => {
      expect(check({ aud })).toBe(rejected('wrong_audience'));
    });

    it('accepts no token when there is no audience, and every one for any', () => {
      expect(check({}, { audience: [] })).toBe(rejected('wrong_audience'));
      expect(check({ aud: ISSUER }, { audience: 'any' })).toBe(ACCEPTED);
    });
  });

  it('checks restrictions at every use', () => {
    const restrictions = { methods: ['GET'] };
    expect(check({ restrictions })).toBe(rejected('method_not_allowed'));
    expect(check({ restrictions }, { context: { method: 'GET' } })).toBe(ACCEPTED);
    expect(check({ restrictions }, { context: { method: 'PUT' } })).toBe(
      rejected('method_not_allowed'),
    );
  });
});
