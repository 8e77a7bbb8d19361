import { describe, expect, it } from '@jest/globals';
import { CountingFetch } from '../../test/counting-fetch.js';
import { eventually } from '../../test/eventually.js';
import { ManualClock } from '../../test/manual-clock.js';
import { verifierOf } from '../../test/verifiers.js';
import { createTestIssuer } from '../testing/create-test-issuer.js';
import type { StalenessPolicy } from '../verifier-options.js';

const JWKS = '/.well-known/jwks.json';

/** A verifier whose key set is that of before the issuer's key: as from a cache, or of a replica behind. */
async function setUp(policy: StalenessPolicy) {
  const issuer = createTestIssuer();
  const older = createTestIssuer();
  const clock = new ManualClock();
  const counting = new CountingFetch(issuer.fetch);
  counting.overrides.set(JWKS, (url, init) => older.fetch(url, init));
  const verifier = verifierOf(issuer, { clock, fetch: counting.fetch, staleness: { policy } });
  await verifier.ready();
  const replaceKey = async () => {
    issuer.publish({ type: 'kid', id: 'compromised' });
    await eventually(() => expect(verifier.staleness().entries).toBe(1));
    clock.advance(1);
  };
  return { issuer, clock, counting, verifier, replaceKey };
}

const kidOf = (token: string) =>
  (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string })
    .kid;

const UNCERTAIN: Record<StalenessPolicy, object> = {
  introspect: { ok: true, source: 'introspection' },
  refuse: { status: 503, reason: 'keys' },
  continue: { status: 503, reason: 'keys' },
};

describe.each(['introspect', 'refuse', 'continue'] as const)(
  'a token of a key that no set has, under %s',
  (policy) => {
    it('is refused while the feed is fresh, and costs no question', async () => {
      const { issuer, counting, verifier } = await setUp(policy);
      expect(await verifier.verify(issuer.token())).toMatchObject({ code: 'unknown_signing_key' });
      expect(counting.count('/introspect')).toBe(0);
    });

    it('may be good after another key was compromised, for some minutes', async () => {
      const { issuer, clock, verifier, replaceKey } = await setUp(policy);
      const token = issuer.token({}, { exp: 9_000_000_000 });
      await replaceKey();
      expect(await verifier.verify(token)).toMatchObject(UNCERTAIN[policy]);
      clock.advance(301_000);
      await verifier.ready();
      const another = issuer.token({}, { exp: 9_000_000_000 });
      expect(await verifier.verify(another)).toMatchObject({ code: 'unknown_signing_key' });
    });

    it('may be good while the feed would not have told of a new key', async () => {
      const { issuer, clock, verifier } = await setUp(policy);
      const token = issuer.token();
      issuer.setUnreachable(true);
      clock.advance(1001);
      const whenDown = policy === 'introspect' ? { reason: 'introspection' } : { reason: 'keys' };
      expect(await verifier.verify(token)).toMatchObject({ status: 503, ...whenDown });
    });

    it('is refused when it is that key that was compromised', async () => {
      const { issuer, counting, verifier } = await setUp(policy);
      const token = issuer.token();
      issuer.publish({ type: 'kid', id: kidOf(token) });
      await eventually(() => expect(verifier.staleness().entries).toBe(1));
      expect(await verifier.verify(token)).toMatchObject({ code: 'unknown_signing_key' });
      expect(counting.count('/introspect')).toBe(0);
    });

    it('is refused when it is none whatever its key, and costs no question', async () => {
      const { issuer, clock, counting, verifier } = await setUp(policy);
      clock.advance(1001);
      const [, claims, signature] = issuer.token().split('.');
      const header = (members: object) =>
        Buffer.from(JSON.stringify({ alg: 'ES256', ...members })).toString('base64url');
      const typed = [header({ typ: 'JWT', kid: 'new' }), claims, signature].join('.');
      expect(await verifier.verify(typed)).toMatchObject({ code: 'wrong_type' });
      const nameless = [header({ typ: 'at+jwt' }), claims, signature].join('.');
      expect(await verifier.verify(nameless)).toMatchObject({ code: 'unknown_signing_key' });
      expect(counting.count('/introspect')).toBe(0);
    });
  },
);

describe('what was answered about a token of a key that no set has', () => {
  it('does not outlive that key', async () => {
    const { issuer, clock, verifier, replaceKey } = await setUp('introspect');
    const token = issuer.token();
    await replaceKey();
    expect(await verifier.verify(token)).toMatchObject({ ok: true, source: 'introspection' });
    expect(await verifier.verify(token)).toMatchObject({ ok: true, source: 'cache' });
    issuer.publish({ type: 'kid', id: kidOf(token) });
    await eventually(() => expect(verifier.staleness().entries).toBe(2));
    clock.advance(1);
    expect(await verifier.verify(token)).toMatchObject({ ok: false, status: 401 });
  });
});
