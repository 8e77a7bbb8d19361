import { describe, expect, it } from '@jest/globals';
import { renderRefusal } from '../render-refusal.js';
import { unavailable } from '../unavailable.js';
import { Challenges } from './challenges.js';

const BEARER = 'Bearer realm="orders"';
const DPOP = 'DPoP realm="orders", algs="';

describe('Challenges', () => {
  const plain = new Challenges('orders', false);
  const both = new Challenges('orders', true);

  it('names no error to a request without a credential (RFC 6750 §3.1)', () => {
    const refused = plain.refused('no_credential');
    expect(refused).toMatchObject({ status: 401, error: undefined, challenge: BEARER });
    const offered = both.refused('no_credential').challenge;
    expect(offered.startsWith(`${BEARER}, ${DPOP}`)).toBe(true);
  });

  it('answers two credentials with 400', () => {
    expect(plain.refused('invalid_request')).toMatchObject({
      status: 400,
      code: 'invalid_request',
      challenge: `${BEARER}, error="invalid_request"`,
    });
  });

  it.each([
    'expired',
    'bad_signature',
    'inactive',
    'credential_revoked',
    'ip_not_allowed',
  ] as const)('does not tell the sender that it was %s', (code) => {
    const refused = plain.refused(code);
    expect(refused).toMatchObject({ status: 401, code, error: 'invalid_token' });
    const { headers, body, status } = renderRefusal(refused);
    expect(status).toBe(401);
    expect(JSON.stringify([headers, body])).not.toContain(code);
  });

  it('challenges by the scheme that was used (RFC 9449 §7.1)', () => {
    const { challenge } = both.refused('binding_unproven', 'DPoP');
    expect(challenge.startsWith(DPOP) && challenge.endsWith('error="invalid_token"')).toBe(true);
    expect(both.refused('expired').challenge).toBe(`${BEARER}, error="invalid_token"`);
    expect(plain.refused('expired', 'DPoP').challenge).toBe(`${BEARER}, error="invalid_token"`);
  });

  it('hands out the nonce that the next proof has to bear (RFC 9449 §9)', () => {
    const refused = both.proofRefused('use_dpop_nonce', 'n1');
    expect(renderRefusal(refused).headers).toMatchObject({ 'dpop-nonce': 'n1' });
    expect(refused).toMatchObject({ status: 401, error: 'use_dpop_nonce' });
  });

  it.each(['', 'a"b', 'a\\b', 'a\nb', 'ä'])(
    'takes no realm that would not fit in quotes: %j',
    (realm) => {
      expect(() => new Challenges(realm, false)).toThrow(TypeError);
    },
  );
});

describe('renderRefusal', () => {
  it('says when to come again, and not that anything is wrong with the credential', () => {
    expect(renderRefusal(unavailable('misconfigured', 5))).toEqual({
      status: 503,
      headers: { 'retry-after': '5', 'cache-control': 'no-store' },
      body: { error: 'temporarily_unavailable' },
    });
  });
});
