import { afterEach, describe, expect, it } from '@jest/globals';
import { ServiceConnection } from '../service/service-connection.js';
import { loadPage } from './load-page.js';

const { timeout } = AbortSignal;
afterEach(() => {
  AbortSignal.timeout = timeout;
});

/** Answers nothing until it is told to stop. */
function hanging(): ServiceConnection {
  const fetchNothing = (_url: string, { signal }: RequestInit) =>
    new Promise<Response>((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
    });
  return new ServiceConnection(new URL('https://auth.test'), 'a-credential', fetchNothing);
}

describe('loadPage', () => {
  it('ends in time, by a timer that no collection of memory takes away', async () => {
    // So ends on Node 20 a signal that only a composed one knows of: collected, with its timer.
    AbortSignal.timeout = () => new AbortController().signal;
    const { signal } = new AbortController();
    const parts = { audience: undefined, issuer: 'https://auth.test', service: hanging(), signal };
    await expect(loadPage(parts, undefined, 20)).rejects.toMatchObject({ kind: 'network' });
  });
});
