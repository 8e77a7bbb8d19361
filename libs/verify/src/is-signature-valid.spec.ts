import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { SIGNATURE_VECTORS, splitCompact } from '../test/rfc-vectors.js';
import { importVerificationKey } from './import-verification-key.js';
import { isSignatureValid } from './is-signature-valid.js';

describe.each(SIGNATURE_VECTORS)('isSignatureValid, $title', ({ jwk, token }) => {
  const key = importVerificationKey(jwk);
  const { signingInput, signature } = splitCompact(token);

  it('accepts the signature', () => {
    expect(isSignatureValid(key, signingInput, signature)).toBe(true);
  });

  it('refuses it over any other input', () => {
    expect(isSignatureValid(key, `${signingInput}A`, signature)).toBe(false);
    expect(isSignatureValid(key, signingInput.slice(1), signature)).toBe(false);
    expect(isSignatureValid(key, '', signature)).toBe(false);
  });

  it('refuses it with any octet changed', () => {
    for (let at = 0; at < signature.length; at++) {
      const changed = Buffer.from(signature);
      changed.writeUInt8(signature.readUInt8(at) ^ 1, at);
      expect(isSignatureValid(key, signingInput, changed)).toBe(false);
    }
  });

  it('refuses it cut short, extended, zero or empty', () => {
    for (const changed of [
      signature.subarray(1),
      signature.subarray(0, -1),
      Buffer.concat([signature, Buffer.alloc(1)]),
      Buffer.concat([Buffer.alloc(1), signature]),
      Buffer.alloc(signature.length),
      Buffer.alloc(signature.length, 0xff),
      Buffer.alloc(0),
    ]) {
      expect(isSignatureValid(key, signingInput, changed)).toBe(false);
    }
  });

  it('refuses an HMAC under the public key', () => {
    const mac = createHmac('sha256', JSON.stringify(jwk)).update(signingInput).digest();
    expect(isSignatureValid(key, signingInput, mac)).toBe(false);
  });
});
