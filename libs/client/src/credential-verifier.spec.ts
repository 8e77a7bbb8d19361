import { describe, expect, it } from '@jest/globals';
import { CountingFetch } from '../test/counting-fetch.js';
import { athOf, createDpopClient } from '../test/dpop-client.js';
import { eventually } from '../test/eventually.js';
import { ManualClock } from '../test/manual-clock.js';
import { verifierOf } from '../test/verifiers.js';
import { createTestIssuer } from './testing/create-test-issuer.js';
import type { VerifierOptions } from './verifier-options.js';

const JWKS = '/.well-known/jwks.json';
const BASE = 'https://api.test';

function setUp(options: Partial<VerifierOptions> = {}) {
  const issuer = createTestIssuer();
  const clock = new ManualClock();
  const counting = new CountingFetch(issuer.fetch);
  const verifier = verifierOf(issuer, {
    clock,
    fetch: counting.fetch,
    staleness: { policy: 'refuse' },
    ...options,
  });
  return { issuer, clock, counting, verifier };
}

/** Holds the key set back until it is told to answer. */
function holdKeys({ issuer, counting }: ReturnType<typeof setUp>) {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  counting.overrides.set(JWKS, async (url, init) => {
    await held;
    return issuer.fetch(url, init);
  });
  return { release };
}

describe('a use that had to wait', () => {
  it('is not judged by how fresh the feed was before the keys were fetched', async () => {
    const parts = setUp();
    const { issuer, clock, counting, verifier } = parts;
    const { release } = holdKeys(parts);
    await eventually(() => expect(verifier.staleness().fresh).toBe(true));
    const result = verifier.verify(issuer.token());
    await eventually(() => expect(counting.count(JWKS)).toBe(1));
    clock.advance(3000);
    release();
    expect(await result).toMatchObject({ status: 503, reason: 'stale' });
  });

  it('is not judged by the time before the keys were fetched', async () => {
    const parts = setUp({ credential: undefined, staleness: { policy: 'continue' } });
    const { issuer, clock, counting, verifier } = parts;
    const { release } = holdKeys(parts);
    const result = verifier.verify(issuer.token());
    await eventually(() => expect(counting.count(JWKS)).toBe(1));
    clock.advance(306_000);
    release();
    expect(await result).toMatchObject({ status: 401, code: 'expired' });
  });

  it('is not judged by how fresh the feed was before its proof was verified', async () => {
    const { issuer, clock, verifier } = setUp({ dpop: { baseUrl: BASE } });
    await verifier.ready();
    const client = await createDpopClient();
    const token = issuer.token({}, { cnf: { jkt: client.jkt } });
    const iat = Math.floor(clock.wallMs() / 1000);
    const proof = await client.prove({ ath: athOf(token), htm: 'GET', htu: `${BASE}/orders`, iat });
    const headers = { authorization: `DPoP ${token}`, dpop: proof };
    const result = verifier.verify({ headers, method: 'GET', url: '/orders' });
    clock.advance(3000);
    expect(await result).toMatchObject({ status: 503, reason: 'stale' });
  });
});
