import { accessTokenClaims, principal } from '@countersign/contracts';
import { describe, expect, it } from '@jest/globals';
import { AUDIENCE, createSigner, ISSUER, NOW, validClaims } from '../test/signer.js';
import { frozenPrincipalOf, principalFromClaims } from './principal-from-claims.js';
import { verifySignature } from './verify-signature.js';

const from = (overrides: Readonly<Record<string, unknown>> = {}) =>
  principalFromClaims(accessTokenClaims.parse(validClaims(overrides)));

describe('principalFromClaims', () => {
  it('yields the whole principal', () => {
    expect(from()).toEqual({
      subject: 'prn_01JD0000000000000000000000',
      type: 'service',
      name: 'Acme nightly export',
      organization: 'org_01JD0000000000000000000000',
      scopes: ['read:users', 'write:users'],
      roles: ['exporter'],
      audience: [AUDIENCE],
      environment: 'live',
      metadata: { plan: 'gold' },
      credential: {
        type: 'access_token',
        id: 'oGq6d1o3bTqg1Jm3z2W5tA',
        issuer: ISSUER,
        issued_at: NOW,
        expires_at: NOW + 300,
        root: { type: 'api_key', id: 'key_01JD0000000000000000000000' },
      },
      actor: null,
    });
  });

  it('is the same whether or not the token says where its status is told', () => {
    const status = { status_list: { idx: 7, uri: `${ISSUER}/status-lists/tsl_1` } };
    expect(from({ status })).toEqual(from());
  });

  it('is of the shape of the contract', () => {
    expect(principal.safeParse(from()).success).toBe(true);
  });

  it('names who acts, and who did before, without their credentials (RFC 8693 §4.1)', () => {
    const sub = 'prn_01JD0000000000000000000007';
    const earlier = 'prn_01JD0000000000000000000008';
    const cid = 'tis_01JD0000000000000000000009.fid_01JD0000000000000000000008';
    const delegated = from({ act: { sub, cid, act: { sub: earlier, cid } } });
    expect(delegated.actor).toEqual({ subject: sub, actor: { subject: earlier, actor: null } });
    expect(principal.safeParse(delegated).success).toBe(true);
  });

  it('says what the token was derived from: a key, or a federated identity', () => {
    const cid = 'tis_01JD0000000000000000000009.fid_01JD0000000000000000000008';
    expect(from({ cid }).credential.root).toEqual({
      type: 'federated_identity',
      id: 'fid_01JD0000000000000000000008',
    });
    expect(from().credential.root).toMatchObject({ type: 'api_key' });
  });

  it('has a value for every claim that is absent', () => {
    const absent = { org: undefined, roles: undefined, meta: undefined, scope: undefined };
    expect(from(absent)).toMatchObject({ organization: null, roles: [], metadata: {}, scopes: [] });
  });

  it('sorts scopes and roles by code unit', () => {
    const { scopes, roles } = from({
      scope: 'b a B é a:1 a',
      roles: ['z', 'Z', '\u{1f600}', '\uffff'],
    });
    expect(scopes).toEqual(['B', 'a', 'a:1', 'b', 'é']);
    expect(roles).toEqual(['Z', 'z', '\u{1f600}', '\uffff']);
  });

  it('finds no scope in spaces', () => {
    expect(from({ scope: '' }).scopes).toEqual([]);
    expect(from({ scope: ' a  b ' }).scopes).toEqual(['a', 'b']);
  });

  it('leaves the audience in the order of the token, the issuer alone included', () => {
    expect(from({ aud: ['b', 'a'] }).audience).toEqual(['b', 'a']);
    expect(from({ aud: ISSUER }).audience).toEqual([ISSUER]);
  });

  it('names as root the key of cid, not the one that the token was issued to', () => {
    const cid = 'key_01JE0000000000000000000000.aB3dE6gH9jK2mN5p';
    expect(from({ cid }).credential.root.id).toBe('key_01JE0000000000000000000000');
  });

  it('shares no list with the claims', () => {
    const claims = accessTokenClaims.parse(validClaims({ aud: [AUDIENCE] }));
    const { roles, audience } = principalFromClaims(claims);
    expect(roles).not.toBe(claims.roles);
    expect(audience).not.toBe(claims.aud);
  });
});

describe('frozenPrincipalOf', () => {
  const signer = createSigner('Ed25519');
  const verified = (overrides: Readonly<Record<string, unknown>> = {}) => {
    const token = verifySignature(signer.sign(validClaims(overrides)), signer.keys, ISSUER);
    if (!token.ok) throw new Error(token.code);
    return token;
  };
  const cid = 'tis_01JD0000000000000000000009.fid_01JD0000000000000000000008';
  const sub = 'prn_01JD0000000000000000000007';

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['every claim', {}],
    ['several audiences', { aud: ['b', 'a'] }],
    ['lists that are not in order', { scope: 'b a b', roles: ['z', 'a', 'z'] }],
    ['nothing that may be absent', { org: undefined, roles: undefined, meta: undefined }],
    ['no scope', { scope: undefined }],
    ['actors', { act: { sub, cid, act: { sub, cid } } }],
    ['metadata within metadata', { meta: { a: [{ b: {} }] } }],
  ])('is the same principal, and nothing of it can be changed: %s', (_, overrides) => {
    const token = verified(overrides);
    const principal = frozenPrincipalOf(token);
    expect(principal).toEqual(principalFromClaims(token.claims));
    expect(isDeeplyFrozen(principal)).toBe(true);
  });

  it('is of one token only, whatever it shares with others', () => {
    const one = frozenPrincipalOf(verified({ scope: 'a', roles: ['x'], aud: AUDIENCE }));
    const other = frozenPrincipalOf(verified({ scope: 'a b', roles: ['y'], aud: 'another' }));
    expect(one).toMatchObject({ scopes: ['a'], roles: ['x'], audience: [AUDIENCE] });
    expect(other).toMatchObject({ scopes: ['a', 'b'], roles: ['y'], audience: ['another'] });
  });
});

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}
