import { describe, expect, it } from '@jest/globals';
import { isAcceptedOfIssuer } from '../test/judge-jws.js';
import { SIGNATURE_VECTORS, splitCompact } from '../test/rfc-vectors.js';

describe.each(SIGNATURE_VECTORS)('verifyFederatedSignature, $title', ({ jwk, token }) => {
  // As issuers publish it that name no algorithm: A.4 of RFC 8037 has the older name of Ed25519.
  const published = { ...jwk, alg: undefined };

  it('accepts the signature', async () => {
    expect(await isAcceptedOfIssuer({ jws: token, jwk: published })).toBe(true);
  });

  it('refuses it with any octet changed', async () => {
    const { signingInput, signature } = splitCompact(token);
    for (let at = 0; at < signature.length; at += 1) {
      const changed = Buffer.from(signature);
      changed.writeUInt8(signature.readUInt8(at) ^ 1, at);
      const jws = `${signingInput}.${changed.toString('base64url')}`;
      expect([at, await isAcceptedOfIssuer({ jws, jwk: published })]).toEqual([at, false]);
    }
  });

  it('refuses it under every other key', async () => {
    for (const other of SIGNATURE_VECTORS.filter((one) => one.jwk !== jwk)) {
      expect(await isAcceptedOfIssuer({ jws: token, jwk: other.jwk })).toBe(false);
    }
  });

  it('refuses it where the key is for another algorithm (RFC 7517 §4.4)', async () => {
    for (const alg of ['PS256', 'RS512', 'ES384', 'Ed448', 'HS256', 'none']) {
      expect(await isAcceptedOfIssuer({ jws: token, jwk: { ...jwk, alg } })).toBe(false);
    }
  });
});
