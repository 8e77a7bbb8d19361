import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../test/eventually.js';
import { ManualClock } from '../../test/manual-clock.js';
import { told } from '../../test/told.js';
import { verifierOf } from '../../test/verifiers.js';
import { createTestIssuer } from '../testing/create-test-issuer.js';
import type { StalenessPolicy } from '../verifier-options.js';

/** Follows the feed whatever the clock says. */
async function setUp(policy: StalenessPolicy = 'introspect') {
  const issuer = createTestIssuer();
  const clock = new ManualClock();
  const verifier = verifierOf(issuer, {
    clock,
    staleness: { limitMs: 1e12, policy },
    introspection: { cacheTtlMs: 300_000, timeoutMs: 5000 },
  });
  await verifier.ready();
  const inSeconds = (seconds: number) => Math.floor(clock.wallMs() / 1000) + seconds;
  return { issuer, clock, verifier, inSeconds };
}

describe('RevocationMemory', () => {
  it('takes nothing back that has begun when the wall clock is set back', async () => {
    const { issuer, clock, verifier, inSeconds } = await setUp();
    const principal = issuer.principal();
    const [token, other] = [issuer.token(principal), issuer.token()];
    issuer.publish({ type: 'principal', id: principal.subject, effective_at: inSeconds(5) });
    await told(issuer, verifier);
    expect(await verifier.verify(token)).toMatchObject({ ok: true });
    clock.advance(6000);
    expect(await verifier.verify(other)).toMatchObject({ ok: true });
    clock.suspend(-6000);
    expect(await verifier.verify(token)).toMatchObject({ code: 'credential_revoked' });
    clock.suspend(6000);
    expect(await verifier.verify(token)).toMatchObject({ code: 'credential_revoked' });
  });

  it.each([
    // The service of the test knows nothing of what is published by hand: it is enough that it is asked.
    ['introspect', { source: 'introspection' }],
    ['refuse', { status: 503, reason: 'stale' }],
  ] as const)(
    'accepts nothing by what it has dropped while the wall clock was ahead: %s',
    async (policy, result) => {
      const { issuer, clock, verifier, inSeconds } = await setUp(policy);
      const [revoked, other, later] = [
        issuer.token({}, { jti: 'revoked' }),
        issuer.token(),
        issuer.token({}, { exp: inSeconds(7200) }),
      ];
      issuer.publish({ type: 'jti', id: 'revoked', expires_at: inSeconds(600) });
      await told(issuer, verifier);
      const { entries } = verifier.staleness();
      clock.suspend(3_600_000);
      expect(await verifier.verify(later)).toMatchObject({ ok: true, source: 'local' });
      expect(verifier.staleness().entries).toBe(entries - 1);
      clock.suspend(-3_600_000);
      expect(await verifier.verify(revoked)).toMatchObject(result);
      expect(await verifier.verify(other)).toMatchObject(result);
      // What can have been the matter with it was not over by any clock.
      expect(await verifier.verify(later)).toMatchObject({ ok: true, source: 'local' });
      // And then all is loaded anew.
      await eventually(() => expect(verifier.staleness().entries).toBe(entries));
      expect(await verifier.verify(revoked)).toMatchObject({ code: 'credential_revoked' });
      expect(await verifier.verify(other)).toMatchObject({ ok: true, source: 'local' });
    },
  );

  it('forgets what has expired also where no token is ever shown', async () => {
    const { issuer, clock, verifier, inSeconds } = await setUp();
    const entries = (size: number) =>
      eventually(() => expect(verifier.staleness().entries).toBe(size));
    issuer.publish({ type: 'jti', id: 'a', expires_at: inSeconds(30) });
    issuer.publish({
      type: 'jti',
      id: 'b',
      effective_at: inSeconds(20),
      expires_at: inSeconds(30),
    });
    await entries(2);
    clock.advance(150_000);
    issuer.publish({ type: 'jti', id: 'c' });
    await entries(1);
  });

  it('has an answer asked for anew once what was told of its key begins', async () => {
    const { issuer, clock, verifier, inSeconds } = await setUp();
    const principal = issuer.principal();
    const key = issuer.apiKey({ principal });
    issuer.publish({ type: 'principal', id: principal.subject, effective_at: inSeconds(100) });
    await eventually(() => expect(verifier.staleness().entries).toBe(1));
    clock.advance(90_000);
    expect(await verifier.verify(key)).toMatchObject({ source: 'introspection' });
    clock.advance(5000);
    expect(await verifier.verify(key)).toMatchObject({ source: 'cache' });
    clock.advance(6000);
    expect(await verifier.verify(key)).toMatchObject({ source: 'introspection' });
  });
});
