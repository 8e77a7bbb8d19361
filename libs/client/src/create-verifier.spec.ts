import { describe, expect, it } from '@jest/globals';
import { trace } from '@opentelemetry/api';
import { verifierOf } from '../test/verifiers.js';
import { createVerifier } from './create-verifier.js';
import { createTestIssuer } from './testing/create-test-issuer.js';
import type { VerifiedEvent } from './verifier-hooks.js';
import type { VerifierOptions } from './verifier-options.js';

const { verifierOptions } = createTestIssuer();

describe('createVerifier', () => {
  it.each<[string, Partial<Record<keyof VerifierOptions, unknown>>]>([
    ['issuer', { issuer: '' }],
    ['audience', { audience: [] }],
    ['audience', { audience: [''] }],
    ['types', { types: ['JWS'] }],
    ['clockToleranceSeconds', { clockToleranceSeconds: -1 }],
    ['staleness.policy', { staleness: { policy: 'hope' } }],
    ['staleness.limitMs', { staleness: { limitMs: NaN } }],
    ['introspection.concurrency', { introspection: { concurrency: 0 } }],
    ['introspection.cacheTtlMs', { introspection: { cacheTtlMs: Infinity } }],
    ['tokenCacheSize', { tokenCacheSize: 0 }],
    ['https', { issuer: 'http://auth.test' }],
    ['https', { serviceUrl: 'http://10.0.0.1' }],
    ['dpop.baseUrl', { dpop: { baseUrl: 'api.test' } }],
    ['realm', { realm: '"' }],
    ['credential', { credential: '' }],
    ['countersign:revocations:read', { credential: undefined }],
    ["policy: 'continue'", { credential: undefined, staleness: { policy: 'refuse' } }],
  ])('says what to do about %s that cannot be used', (name, options) => {
    const create = () => createVerifier({ ...verifierOptions, ...(options as object) });
    expect(create).toThrow(TypeError);
    expect(create).toThrow(name);
  });

  it('does without a credential for whoever says that a revocation may be missed', async () => {
    const issuer = createTestIssuer();
    const staleness = { policy: 'continue' } as const;
    const verifier = verifierOf(issuer, { credential: undefined, staleness });
    await verifier.ready();
    expect(await verifier.verify(issuer.token())).toMatchObject({ ok: true, source: 'local' });
    expect(verifier.staleness()).toMatchObject({ ageMs: Infinity, fresh: false });
  });

  it('reaches the service elsewhere than at its issuer', async () => {
    const issuer = createTestIssuer();
    const urls = new Set<string>();
    const verifier = verifierOf(issuer, {
      serviceUrl: 'https://10.0.0.1/auth/',
      fetch: (url, init) => {
        urls.add(url.replace(/\?.*/, ''));
        return issuer.fetch(url.replace('10.0.0.1/auth', 'auth.test'), init);
      },
    });
    await verifier.ready();
    expect(await verifier.verify(issuer.token())).toMatchObject({ ok: true });
    expect([...urls].every((url) => url.startsWith('https://10.0.0.1/auth/'))).toBe(true);
  });

  it('is ready when it can decide, and not before; whoever waits can stop waiting', async () => {
    const issuer = createTestIssuer();
    issuer.setUnreachable(true);
    const verifier = verifierOf(issuer);
    await expect(verifier.ready(AbortSignal.timeout(30))).rejects.toThrow('timeout');
    const ready = verifier.ready();
    issuer.setUnreachable(false);
    await ready;
    expect(verifier.staleness()).toMatchObject({
      fresh: true,
      policy: 'introspect',
      limitMs: 1000,
    });
    const closing = verifierOf(createTestIssuer({ issuer: 'https://nobody.test' }), {
      fetch: () => Promise.reject(new Error('down')),
    });
    const waiting = closing.ready();
    await closing.close();
    await expect(waiting).rejects.toMatchObject({ name: 'VerifierClosed' });
  });

  it('tells a hook of each use how it went', async () => {
    const issuer = createTestIssuer();
    const events: VerifiedEvent[] = [];
    const verifier = verifierOf(issuer, { hooks: { onVerified: (event) => events.push(event) } });
    await verifier.ready();
    await verifier.verify(issuer.token());
    await verifier.verify('nothing');
    await verifier.close();
    await verifier.verify(issuer.token());
    expect(events).toEqual([
      { outcome: 'accepted', source: 'local' },
      { outcome: 'refused', code: 'unrecognised' },
      { outcome: 'unavailable', reason: 'closed' },
    ]);
  });

  it('takes a tracer of OpenTelemetry as it is', async () => {
    const issuer = createTestIssuer();
    const verifier = verifierOf(issuer, { tracer: trace.getTracer('test') });
    expect(await verifier.verify(issuer.apiKey())).toMatchObject({ ok: true });
  });
});
