import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../test/eventually.js';
import { verifierOf } from '../../test/verifiers.js';
import { createTestIssuer } from '../testing/create-test-issuer.js';

const HANGING = new Promise<string>(() => {});

/** A verifier whose own credential is asked for and not told the second time: for the stream. */
async function setUp() {
  const issuer = createTestIssuer();
  let asked = 0;
  const told = issuer.verifierOptions.credential as string;
  const verifier = verifierOf(issuer, {
    credential: () => {
      asked += 1;
      return asked === 2 ? HANGING : told;
    },
  });
  await eventually(() => expect(asked).toBe(2));
  return { verifier };
}

describe('a credential that is never told', () => {
  it('does not stop the feed for good', async () => {
    const { verifier } = await setUp();
    await eventually(() => expect(verifier.staleness().fresh).toBe(false));
    await eventually(() => expect(verifier.staleness().fresh).toBe(true));
  });

  it('does not keep a verifier from being closed', async () => {
    const { verifier } = await setUp();
    await verifier.close();
    expect(await verifier.verify('any')).toMatchObject({ reason: 'closed' });
  });
});
