import { describe, expect, it } from '@jest/globals';
import { SIGNING_ALGORITHMS } from '@countersign/contracts';
import { compactVerify, decodeProtectedHeader, importJWK } from 'jose';
import { sealer, signingKey } from '../../test/signing-keys.js';
import { createSigner, signCompactJws } from './sign-compact-jws.js';

const PAYLOAD = JSON.stringify({ sub: 'prn_1', name: 'Žofie 🗝', exp: 1 });

describe.each(SIGNING_ALGORITHMS)('signCompactJws with %s', (alg) => {
  async function keyAndSigner() {
    const { kid, publicJwk, sealedPrivateJwk } = await signingKey(alg);
    const signer = createSigner(kid, alg, sealer.open(kid, sealedPrivateJwk ?? ''));
    return { kid, signer, publicKey: await importJWK(publicJwk, alg) };
  }

  it('makes what jose verifies, with the payload as it was', async () => {
    const { signer, publicKey } = await keyAndSigner();
    const jws = await signCompactJws(signer, 'at+jwt', PAYLOAD);
    const { payload } = await compactVerify(jws, publicKey, { algorithms: [alg] });
    expect(Buffer.from(payload).toString()).toBe(PAYLOAD);
  });

  it('names algorithm, type and key in the header, and nothing else', async () => {
    const { kid, signer } = await keyAndSigner();
    for (const typ of ['at+jwt', 'JWT', 'at+jwt']) {
      expect(decodeProtectedHeader(await signCompactJws(signer, typ, PAYLOAD))).toEqual({
        alg,
        typ,
        kid,
      });
    }
  });

  it('makes what no other key verifies', async () => {
    const [one, other] = await Promise.all([keyAndSigner(), keyAndSigner()]);
    const jws = await signCompactJws(one.signer, 'at+jwt', PAYLOAD);
    await expect(compactVerify(jws, other.publicKey)).rejects.toThrow();
  });

  it('spells signatures in the length of JWA, not in DER', async () => {
    const { signer } = await keyAndSigner();
    for (let i = 0; i < 20; i += 1) {
      const [, , signature = ''] = (await signCompactJws(signer, 'JWT', PAYLOAD)).split('.');
      expect(Buffer.from(signature, 'base64url')).toHaveLength(alg === 'RS256' ? 256 : 64);
    }
  });
});
