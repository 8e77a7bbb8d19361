import { FEDERATED_ALGORITHMS, type RejectionCode } from '@countersign/contracts';
import { describe, expect, it } from '@jest/globals';
import { RFC7515_COMPACT, RFC7515_JSON, RFC7515_KEYS } from '../../../../test/rfc7515-vectors.js';
import { createCore, useAt } from '../../test/create-core.js';
import { trustedIssuerPolicy } from '../../test/trusted-issuer-policy.js';

const { A1, A2, A3, A4, A5 } = RFC7515_COMPACT;
const A6 = JSON.stringify(RFC7515_JSON.A6);
const KEYS = { keys: Object.values(RFC7515_KEYS) };
/** Before the `exp` of the examples, 1300819380. */
const THEN_MS = 1_300_819_000_000;

/** Trusts the issuer of the examples, by all of their keys and by every algorithm that there is. */
function coreThatTrustsJoe() {
  const policy = trustedIssuerPolicy({ issuer: 'joe', algorithms: [...FEDERATED_ALGORITHMS] });
  const fetch = async () => new Response(JSON.stringify(KEYS));
  return createCore({ trustedIssuers: [policy], keySets: { fetch } });
}

describe('the examples of RFC 7515, appendix A, of an issuer that is trusted', () => {
  it.each<[string, string, RejectionCode]>([
    ['A.1 (RFC 7519 §3.1), HS256', A1, 'unsupported_algorithm'],
    // By their form they would do; a token without `iat` and `aud` is one for nobody (RFC 7519 §4.1).
    ['A.2, RS256', A2, 'malformed_claims'],
    ['A.3, ES256', A3, 'malformed_claims'],
    // Without claims, it says of no issuer that it is its own.
    ['A.4, ES512', A4, 'unsupported_algorithm'],
    ['A.5 (RFC 7519 §6.1), unsecured', A5, 'malformed_token'],
    ['A.6, general JSON', A6, 'unrecognised'],
  ])('%s: is no credential', async (_title, jws, code) => {
    const { authenticator } = await coreThatTrustsJoe();
    const outcome = await authenticator.authenticate(jws, useAt({ nowMs: THEN_MS }));
    expect(outcome).toMatchObject({ ok: false, code });
  });
});

describe('the examples of RFC 7515, appendix A, as client assertions', () => {
  it.each(Object.entries({ ...RFC7515_COMPACT, A6 }))(
    '%s: says of no client that it is one',
    async (_title, jws) => {
      const { authenticator } = await createCore();
      const outcome = await authenticator.authenticateClient(
        jws,
        undefined,
        useAt({ nowMs: THEN_MS }),
      );
      expect(outcome).toMatchObject({ ok: false, code: 'malformed_token' });
    },
  );
});
