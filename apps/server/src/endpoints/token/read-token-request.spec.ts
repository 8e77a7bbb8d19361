import { tokenRequest } from '@countersign/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FormParameters } from '../../data-plane/form-parameters.js';
import { readTokenRequest } from './read-token-request.js';

const NAMES = Object.keys(tokenRequest.shape);
const REPEATED = ['audience', 'resource'];

const values = fc.constantFrom(
  'client_credentials',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'urn:ietf:params:oauth:token-type:jwt',
  'urn:countersign:token-type:api-key',
  'password',
  'https://api.example.com',
);
const forms = fc.uniqueArray(fc.tuple(fc.constantFrom(...NAMES, 'unknown'), values), {
  selector: ([name]) => name,
  maxLength: 6,
});

describe('readTokenRequest', () => {
  it('reads what the schema would make of every form, and refuses what it refuses', () => {
    fc.assert(
      fc.property(forms, (pairs) => {
        const grants = pairs.some(([name]) => name === 'grant_type')
          ? pairs
          : [...pairs, ['grant_type', 'client_credentials'] as const];
        const sent = grants.map(([name, value]) => [
          name,
          REPEATED.includes(name) ? [value] : value,
        ]);
        const parsed = tokenRequest.safeParse({
          audience: [],
          resource: [],
          ...Object.fromEntries(sent),
        });
        const form = new FormParameters(
          String(
            new URLSearchParams(grants.map(([name, value]): [string, string] => [name, value])),
          ),
        );
        if (parsed.success) expect(readTokenRequest(form)).toEqual(parsed.data);
        else expect(() => readTokenRequest(form)).toThrow(/grant_type|not supported/);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(NAMES.filter((name) => !REPEATED.includes(name)))('refuses %s sent twice', (name) => {
    const form = new FormParameters(`grant_type=client_credentials&${name}=a&${name}=b`);
    expect(() => readTokenRequest(form)).toThrow(/more than once/);
  });
});
