import { describe, expect, it } from '@jest/globals';
import { isWordTakenBack, type WordTaken } from './is-word-taken-back.js';

const [first, second] = ['k1', 'k2'].map((x) => ({ kty: 'OKP', crv: 'Ed25519', x }) as const);
const keys = (...set: (typeof first)[]) => ({ keys: set }) as NonNullable<WordTaken['jwks']>;

const WORD: WordTaken = {
  jwks: keys(first),
  jwksUri: null,
  discovery: 'openid-configuration',
  algorithms: ['RS256', 'ES256'],
  audienceClaim: '/aud',
  audiences: ['us', 'them'],
  targetAudiences: ['https://x', 'https://y'],
  mapping: { subject: '/sub', scopes: 'ceiling', type: 'user' },
};

describe('isWordTakenBack', () => {
  it.each<[string, Partial<WordTaken>]>([
    ['another key', { jwks: keys(second) }],
    ['keys that are fetched', { jwks: null }],
    ['keys of another place', { jwksUri: 'https://issuer/jwks' }],
    ['keys that are found otherwise', { discovery: 'oauth-authorization-server' }],
    ['an algorithm less', { algorithms: ['RS256'] }],
    ['another claim for the audience', { audienceClaim: '/azp' }],
    ['an audience less', { audiences: ['us'] }],
    ['a target less', { targetAudiences: ['https://x'] }],
    ['the token’s own targets', { targetAudiences: null }],
    ['another mapping', { mapping: { ...WORD.mapping, subject: '/oid' } }],
  ])('is so with %s', (_what, change) => {
    expect(isWordTakenBack(WORD, { ...WORD, ...change })).toBe(true);
  });

  it.each<[string, Partial<WordTaken>]>([
    ['nothing else', {}],
    ['a key more', { jwks: keys(second, first) }],
    ['an algorithm more', { algorithms: ['RS256', 'ES256', 'PS256'] }],
    ['an audience more', { audiences: ['us', 'them', 'others'] }],
    ['every target', { targetAudiences: [] }],
  ])('is not so with %s', (_what, change) => {
    expect(isWordTakenBack(WORD, { ...WORD, ...change })).toBe(false);
  });
});
