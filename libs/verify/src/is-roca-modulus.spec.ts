import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { wycheproofVectors } from '../test/wycheproof-vectors.js';
import { isRocaModulus } from './is-roca-modulus.js';

describe('isRocaModulus', () => {
  it('knows a key that can be factored, and takes no other for one (CVE-2017-15361)', () => {
    const weak = wycheproofVectors('crypto').find(({ id }) => id === 'crypto 46');
    expect(isRocaModulus(String(weak?.jwk?.['n']))).toBe(true);
    const { n = '' } = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
      format: 'jwk',
    });
    expect(isRocaModulus(n)).toBe(false);
    expect(isRocaModulus('')).toBe(false);
  });
});
