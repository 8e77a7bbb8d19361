import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../test/manual-clock.js';
import { told } from '../../test/told.js';
import { verifierOf } from '../../test/verifiers.js';
import { createTestIssuer } from '../testing/create-test-issuer.js';

/** Follows the feed whatever the clock says. */
async function setUp() {
  const issuer = createTestIssuer();
  const clock = new ManualClock();
  const verifier = verifierOf(issuer, { clock, staleness: { limitMs: 1e12 } });
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
});
