import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseApiKey } from './api-key-format.js';
import { KeyTagger } from './key-tagger.js';
import { createMintApiKey } from './mint-api-key.js';
import { SecretHasher } from './secret-hasher.js';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

const tagger = new KeyTagger([randomBytes(32)]);
const { apiKey } = await createMintApiKey(
  'cs',
  tagger,
  new SecretHasher({ memoryKib: 1024, timeCost: 1, parallelism: 1 }),
)('live');

/** Whether a text gets past everything that precedes the first look-up. */
function passes(text: string, by: KeyTagger = tagger): boolean {
  const parts = parseApiKey(text, 'cs');
  return parts !== undefined && by.matches(parts.tagged, parts.tag);
}

describe('KeyTagger', () => {
  it('lets a key through as it was made', () => {
    expect(passes(apiKey)).toBe(true);
  });

  it('refuses a key with any one character changed to any other of base62', () => {
    for (let at = 'cs_live_'.length; at < apiKey.length; at += 1) {
      for (const character of BASE62) {
        if (character === apiKey.charAt(at)) continue;
        const changed = apiKey.slice(0, at) + character + apiKey.slice(at + 1);
        if (passes(changed)) throw new Error(`character ${at} changed to ${character} passed`);
      }
    }
  }, 60_000);

  it('refuses a key with any one character changed to anything else', () => {
    const position = fc.nat(apiKey.length - 1);
    fc.assert(
      fc.property(
        position,
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
        (at, character) => {
          fc.pre(character !== apiKey.charAt(at));
          expect(passes(apiKey.slice(0, at) + character + apiKey.slice(at + 1))).toBe(false);
        },
      ),
      { numRuns: 2_000 },
    );
  }, 60_000);

  it('refuses a key cut short, lengthened or with two neighbours swapped, wherever', () => {
    for (let at = 0; at < apiKey.length; at += 1) {
      expect(passes(apiKey.slice(0, at))).toBe(false);
      expect(passes(apiKey.slice(0, at) + apiKey.slice(at + 1))).toBe(false);
      expect(passes(`${apiKey.slice(0, at)}a${apiKey.slice(at)}`)).toBe(false);
      const [one, other] = [apiKey.charAt(at), apiKey.charAt(at + 1)];
      if (one === other || other === '') continue;
      expect(passes(apiKey.slice(0, at) + other + one + apiKey.slice(at + 2))).toBe(false);
    }
  });

  it('refuses a key of the other environment or another prefix, though all else is right', () => {
    expect(passes(apiKey.replace('cs_live_', 'cs_test_'))).toBe(false);
    const parts = parseApiKey(apiKey.replace('cs_', 'sk_'), 'sk');
    expect(parts && tagger.matches(parts.tagged, parts.tag)).toBe(false);
  });

  it('refuses what was put together without the secret', () => {
    const forged = `cs_live_${BASE62.slice(0, 59)}`;
    const unkeyed = createHmac('sha256', '').update(forged).digest('hex').slice(0, 10);
    expect(passes(forged + unkeyed)).toBe(false);
  });

  it('refuses a tag of another length', () => {
    const { tagged, tag } = parseApiKey(apiKey, 'cs') ?? { tagged: '', tag: '' };
    for (const other of ['', tag.slice(1), `${tag}0`])
      expect(tagger.matches(tagged, other)).toBe(false);
  });

  describe('rotation of tag secrets', () => {
    const [older, newer] = [randomBytes(32), randomBytes(32)];
    const both = new KeyTagger([newer, older]);

    it('tags under the first secret', () => {
      expect(both.tag('cs_live_x')).toBe(new KeyTagger([newer]).tag('cs_live_x'));
      expect(both.tag('cs_live_x')).not.toBe(new KeyTagger([older]).tag('cs_live_x'));
    });

    it('still verifies what was tagged under a later one', () => {
      expect(both.matches('cs_live_x', new KeyTagger([older]).tag('cs_live_x'))).toBe(true);
    });

    it('refuses what was tagged under one that has been removed', () => {
      expect(
        new KeyTagger([newer]).matches('cs_live_x', new KeyTagger([older]).tag('cs_live_x')),
      ).toBe(false);
    });
  });
});
