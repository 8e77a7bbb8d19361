import { describe, expect, test } from '@jest/globals';
import { auditContent } from './audit-content.js';

describe('auditContent', () => {
  test('takes JSON as it is, as a copy', () => {
    const state = {
      id: 'key_1',
      scopes: ['read:users'],
      expires_at: null,
      metadata: { plan: 'gold', limits: [1, 2.5, { soft: true }] },
      versions: [{ id: 'v1', last_four: 'abcd' }],
    };
    const content = auditContent(state);
    expect(content).toEqual(state);
    state.metadata.limits.push(3);
    expect(content).not.toEqual(state);
  });

  test.each([
    'secret_hash',
    'secretHash',
    'SECRET-HASH',
    'sealed_private_jwk',
    'sealedPrivateJwk',
    'private_jwk',
    'key',
    'api_key',
    'secret',
    'client_secret',
    'password',
    'token',
    'access_token',
    'refresh_token',
  ])('lets nobody record a %s, however deep', (name) => {
    expect(() => auditContent({ id: 'key_1', [name]: 'x' })).toThrow(`audit: ${name} may hold`);
    expect(() => auditContent({ versions: [{}, { [name]: 'x' }] })).toThrow(
      `audit: versions[1].${name} may hold a secret`,
    );
  });

  test.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'])(
    'lets nobody record a JWK with its %s',
    (member) => {
      const jwk = { kty: 'RSA', n: '…', e: 'AQAB' };
      expect(() => auditContent({ public_jwk: jwk })).not.toThrow();
      expect(() => auditContent({ public_jwk: { ...jwk, [member]: 'x' } })).toThrow(
        /may hold a secret/,
      );
    },
  );

  test('recognises a hash by its form, whatever it is called, and does not repeat it', () => {
    const record = () => auditContent({ note: '$argon2id$v=19$m=1024,t=1,p=1$c2FsdA$aGFzaA' });
    expect(record).toThrow('audit: note holds a secret');
    expect(record).not.toThrow(/aGFzaA/);
  });

  test("leaves a resource's own metadata to its owner", () => {
    const state = { metadata: { token: 'a name of theirs', nested: { password: 'none' } } };
    expect(auditContent(state)).toEqual(state);
    expect(() => auditContent({ owner: { metadata: { token: 'x' } } })).toThrow(
      /may hold a secret/,
    );
  });

  test.each([
    ['a Date', { at: new Date() }],
    ['undefined', { at: undefined }],
    ['NaN', { at: Number.NaN }],
    ['a bigint', { at: 1n }],
    ['a function', { at: () => 1 }],
    ['a Map', { at: new Map() }],
    ['an entity', { at: new (class Entity {})() }],
    ['undefined in a list', { at: [undefined] }],
    ['what is not JSON in metadata', { metadata: { at: new Date() } }],
  ])('refuses %s rather than leave it out', (_, state) => {
    expect(() => auditContent(state)).toThrow(/is not JSON/);
  });

  test.each([
    ['a list', []],
    ['an entity', new (class Entity {})()],
    ['a Date', new Date()],
  ])('refuses %s for the whole', (_, state) => {
    expect(() => auditContent(state)).toThrow('audit: the state is not a plain object');
  });
});
