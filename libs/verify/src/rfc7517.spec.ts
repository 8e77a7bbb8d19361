import { X509Certificate } from 'node:crypto';
import { publicJwk } from '@countersign/contracts';
import { describe, expect, it } from '@jest/globals';
import { RFC7517_KEYS } from '../../../test/rfc7517-vectors.js';
import { federatedKeySet } from './federated-key-set.js';
import { importFederatedKey } from './import-federated-key.js';
import { importPublicJwk } from './import-public-jwk.js';
import { importVerificationKey } from './import-verification-key.js';
import { keySetFromJwks } from './key-set.js';

const { A1, A2, A3, B } = RFC7517_KEYS;

/** What reads a JWK: of our own set, of a trusted issuer's, and of a client. */
const READERS: Readonly<Record<string, (jwk: object) => unknown>> = {
  importVerificationKey,
  importFederatedKey,
  'publicJwk and importPublicJwk': (jwk) => importPublicJwk(publicJwk.parse(jwk)),
};

describe.each(Object.entries(READERS))('%s, of the keys of RFC 7517', (_name, read) => {
  const [ofEncryption, ofSignatures] = A1;

  it('A.1: takes the key for signatures, and the other only were it for signatures too (§4.2)', () => {
    expect(() => read(ofSignatures)).not.toThrow();
    expect(() => read({ ...ofEncryption, alg: 'ES256' })).toThrow();
    expect(() => read({ ...ofEncryption, alg: 'ES256', use: 'sig' })).not.toThrow();
  });

  it('A.2: takes no private key, though it be for signatures', () => {
    expect(() => read({ ...A2[0], alg: 'ES256', use: 'sig' })).toThrow();
    expect(() => read(A2[1])).toThrow();
  });

  it('A.2: takes no key whose primes are published, which are as good as its exponent', () => {
    const { d: _, ...primes } = A2[1];
    expect(() => read(primes)).toThrow();
  });

  it('A.3: takes no symmetric key', () => {
    for (const jwk of A3) {
      expect(() => read(jwk)).toThrow();
      expect(() => read({ ...jwk, kid: 'k', alg: 'RS256' })).toThrow();
      expect(() => read({ ...jwk, kid: 'k', alg: 'HS256' })).toThrow();
    }
  });

  it('B: takes the key by its numbers; what its certificate says plays no part (§4.7)', () => {
    const { n } = new X509Certificate(Buffer.from(B.x5c[0], 'base64')).publicKey.export({
      format: 'jwk',
    });
    expect(n).toBe(B.n);
    expect(() => read({ ...B, alg: 'RS256' })).not.toThrow();
    expect(() => read({ ...B, alg: 'RS256', x5c: ['none'] })).not.toThrow();
  });
});

describe('the JWK Sets of RFC 7517', () => {
  it('§5: keys that cannot be used are passed over, and the others stand', () => {
    const keys = [...A1, ...A3, B];
    expect([...federatedKeySet({ keys }, new Map()).keys()]).toEqual(['2011-04-29', '1b94c']);
    // Ours are bound to one algorithm each, which B does not name.
    expect([...keySetFromJwks({ keys }).keys()]).toEqual(['2011-04-29']);
  });

  it('§4.4: a key without alg fits each algorithm of its type, and only these', () => {
    expect(importFederatedKey(B).algorithms).toEqual([
      ...['RS256', 'RS384', 'RS512'],
      ...['PS256', 'PS384', 'PS512'],
    ]);
    expect(importFederatedKey(A1[1]).algorithms).toEqual(['RS256']);
  });
});
