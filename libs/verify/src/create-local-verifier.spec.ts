import { describe, expect, it, jest } from '@jest/globals';
import { athOf, createDpopClient, METHOD, URL_OF_REQUEST } from '../test/dpop-client.js';
import { AUDIENCE, createSigner, encode, ISSUER, NOW, validClaims } from '../test/signer.js';
import { createLocalVerifier, type LocalVerifierOptions } from './create-local-verifier.js';
import type { Fetch } from './fetch-document.js';
import { KeysUnavailable } from './keys-unavailable.js';
import { principalFromClaims } from './principal-from-claims.js';
import { rejected } from './rejection.js';
import { verifyDpopProof } from './verify-dpop-proof.js';

const signer = createSigner('RS256');
const METADATA = `${ISSUER}/.well-known/oauth-authorization-server`;
const DOCUMENTS: Record<string, unknown> = {
  [METADATA]: { issuer: ISSUER, jwks_uri: `${ISSUER}/.well-known/jwks.json` },
  [`${ISSUER}/.well-known/jwks.json`]: { keys: [signer.jwk] },
};

function create(options: Partial<LocalVerifierOptions> = {}) {
  const fetch = jest.fn<Fetch>(async (url) => {
    const document = DOCUMENTS[url];
    return Response.json(document ?? {}, { status: document === undefined ? 404 : 200 });
  });
  const now = () => NOW;
  const verifier = createLocalVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    now,
    fetch,
    ...options,
  });
  return { verifier, fetch };
}

