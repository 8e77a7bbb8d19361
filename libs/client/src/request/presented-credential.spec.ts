import { describe, expect, it } from '@jest/globals';
import type { RequestHeaders } from '../verify-input.js';
import { presentedCredential } from './presented-credential.js';

const bearer = (credential: string) => ({ mechanism: 'presented', credential, scheme: 'Bearer' });
const NONE = { mechanism: 'none' };
const INVALID = { mechanism: 'invalid' };

const CASES: [string, Record<string, string>, object][] = [
  ['nothing', {}, NONE],
  ['a bearer token', { authorization: 'Bearer abc' }, bearer('abc')],
  ['a scheme in any case', { authorization: 'bEARER  abc' }, bearer('abc')],
  ['a DPoP token', { authorization: 'DPoP abc' }, { ...bearer('abc'), scheme: 'DPoP' }],
  ['a key in X-API-Key', { 'x-api-key': 'cs_live_x' }, bearer('cs_live_x')],
  ['two by two mechanisms', { authorization: 'Bearer a', 'x-api-key': 'a' }, INVALID],
  ['another scheme and a key', { authorization: 'Basic YTpi', 'x-api-key': 'a' }, INVALID],
  ['a scheme of others', { authorization: 'Basic YTpi' }, NONE],
  ['a scheme without a credential', { authorization: 'Bearer' }, INVALID],
  ['a scheme with spaces only', { authorization: 'Bearer  ' }, INVALID],
  ['a credential with a space', { authorization: 'Bearer a b' }, INVALID],
  ['two that were joined', { authorization: 'Bearer a, Bearer b' }, INVALID],
  ['one of others joined with one of ours', { authorization: 'Basic a, Bearer b' }, INVALID],
  ['two keys that were joined', { 'x-api-key': 'a, b' }, INVALID],
  ['an empty key', { 'x-api-key': '' }, INVALID],
  ['an empty Authorization', { authorization: '' }, NONE],
];

describe('presentedCredential', () => {
  it.each(CASES)(
    'reads %s from the headers of Node and of the web alike',
    (_, headers, expected) => {
      expect(presentedCredential({ headers })).toEqual(expected);
      expect(presentedCredential({ headers: new Headers(headers) })).toEqual(expected);
    },
  );

  it.each([
    '/orders?access_token=a',
    '/orders?full=1&access_token=a',
    '/orders?access_token',
    '/orders?acc%65ss_token=a',
    'https://api.example.com/orders?access_token=a',
  ])('takes no token out of a URL, and no other credential beside it: %s', (url) => {
    for (const headers of [{}, { authorization: 'Bearer a' }, { 'x-api-key': 'a' }]) {
      expect(presentedCredential({ headers, url })).toEqual(INVALID);
      expect(presentedCredential({ headers, url: '/', originalUrl: url })).toEqual(INVALID);
    }
  });

  it.each(['/access_token=a', '/orders?token=access_token', '/orders?a=1#?access_token=a', '/?%'])(
    'sees no token where there is none: %s',
    (url) => {
      const headers = { authorization: 'Bearer a' };
      expect(presentedCredential({ headers, url })).toEqual(bearer('a'));
    },
  );

  it('takes lists for what they are: headers that came more than once', () => {
    const of = (headers: RequestHeaders) => presentedCredential({ headers });
    expect(of({ 'x-api-key': ['a', 'b'] })).toEqual(INVALID);
    expect(of({ authorization: ['Bearer a', 'Bearer b'] })).toEqual(INVALID);
  });

  it('sees a second Authorization that Node has dropped', () => {
    const headers = { authorization: 'Bearer a' };
    const raw = ['Authorization', 'Bearer a', 'Host', 'x', 'authorization', 'Bearer b'];
    expect(presentedCredential({ headers, rawHeaders: raw })).toEqual(INVALID);
    expect(presentedCredential({ headers, rawHeaders: raw.slice(0, 4) })).toEqual(bearer('a'));
  });
});
