import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { renderJwks } from './render-jwks.js';

function keyPair(kid: string, type: 'rsa' | 'ec' | 'ed25519'): Record<string, string> {
  const { privateKey } =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : type === 'ec'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519');
  return { ...(privateKey.export({ format: 'jwk' }) as Record<string, string>), kid, use: 'sig' };
}

function published(keys: Record<string, string>[]): { keys: Record<string, string>[] } {
  return JSON.parse(renderJwks({ keys }).body.toString()) as { keys: Record<string, string>[] };
}

describe('renderJwks', () => {
  it('should list RSA keys first and keep the order otherwise', () => {
    const keys = [
      keyPair('ed', 'ed25519'),
      keyPair('rsa1', 'rsa'),
      keyPair('ec', 'ec'),
      keyPair('rsa2', 'rsa'),
    ];
    expect(published(keys).keys.map((key) => key['kid'])).toEqual(['rsa1', 'rsa2', 'ed', 'ec']);
  });

  it('should never publish a private member, even when it is handed one', () => {
    const keys = [keyPair('rsa', 'rsa'), keyPair('ec', 'ec'), keyPair('ed', 'ed25519')];
    for (const key of published(keys).keys) {
      for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth']) {
        expect(key).not.toHaveProperty(member);
      }
    }
    expect(published(keys).keys).toEqual([
      { kty: 'RSA', use: 'sig', kid: 'rsa', n: expect.any(String), e: 'AQAB' },
      {
        kty: 'EC',
        use: 'sig',
        kid: 'ec',
        crv: 'P-256',
        x: expect.any(String),
        y: expect.any(String),
      },
      { kty: 'OKP', use: 'sig', kid: 'ed', crv: 'Ed25519', x: expect.any(String) },
    ]);
  });

  it('should give equal sets the same tag, and different ones another', () => {
    const key = { kty: 'RSA', kid: 'a', n: 'x', e: 'AQAB' };
    expect(renderJwks({ keys: [key] }).etag).toBe(renderJwks({ keys: [{ ...key }] }).etag);
    expect(renderJwks({ keys: [key] }).etag).not.toBe(
      renderJwks({ keys: [{ ...key, kid: 'b' }] }).etag,
    );
  });
});