describe('createLocalVerifier', () => {
  it('accepts a token of the issuer for this audience, with its principal', async () => {
    const { verifier, fetch } = create();
    const outcome = await verifier.verify(signer.sign(validClaims()));
    if (!outcome.ok) throw new Error(outcome.code);
    expect(outcome.claims).toEqual(validClaims());
    expect(outcome.principal).toEqual(principalFromClaims(outcome.claims));
    expect(fetch.mock.calls.map(([url]) => url)).toEqual(Object.keys(DOCUMENTS));
  });

  it('accepts a bound token from who proves its key only (RFC 9449 §7.1)', async () => {
    const { verifier } = create();
    const client = await createDpopClient();
    const token = signer.sign(validClaims({ cnf: { jkt: client.jkt } }));
    const proven = async (proof: string) => {
      const request = { proof, method: METHOD, url: URL_OF_REQUEST, accessToken: token };
      const verified = await verifyDpopProof(request, { nowSeconds: NOW });
      if (!verified.ok) throw new Error(verified.detail);
      return { scheme: 'DPoP', jkt: verified.jkt } as const;
    };
    const ath = athOf(token);
    const binding = await proven(await client.prove({ ath }));
    expect(await verifier.verify(token, undefined, binding)).toMatchObject({
      ok: true,
      claims: { cnf: { jkt: client.jkt } },
    });
    const thief = await proven(await (await createDpopClient()).prove({ ath }));
    const unproven = rejected('binding_unproven');
    expect(await verifier.verify(token, undefined, thief)).toBe(unproven);
    expect(await verifier.verify(token)).toBe(unproven);
    expect(await verifier.verify(token, {})).toBe(unproven);
    expect(await verifier.verify(signer.sign(validClaims()), undefined, binding)).toBe(unproven);
  });

  it.each([{ 'x5t#S256': 'x' }, { jkt: 'x', 'x5t#S256': 'x' }, {}, null, 'x', { jkt: 'short' }])(
    'refuses a token that is bound in a way that it does not know: %j',
    async (cnf) => {
      const token = signer.sign(validClaims({ cnf }));
      const outcome = await create().verifier.verify(token, undefined, 'unchecked');
      expect(outcome).toBe(rejected('malformed_claims'));
    },
  );

  it('fetches the keys once for many tokens', async () => {
    const { verifier, fetch } = create();
    const tokens = ['a', 'b', 'c'].map((jti) => signer.sign(validClaims({ jti })));
    const concurrent = await Promise.all(tokens.map((token) => verifier.verify(token)));
    expect(concurrent.every(({ ok }) => ok)).toBe(true);
    await verifier.verify(tokens[0] ?? '');
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it('goes straight to the keys where it is told', async () => {
    const { verifier, fetch } = create({ jwksUri: `${ISSUER}/.well-known/jwks.json` });
    expect((await verifier.verify(signer.sign(validClaims()))).ok).toBe(true);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  const payload = encode(JSON.stringify(validClaims()));
  const withHeader = (header: object) => `${encode(JSON.stringify(header))}.${payload}.AAAA`;
  const { kid } = signer;

  it.each([
    ['that is no token', 'cs_live_0123456789', 'malformed_token'],
    ['of 100 kB', `${'A'.repeat(50_000)}.${'A'.repeat(50_000)}.AAAA`, 'malformed_token'],
    ['that is encrypted', 'eyJhbGciOiJkaXIifQ..AAAA.AAAA.AAAA', 'malformed_token'],
    ['with padding', `${signer.sign(validClaims())}==`, 'malformed_token'],
    ['with jku', signer.sign(validClaims(), { jku: 'https://evil.example' }), 'malformed_token'],
    ['with crit', signer.sign(validClaims(), { crit: ['exp'] }), 'malformed_token'],
    ['that is unsigned', withHeader({ alg: 'none', typ: 'at+jwt', kid }), 'unsupported_algorithm'],
    ['with HS256', withHeader({ alg: 'HS256', typ: 'at+jwt', kid }), 'unsupported_algorithm'],
    ['without kid', signer.sign(validClaims(), { kid: undefined }), 'unknown_signing_key'],
    [
      'of another issuer',
      signer.sign(validClaims({ iss: 'https://evil.example' })),
      'wrong_issuer',
    ],
  ] as const)('turns away a token %s without I/O', async (_, token, code) => {
    const { verifier, fetch } = create();
    expect(await verifier.verify(token)).toBe(rejected(code));
    expect(fetch).not.toHaveBeenCalled();
  });

  it.each([
    ['with an unknown kid', {}, { kid: 'unknown' }, 'unknown_signing_key'],
    ['for another audience', { aud: 'https://other.example' }, {}, 'wrong_audience'],
    ['for no audience but the issuer', { aud: ISSUER }, {}, 'wrong_audience'],
    ['of another type', {}, { typ: 'id+jwt' }, 'wrong_type'],
    ['of type JWT', {}, { typ: 'JWT' }, 'wrong_type'],
    ['that is expired', { exp: NOW - 5 }, {}, 'expired'],
    ['that is not valid yet', { nbf: NOW + 6 }, {}, 'not_yet_valid'],
    ['from the future', { iat: NOW + 6 }, {}, 'not_yet_valid'],
    [
      'that is restricted to a method',
      { restrictions: { methods: ['GET'] } },
      {},
      'method_not_allowed',
    ],
  ] as const)('rejects a token %s', async (_, claims, header, code) => {
    const { verifier } = create();
    const token = signer.sign(validClaims(claims), header);
    expect(await verifier.verify(token)).toBe(rejected(code));
  });

  it('rejects a token that another key signed under our kid', async () => {
    const forged = createSigner('RS256').sign(validClaims(), { kid });
    expect(await create().verifier.verify(forged)).toBe(rejected('bad_signature'));
  });

  it('does not ask for keys again for tokens that are forged under known or unknown kids', async () => {
    const { verifier, fetch } = create();
    await verifier.verify(signer.sign(validClaims()));
    for (let n = 0; n < 20; n++) await verifier.verify(signer.sign(validClaims(), { kid: `${n}` }));
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it('checks restrictions against the request', async () => {
    const { verifier } = create();
    const token = signer.sign(validClaims({ restrictions: { ips: ['10.0.0.0/8'] } }));
    expect((await verifier.verify(token, { ip: '10.1.2.3' })).ok).toBe(true);
    expect(await verifier.verify(token, { ip: '11.1.2.3' })).toBe(rejected('ip_not_allowed'));
    expect(await verifier.verify(token)).toBe(rejected('ip_not_allowed'));
  });

  it('tolerates 5 seconds between the clocks when nothing is said, else what is', async () => {
    const token = signer.sign(validClaims({ exp: NOW - 4 }));
    expect((await create().verifier.verify(token)).ok).toBe(true);
    const { verifier } = create({ clockToleranceSeconds: 0 });
    expect(await verifier.verify(token)).toBe(rejected('expired'));
  });

  it('accepts several audiences and types where they are listed', async () => {
    const { verifier } = create({ audience: ['https://other.example', ISSUER], types: ['JWT'] });
    const token = signer.sign(validClaims({ aud: ISSUER }), { typ: 'JWT' });
    expect((await verifier.verify(token)).ok).toBe(true);
  });

  it('throws KeysUnavailable in an outage, and never rejects for it', async () => {
    const fetch = jest.fn<Fetch>(() => Promise.reject(new TypeError('fetch failed')));
    const { verifier } = create({ fetch });
    await expect(verifier.verify(signer.sign(validClaims()))).rejects.toThrow(KeysUnavailable);
    expect(await verifier.verify('not a token')).toBe(rejected('malformed_token'));
  });

  it('uses the system clock when no other is given', async () => {
    const { verifier } = create({ now: undefined });
    const iat = Math.floor(Date.now() / 1000);
    const token = signer.sign(validClaims({ iat, exp: iat + 300 }));
    expect((await verifier.verify(token)).ok).toBe(true);
  });

  it.each<[string, Partial<Record<keyof LocalVerifierOptions, unknown>>]>([
    ['issuer', { issuer: '' }],
    ['issuer over http', { issuer: 'http://auth.example.com' }],
    ['audience', { audience: [] }],
    ['empty audience', { audience: '' }],
    ['missing audience', { audience: [undefined] }],
    ['types', { types: [] }],
    ['unknown type', { types: ['id+jwt'] }],
    ['negative tolerance', { clockToleranceSeconds: -1 }],
    ['endless tolerance', { clockToleranceSeconds: Number.POSITIVE_INFINITY }],
    ['tolerance', { clockToleranceSeconds: Number.NaN }],
    ['jwksUri', { jwksUri: '/jwks.json' }],
  ])('throws a TypeError for an unusable %s', (_, options) => {
    expect(() => create(options as Partial<LocalVerifierOptions>)).toThrow(TypeError);
  });
});
