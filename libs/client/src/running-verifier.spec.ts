import { describe, expect, it } from '@jest/globals';
import { verifierOf } from '../test/verifiers.js';
import { createTestIssuer } from './testing/create-test-issuer.js';

/** Timers that keep the process alive. */
const timers = () => process.getActiveResourcesInfo().filter((type) => type === 'Timeout').length;

function setUp() {
  const issuer = createTestIssuer();
  issuer.setUnreachable(true);
  return { issuer, verifier: verifierOf(issuer) };
}

type Ending = (parts: ReturnType<typeof setUp>, stop: AbortController) => unknown;

describe('ready', () => {
  it.each<[string, Ending]>([
    ['it is ready', ({ issuer }) => issuer.setUnreachable(false)],
    ['whoever waits stops waiting', (_, stop) => stop.abort(new Error('stopped'))],
    ['the verifier is closed', ({ verifier }) => verifier.close()],
  ])('keeps the process alive until %s', async (_, end) => {
    const parts = setUp();
    const stop = new AbortController();
    const before = timers();
    const waiting = parts.verifier.ready(stop.signal).catch(() => {});
    expect(timers()).toBe(before + 1);
    await Promise.all([waiting, end(parts, stop)]);
    expect(timers()).toBe(before);
  });

  it('lets the process end where nobody waits for it', () => {
    const before = timers();
    setUp();
    expect(timers()).toBe(before);
  });
});
