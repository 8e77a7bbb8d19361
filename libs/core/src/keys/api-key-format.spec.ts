import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { looksLikeApiKey, parseApiKey } from './api-key-format.js';

const ID = '0123456789ABCDEF';
const SECRET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ';
const TAG = 'zyxwvutsrq';
const KEY = `cs_live_${ID}${SECRET}${TAG}`;

describe('parseApiKey', () => {
  it('takes a key apart into its parts of fixed length', () => {
    expect(KEY).toHaveLength(77);
    expect(parseApiKey(KEY, 'cs')).toEqual({
      environment: 'live',
      versionId: ID,
      secret: SECRET,
      tagged: `cs_live_${ID}${SECRET}`,
      tag: TAG,
    });
    expect(parseApiKey(KEY.replace('live', 'test'), 'cs')?.environment).toBe('test');
  });

  it('loses nothing: the parts make up the key again', () => {
    const part = (length: number) =>
      fc
        .array(fc.constantFrom(...'0123456789ABCXYZabcxyz'), {
          minLength: length,
          maxLength: length,
        })
        .map((characters) => characters.join(''));
    fc.assert(
      fc.property(
        fc.constantFrom('cs', 'acme', 'my_co'),
        fc.constantFrom('live', 'test'),
        part(69),
        (prefix, environment, random) => {
          const text = `${prefix}_${environment}_${random}`;
          const parts = parseApiKey(text, prefix);
          expect(`${prefix}_${environment}_${parts?.versionId}${parts?.secret}${parts?.tag}`).toBe(
            text,
          );
          expect(`${parts?.tagged}${parts?.tag}`).toBe(text);
        },
      ),
    );
  });

  it.each([
    ['another prefix', KEY.replace('cs_', 'sk_')],
    ['a longer prefix', `x${KEY}`],
    ['an unknown environment', KEY.replace('live', 'prod')],
    ['an environment in upper case', KEY.replace('live', 'LIVE')],
    ['no underscore after the environment', KEY.replace('live_', 'live-')],
    ['no underscore after the prefix', KEY.replace('cs_', 'cs-')],
    ['one character less', KEY.slice(0, -1)],
    ['one character more', `${KEY}a`],
    ['a line feed at the end', `${KEY.slice(0, -1)}\n`],
    ['a line feed after the end', `${KEY}\n`],
    ['a space before it', ` ${KEY}`],
    ['an underscore among the random characters', `${KEY.slice(0, -1)}_`],
    ['a letter that only looks like one of base62', `${KEY.slice(0, -1)}а`], // Cyrillic
    ['NUL', `${KEY.slice(0, -1)}\0`],
    ['nothing after the environment', 'cs_live_'],
    ['nothing', ''],
  ])('has nothing to do with %s', (_what, text) => {
    expect(parseApiKey(text, 'cs')).toBeUndefined();
  });
});

describe('looksLikeApiKey', () => {
  it('knows our own by the whole prefix, so that a broken key of ours is ours', () => {
    expect(looksLikeApiKey('cs_', 'cs')).toBe(true);
    expect(looksLikeApiKey('cs_live_broken', 'cs')).toBe(true);
  });

  it.each(['cs', 'cs-live', 'csx_live', 'Cs_live', ''])('does not take %p for one', (text) => {
    expect(looksLikeApiKey(text, 'cs')).toBe(false);
  });
});
