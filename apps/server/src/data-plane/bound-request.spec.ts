import { describe, expect, it } from '@jest/globals';
import { boundRequestOf } from './bound-request.js';

describe('boundRequestOf', () => {
  it('speaks of the URL that clients know, whatever host and path a proxy forwards to', () => {
    const request = {
      headers: { host: 'internal:8080', dpop: 'p' },
      method: 'POST',
      url: '/token',
    };
    expect(boundRequestOf(request, 'https://auth.example.com/eu')).toEqual({
      proof: 'p',
      method: 'POST',
      url: 'https://auth.example.com/eu/token',
    });
  });
});
