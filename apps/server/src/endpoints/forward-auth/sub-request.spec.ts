import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ANY_CREDENTIAL, WrongRequirement } from './requirement.js';
import { readSubRequest } from './sub-request.js';

const PATH = '/forward-auth';
const API = 'https://api.example.com';

/** What an end client may want to smuggle in, in any order. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '/',
        ';',
        '?',
        '&',
        '=',
        'optional=true',
        'scopes=',
        'audience=x',
        '%3B',
        '..',
      ),
      fc.string({ maxLength: 5 }),
    ),
    { maxLength: 10 },
  )
  .map((parts) => parts.join(''));

describe('readSubRequest', () => {
  it('lets nothing that is put behind the parameters in the path change them', () => {
    const prefix = `${PATH};scopes=a%20b&audience=${encodeURIComponent(API)};`;
    fc.assert(
      fc.property(hostile, (behind) => {
        const { requirement, appendedUrl } = readSubRequest(`${prefix}/${behind}`, PATH, {});
        expect(requirement).toEqual({ scopes: ['a', 'b'], audience: API, optional: false });
        expect(appendedUrl).toBe(`/${behind}`);
      }),
    );
  });

  it('asks for a credential, and takes no requirement, where a path alone is put behind', () => {
    fc.assert(
      fc.property(hostile, (behind) => {
        expect(readSubRequest(`${PATH}/${behind}`, PATH, {}).requirement).toBe(ANY_CREDENTIAL);
      }),
    );
  });

  it('never reads a query that is the end client’s, whatever is in it', () => {
    fc.assert(
      fc.property(hostile, (query) => {
        fc.pre(query !== '');
        const headers = { 'x-forwarded-uri': `/x?${query}` };
        expect(() => readSubRequest(`${PATH}?${query}`, PATH, headers)).toThrow(WrongRequirement);
      }),
    );
  });

  it.each([
    ['optional=true', 'optional=true&%zz'],
    ['optional=true', 'page=2&optional=true'],
    ['optional=true&audience=a%3Ab', 'audience=a:b&%6Fptional=tru%65'],
  ])('knows it also where the gateway has rewritten it: %s of %s', (query, theirs) => {
    const headers = { 'x-forwarded-uri': `/x?${theirs}` };
    expect(() => readSubRequest(`${PATH}?${query}`, PATH, headers)).toThrow(WrongRequirement);
  });

  it('takes a query for the gateway’s own that has more than the end client’s', () => {
    const headers = { 'x-forwarded-uri': '/x?scopes=a&optional=true' };
    const { requirement } = readSubRequest(`${PATH}?scopes=a&optional=false`, PATH, headers);
    expect(requirement).toMatchObject({ scopes: ['a'], optional: false });
  });

  it('reads the gateway’s own query', () => {
    expect(readSubRequest(PATH, PATH, {}).requirement).toBe(ANY_CREDENTIAL);
    expect(readSubRequest(`${PATH}?`, PATH, {}).requirement).toBe(ANY_CREDENTIAL);
    expect(readSubRequest(`${PATH}?scopes=a+b&optional=true`, PATH, {}).requirement).toEqual({
      scopes: ['a', 'b'],
      audience: undefined,
      optional: true,
    });
  });
});
