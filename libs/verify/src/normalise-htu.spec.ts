import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { normaliseHtu } from './normalise-htu.js';

describe('normaliseHtu', () => {
  it.each([
    ['https://a.example', 'https://a.example/'],
    ['HTTPS://A.Example:443/', 'https://a.example/'],
    ['http://a.example:80/x', 'http://a.example/x'],
    ['https://a.example:444/x', 'https://a.example:444/x'],
    ['https://a.example/x?y=1#z', 'https://a.example/x'],
    ['https://a.example/a/./b/../c', 'https://a.example/a/c'],
    ['https://a.example/%7e%41%2d', 'https://a.example/~A-'],
    ['https://a.example/a%2fb', 'https://a.example/a%2Fb'],
    ['https://bücher.example/ü', 'https://xn--bcher-kva.example/%C3%BC'],
  ])('makes of %s the one spelling %s (RFC 3986 §6.2.2, §6.2.3)', (text, normalised) => {
    expect(normaliseHtu(text)).toBe(normalised);
  });

  it.each([
    '',
    'a.example/x',
    '/x',
    'ftp://a.example/x',
    'javascript:alert(1)',
    'https://user@a.example/',
    'https://:password@a.example/',
    'https://',
  ])('refuses %j', (text) => {
    expect(normaliseHtu(text)).toBeNull();
  });

  it('normalises once and for all, and whatever query and fragment are', () => {
    fc.assert(
      fc.property(
        fc.webUrl({ withQueryParameters: true, withFragments: true }),
        fc.webQueryParameters(),
        (url, query) => {
          const normalised = normaliseHtu(url);
          expect(normalised).not.toBeNull();
          expect(normaliseHtu(normalised ?? '')).toBe(normalised);
          expect(normaliseHtu(`${normalised}?${query}#${query}`)).toBe(normalised);
        },
      ),
    );
  });

  it('takes two different paths for the same only where their escapes are', () => {
    const segment = fc.stringMatching(/^[a-z0-9%]{1,6}$/);
    fc.assert(
      fc.property(segment, segment, (one, other) => {
        const [a, b] = [one, other].map((text) => `https://a.example/${encodeURIComponent(text)}`);
        expect(normaliseHtu(a ?? '') === normaliseHtu(b ?? '')).toBe(one === other);
      }),
    );
  });
});
