import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { presentedCredential } from './presented-credential.js';

const KEY_ID = 'key_01JD0000000000000000000001';
const API_KEY = 'cs_live_0123456789';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const basic = (id: string, secret: string) => `Basic ${base64(`${id}:${secret}`)}`;

describe('presentedCredential', () => {
  it('finds none in a request without credentials', () => {
    expect(presentedCredential({})).toEqual({ mechanism: 'none' });
    const headers = { authorization: undefined, 'x-api-key': undefined };
    expect(presentedCredential(headers)).toEqual({ mechanism: 'none' });
  });

  it('reads a bearer credential', () => {
    expect(presentedCredential({ authorization: `Bearer ${API_KEY}` })).toEqual({
      mechanism: 'bearer',
      credential: API_KEY,
    });
  });

  it('reads X-API-Key', () => {
    expect(presentedCredential({ 'x-api-key': API_KEY })).toEqual({
      mechanism: 'x-api-key',
      credential: API_KEY,
    });
  });

  it('reads Basic with the key id as user and the key as password', () => {
    expect(presentedCredential({ authorization: basic(KEY_ID, API_KEY) })).toEqual({
      mechanism: 'basic',
      clientId: KEY_ID,
      credential: API_KEY,
    });
  });

  it.each(['bearer', 'BEARER', 'bEaReR'])('knows the scheme %p: case does not count', (scheme) => {
    const presented = presentedCredential({ authorization: `${scheme} ${API_KEY}` });
    expect(presented).toEqual({ mechanism: 'bearer', credential: API_KEY });
  });

  it.each(['basic', 'BASIC', 'bAsIc'])('knows the scheme %p: case does not count', (scheme) => {
    const authorization = `${scheme} ${base64(`${KEY_ID}:${API_KEY}`)}`;
    expect(presentedCredential({ authorization }).mechanism).toBe('basic');
  });

  it('takes several spaces after the scheme for one', () => {
    expect(presentedCredential({ authorization: `Bearer   ${API_KEY}` })).toEqual({
      mechanism: 'bearer',
      credential: API_KEY,
    });
  });

  it.each([
    ['Bearer', `Bearer ${API_KEY}`],
    ['Basic', basic(KEY_ID, API_KEY)],
    ['an unknown scheme', 'Digest x'],
    ['an empty header', ''],
  ])('is ambiguous with X-API-Key and Authorization (%s), never "first wins"', (_what, value) => {
    const presented = presentedCredential({ authorization: value, 'x-api-key': API_KEY });
    expect(presented.mechanism).toBe('ambiguous');
    const emptyKey = presentedCredential({ authorization: value, 'x-api-key': '' });
    expect(emptyKey.mechanism).toBe('ambiguous');
  });

  it.each([
    ['joined by the server', `${API_KEY}, ${API_KEY}`],
    ['joined without a space', `${API_KEY},${API_KEY}`],
    ['as a list', [API_KEY, API_KEY]],
  ])('is ambiguous with a repeated X-API-Key: %s', (_how, value) => {
    expect(presentedCredential({ 'x-api-key': value }).mechanism).toBe('ambiguous');
  });

  it.each([
    ['twice the same', `Bearer ${API_KEY}, Bearer ${API_KEY}`],
    ['of two schemes', `${basic(KEY_ID, API_KEY)}, Bearer ${API_KEY}`],
    ['without a space', `Bearer ${API_KEY},Bearer ${API_KEY}`],
    ['with an empty one', `Bearer ${API_KEY}, `],
  ])('is ambiguous with a repeated Authorization, as the server joins it: %s', (_how, value) => {
    expect(presentedCredential({ authorization: value }).mechanism).toBe('ambiguous');
  });

  it.each([
    ['nothing', ''],
    ['a scheme alone', 'Bearer'],
    ['a scheme and a space', 'Bearer '],
    ['a credential without a scheme', API_KEY],
    ['a scheme that is not served', `Digest ${API_KEY}`],
    ['two credentials', `Bearer ${API_KEY} ${API_KEY}`],
    ['a tab for the space', `Bearer\t${API_KEY}`],
    ['a space before the scheme', ` Bearer ${API_KEY}`],
    ['Basic without credentials', 'Basic'],
    ['Basic that is not base64', 'Basic ***'],
    ['Basic in base64url', `Basic ${Buffer.from('ÿÿ>?:xÿÿ>').toString('base64url')}`],
    ['Basic with padding in the middle', `Basic ${base64('a:b')}=a`],
    ['Basic without a colon', `Basic ${base64('no colon')}`],
    ['Basic without a user', basic('', API_KEY)],
    ['Basic without a password', basic(KEY_ID, '')],
    ['Basic with a broken percent-encoding', basic(KEY_ID, '100%')],
    ['Basic with percent-encoded octets that are not UTF-8', basic('%ff', API_KEY)],
  ])('is malformed: %s', (_what, authorization) => {
    expect(presentedCredential({ authorization }).mechanism).toBe('malformed');
  });

  it('is malformed: an empty X-API-Key', () => {
    expect(presentedCredential({ 'x-api-key': '' }).mechanism).toBe('malformed');
  });

  it('repeats no credential in what it says about it', () => {
    const headers = [
      { authorization: `Digest ${API_KEY}` },
      { authorization: API_KEY },
      { authorization: `Bearer ${API_KEY}`, 'x-api-key': API_KEY },
      { 'x-api-key': `${API_KEY}, ${API_KEY}` },
      { authorization: basic(API_KEY, '') },
    ];
    for (const one of headers) {
      expect(JSON.stringify(presentedCredential(one))).not.toContain(API_KEY);
    }
  });

  it('splits Basic at the first colon, as RFC 7617 §2 has it', () => {
    expect(presentedCredential({ authorization: basic('id', 'a:b:c') })).toEqual({
      mechanism: 'basic',
      clientId: 'id',
      credential: 'a:b:c',
    });
  });

  it('decodes user and password as form-encoded, whatever they are (RFC 6749 §2.3.1)', () => {
    const formEncoded = (text: string) => new URLSearchParams({ text }).toString().slice(5);
    const text = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(text, text, (clientId, credential) => {
        const authorization = basic(formEncoded(clientId), formEncoded(credential));
        expect(presentedCredential({ authorization })).toEqual({
          mechanism: 'basic',
          clientId,
          credential,
        });
      }),
    );
  });

  it('decodes once, not twice', () => {
    expect(presentedCredential({ authorization: basic('%2541', '%252B') })).toEqual({
      mechanism: 'basic',
      clientId: '%41',
      credential: '%2B',
    });
  });

  it('has one answer for whatever is sent', () => {
    const value = fc.option(fc.string({ unit: 'binary-ascii' }), { nil: undefined });
    fc.assert(
      fc.property(value, value, (authorization, apiKey) => {
        const { mechanism } = presentedCredential({ authorization, 'x-api-key': apiKey });
        expect(mechanism === 'none').toBe(authorization === undefined && apiKey === undefined);
        if (authorization !== undefined && apiKey !== undefined)
          expect(mechanism).toBe('ambiguous');
      }),
    );
  });
});
