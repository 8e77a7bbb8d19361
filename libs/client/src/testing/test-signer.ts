import { generateKeyPairSync, sign } from 'node:crypto';

/** A signing key of a test issuer. */
export interface TestSigner {
  /** As it is published. */
  readonly jwk: Readonly<Record<string, unknown>>;
  readonly sign: (claims: object) => string;
}

/** Makes an ES256 key, which is made quickly. */
export function createTestSigner(kid: string): TestSigner {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const header = encode({ alg: 'ES256', typ: 'at+jwt', kid });
  return {
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' },
    sign(claims) {
      const input = `${header}.${encode(claims)}`;
      const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
      return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
    },
  };
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
