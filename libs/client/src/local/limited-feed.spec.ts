import { describe, expect, it } from '@jest/globals';
import { CountingFetch } from '../../test/counting-fetch.js';
import { eventually } from '../../test/eventually.js';
import { ManualClock } from '../../test/manual-clock.js';
import { told } from '../../test/told.js';
import { verifierOf } from '../../test/verifiers.js';
import { createTestIssuer, type TestIssuer } from '../testing/create-test-issuer.js';
import type { Verifier } from '../verifier.js';
import type { StalenessPolicy } from '../verifier-options.js';

const OURS = 'org_01JD0000000000000000000001';
const THEIRS = 'org_01JD0000000000000000000002';
const ACTOR = {
  sub: 'prn_01JD0000000000000000000009',
  cid: 'key_01JD0000000000000000000009.0123456789abcdef',
};

/** A verifier whose own credential is limited to an organization, which follows its feed. */
async function setUp(policy: StalenessPolicy, organization: string | null = OURS) {
  const issuer = createTestIssuer();
  issuer.limitTo(organization);
  const clock = new ManualClock();
  const counting = new CountingFetch(issuer.fetch);
  const verifier = verifierOf(issuer, { clock, fetch: counting.fetch, staleness: { policy } });
  await verifier.ready();
  return { issuer, clock, counting, verifier };
}

/** Who is spoken of only in another organization's feed: by its own organization, or by an actor's. */
const ELSEWHERE: [string, (issuer: TestIssuer) => string][] = [
  ['of another organization', (issuer) => issuer.token({ organization: THEIRS })],
  [
    'with an actor of another organization',
    (issuer) => issuer.token({ organization: OURS }, { act: { ...ACTOR, org: THEIRS } }),
  ],
  [
    'with an earlier actor of another organization',
    (issuer) =>
      issuer.token(
        { organization: OURS },
        { act: { ...ACTOR, org: OURS, act: { ...ACTOR, org: THEIRS } } },
      ),
  ],
];

async function isLimitedTo(verifier: Verifier, organization: string | null): Promise<void> {
  await eventually(() => expect(verifier.staleness()).toMatchObject({ organization, fresh: true }));
}

describe('a feed that is limited to an organization', () => {
  it.each<[string, (issuer: TestIssuer) => string]>([
    ['of the organization', (issuer) => issuer.token({ organization: OURS })],
    ['of none', (issuer) => issuer.token()],
    ['with an actor of none', (issuer) => issuer.token({ organization: OURS }, { act: ACTOR })],
  ])('suffices for a token %s', async (_, tokenOf) => {
    const { issuer, counting, verifier } = await setUp('introspect');
    const token = tokenOf(issuer);
    expect(await verifier.verify(token)).toMatchObject({ ok: true, source: 'local' });
    issuer.revoke(token);
    await told(issuer, verifier);
    expect(await verifier.verify(token)).toMatchObject({ code: 'credential_revoked' });
    expect(counting.count('/introspect')).toBe(0);
  });

  describe.each(ELSEWHERE)('about a token %s', (_, tokenOf) => {
    it('has the service asked: a revocation that it does not tell is not missed', async () => {
      const { issuer, clock, counting, verifier } = await setUp('introspect');
      const token = tokenOf(issuer);
      expect(await verifier.verify(token)).toMatchObject({ ok: true, source: 'introspection' });
      // Revoked by an entry that concerns the other organization only.
      counting.overrides.set('/introspect', async () => Response.json({ active: false }));
      // What was answered is good for no longer than the limit, for all that the feed is fresh.
      clock.advance(verifier.staleness().limitMs + 1);
      await verifier.ready();
      expect(await verifier.verify(token)).toMatchObject({ status: 401, code: 'inactive' });
    });

    it('says nothing: it is turned away as unknown where nobody is asked', async () => {
      const { issuer, counting, verifier } = await setUp('refuse');
      const token = tokenOf(issuer);
      expect(await verifier.verify(token)).toMatchObject({ status: 503, reason: 'stale' });
      expect(counting.count('/introspect')).toBe(0);
    });

    it('keeps nobody from it who says that a revocation may be missed', async () => {
      const { issuer, verifier } = await setUp('continue');
      expect(await verifier.verify(tokenOf(issuer))).toMatchObject({ ok: true, source: 'local' });
    });
  });

  it.each<[string, string | null, string | null, 'cache' | 'introspection']>([
    ['the organization', OURS, OURS, 'cache'],
    ['none', OURS, null, 'cache'],
    ['another organization', OURS, THEIRS, 'introspection'],
    ['any organization, where it is not limited', null, THEIRS, 'cache'],
  ])(
    'keeps what was answered about a key of %s no longer than it may',
    async (_, organization, ofKey, source) => {
      const { issuer, clock, verifier } = await setUp('introspect', organization);
      const key = issuer.apiKey({ principal: { organization: ofKey } });
      expect(await verifier.verify(key)).toMatchObject({ ok: true, source: 'introspection' });
      expect(await verifier.verify(key)).toMatchObject({ ok: true, source: 'cache' });
      clock.advance(verifier.staleness().limitMs + 1);
      await verifier.ready();
      expect(await verifier.verify(key)).toMatchObject({ ok: true, source });
    },
  );

  it('is not spoken for by what was known under another credential', async () => {
    const { issuer, counting, verifier } = await setUp('introspect', null);
    const [token, key] = [
      issuer.token({ organization: THEIRS }),
      issuer.apiKey({ principal: { organization: THEIRS } }),
    ];
    expect(await verifier.verify(token)).toMatchObject({ source: 'local' });
    expect(await verifier.verify(key)).toMatchObject({ source: 'introspection' });
    issuer.limitTo(OURS);
    await isLimitedTo(verifier, OURS);
    expect(await verifier.verify(token)).toMatchObject({ source: 'introspection' });
    expect(await verifier.verify(key)).toMatchObject({ source: 'introspection' });
    expect(counting.count('/introspect')).toBe(3);
  });

  it('learns what it was not told as soon as it is limited no more', async () => {
    const { issuer, counting, verifier } = await setUp('refuse');
    const [revoked, other] = [
      issuer.token({ organization: THEIRS }),
      issuer.token({ organization: THEIRS }),
    ];
    issuer.revoke(revoked);
    issuer.limitTo(null);
    await isLimitedTo(verifier, null);
    expect(await verifier.verify(revoked)).toMatchObject({ code: 'credential_revoked' });
    expect(await verifier.verify(other)).toMatchObject({ ok: true, source: 'local' });
    expect(counting.count('/introspect')).toBe(0);
  });
});
