import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { revokedByTrustChange, type Trust } from './revoked-by-trust-change.js';

const SCOPES = ['a', 'b'];
const AUDIENCES = ['https://x', 'https://y'];

const KEYS = ['k1', 'k2'].map((kid) => ({ kty: 'OKP', crv: 'Ed25519', x: kid, kid }) as const);

const trust: fc.Arbitrary<Trust> = fc.record({
  id: fc.constant('tis_1'),
  organizationId: fc.constant('org_1'),
  status: fc.constantFrom('active', 'disabled'),
  jwks: fc.option(fc.record({ keys: fc.subarray(KEYS, { minLength: 1 }) })),
  jwksUri: fc.constantFrom(null, 'https://issuer/jwks'),
  discovery: fc.constantFrom('openid-configuration', 'oauth-authorization-server'),
  algorithms: fc.subarray<'RS256' | 'ES256'>(['RS256', 'ES256'], { minLength: 1 }),
  audienceClaim: fc.constantFrom('/aud', '/azp'),
  audiences: fc.subarray(AUDIENCES),
  targetAudiences: fc.option(fc.subarray(AUDIENCES)),
  scopes: fc.subarray(SCOPES),
  mapping: fc.record({
    subject: fc.constantFrom('/sub', '/oid'),
    scopes: fc.constant('ceiling' as const),
    type: fc.constant('user' as const),
  }),
});

/** Uses that tokens of the issuer may be put to, each as one line. */
function usesOf(configured: Trust): string[] {
  if (configured.status === 'disabled') return [];
  const { jwks, jwksUri, discovery, audienceClaim, mapping, targetAudiences } = configured;
  const read = JSON.stringify([jwksUri, discovery, audienceClaim, mapping]);
  const signers = jwks?.keys.map(({ kid }) => String(kid)) ?? ['fetched'];
  const placesOf = (audience: string) =>
    targetAudiences?.length === 0 ? AUDIENCES : (targetAudiences ?? [audience]);
  return configured.scopes.flatMap((scope) =>
    configured.algorithms.flatMap((alg) =>
      configured.audiences.flatMap((audience) =>
        placesOf(audience).flatMap((place) =>
          signers.map((kid) => [scope, alg, audience, place, kid, read].join(' ')),
        ),
      ),
    ),
  );
}

describe('what a change of trust revokes', () => {
  it('is an entry whenever tokens of the issuer were good for something that they are not now', () => {
    fc.assert(
      fc.property(trust, trust, (before, after) => {
        const uses = usesOf(after);
        const isLess = usesOf(before).some((use) => !uses.includes(use));
        if (isLess) expect(revokedByTrustChange(before, after)).toHaveLength(1);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is nothing when they are only good for more', () => {
    fc.assert(
      fc.property(trust, (after) => {
        const narrower = fc.record({
          scopes: fc.subarray(after.scopes),
          audiences: fc.subarray(after.audiences),
          algorithms: fc.subarray(after.algorithms),
          jwks: fc.constant(after.jwks && { keys: after.jwks.keys.slice(1) }),
        });
        const [less] = fc.sample(narrower, 1);
        const disabled = { ...after, ...less, status: 'disabled' as const };
        expect(revokedByTrustChange(disabled, after)).toEqual([]);
      }),
    );
  });

  it('is final when the issuer is trusted no more, and not when it is only disabled', () => {
    const [configured] = fc.sample(trust, 1) as [Trust];
    const active = { ...configured, status: 'active' as const };
    const revoked = { type: 'credential', id: 'tis_1', organizationId: 'org_1' };
    expect(revokedByTrustChange(active, null)).toEqual([{ ...revoked, final: true }]);
    expect(revokedByTrustChange(active, { ...active, status: 'disabled' })).toEqual([
      { ...revoked, final: false },
    ]);
  });
});
