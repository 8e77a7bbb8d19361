import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { SIGNING_ALGORITHMS } from '@countersign/contracts';
import { importVerificationKey } from '@countersign/verify';
import { sealer } from '../../test/signing-keys.js';
import { createGenerateSigningKey } from './generate-signing-key.js';

const generate = createGenerateSigningKey(sealer);

describe.each(SIGNING_ALGORITHMS)('a generated %s key', (alg) => {
  it('is named by its RFC 7638 thumbprint', async () => {
    const { kid, publicJwk } = await generate(alg);
    const required = {
      RS256: ['e', 'kty', 'n'],
      ES256: ['crv', 'kty', 'x', 'y'],
      Ed25519: ['crv', 'kty', 'x'],
    };
    const canonical = Object.fromEntries(required[alg].map((name) => [name, publicJwk[name]]));
    const thumbprint = createHash('sha256').update(JSON.stringify(canonical)).digest('base64url');
    expect(kid).toBe(thumbprint);
    expect(publicJwk).toMatchObject({ kid: thumbprint, alg, use: 'sig' });
  });

  it('is published without anything private, in a form that verifiers take', async () => {
    const { publicJwk } = await generate(alg);
    for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) {
      expect(publicJwk).not.toHaveProperty(member);
    }
    expect(importVerificationKey(publicJwk)).toMatchObject({ kid: publicJwk['kid'], alg });
  });

  it('leaves its private part sealed, for the very kid', async () => {
    const { kid, publicJwk, sealedPrivateJwk } = await generate(alg);
    const privateJwk = sealer.open(kid, sealedPrivateJwk);
    expect(privateJwk['d']).toEqual(expect.any(String));
    expect(sealedPrivateJwk).not.toContain(privateJwk['d']);
    const { kid: _kid, alg: _alg, use: _use, ...halfThatIsPublic } = publicJwk;
    expect(privateJwk).toMatchObject(halfThatIsPublic);
  });

  it('is never the same as another', async () => {
    const [one, other] = await Promise.all([generate(alg), generate(alg)]);
    expect(one.kid).not.toBe(other.kid);
  });
});

describe('a generated RSA key', () => {
  it('has 2048 bits and the exponent 65537', async () => {
    const { publicJwk } = await generate('RS256');
    expect(Buffer.from(publicJwk['n'] ?? '', 'base64url')).toHaveLength(256);
    expect(publicJwk['e']).toBe('AQAB');
  });
});
