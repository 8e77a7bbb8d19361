import { describe, expect, it } from '@jest/globals';
import { CountingFetch } from '../../test/counting-fetch.js';
import { ManualClock } from '../../test/manual-clock.js';
import { told } from '../../test/told.js';
import { verifierOf } from '../../test/verifiers.js';
import { createTestIssuer, type TestApiKeyOptions } from '../testing/create-test-issuer.js';
import type { VerifierOptions } from '../verifier-options.js';

function setUp(options: Partial<VerifierOptions> = {}) {
  const issuer = createTestIssuer();
  const clock = new ManualClock();
  const counting = new CountingFetch(issuer.fetch);
  const verifier = verifierOf(issuer, { clock, fetch: counting.fetch, ...options });
  return { issuer, clock, counting, verifier, asked: () => counting.count('/introspect') };
}

/** The feed is followed, and its age is kept within the limit while the clock is advanced. */
const ALWAYS_FRESH = { staleness: { policy: 'continue' } } as const;
const SETTLED_MS = 61_000;
const REMEMBERED = { ...ALWAYS_FRESH, introspection: { cacheTtlMs: 600_000 } };

describe('an API key', () => {
  it('is asked about once, and then known for as long as the feed is followed', async () => {
    const { issuer, clock, verifier, asked } = setUp(ALWAYS_FRESH);
    await verifier.ready();
    const key = issuer.apiKey({ principal: { scopes: ['read'] } });
    expect(await verifier.verify(key)).toMatchObject({ ok: true, source: 'introspection' });
    clock.advance(59_000);
    expect(await verifier.verify(key)).toMatchObject({ ok: true, source: 'cache' });
    expect(asked()).toBe(1);
    clock.advance(2000);
    expect(await verifier.verify(key)).toMatchObject({ source: 'introspection' });
  });

  it('is asked about anew while the feed is older than the limit, and unknown in an outage', async () => {
    const { issuer, clock, verifier, asked } = setUp();
    await verifier.ready();
    const key = issuer.apiKey();
    await verifier.verify(key);
    issuer.setUnreachable(true);
    clock.advance(900);
    expect(await verifier.verify(key)).toMatchObject({ source: 'cache' });
    clock.advance(600);
    expect(await verifier.verify(key)).toMatchObject({ status: 503, reason: 'introspection' });
    issuer.setUnreachable(false);
    await verifier.ready();
    expect(await verifier.verify(key)).toMatchObject({ ok: true });
    expect(asked()).toBeGreaterThan(1);
  });

  it.each<[string, (ids: { key: string; subject: string }) => { type: string; id: string }]>([
    ['the key', ({ key }) => ({ type: 'credential', id: key })],
    ['a version of the key', ({ key }) => ({ type: 'credential', id: `${key}.0123456789abcdef` })],
    ['its principal', ({ subject }) => ({ type: 'principal', id: subject })],
    ['its organization', () => ({ type: 'organization', id: 'org_1' })],
    ['a role of it', () => ({ type: 'role', id: 'exporter' })],
    ['this audience', () => ({ type: 'audience', id: 'https://api.test' })],
  ])(
    'is asked about anew once the feed speaks of %s, and remembered when that has settled',
    async (_, entry) => {
      const { issuer, clock, verifier } = setUp(REMEMBERED);
      await verifier.ready();
      const key = issuer.apiKey({ principal: { organization: 'org_1', roles: ['exporter'] } });
      const first = await verifier.verify(key);
      if (!first.ok) throw new Error(first.code);
      clock.advance(5000);
      expect(await verifier.verify(key)).toMatchObject({ source: 'cache' });
      const { subject, credential } = first.principal;
      issuer.publish({ ...entry({ key: credential.id, subject }), final: false } as never);
      await told(issuer, verifier);
      expect(await verifier.verify(key)).toMatchObject({ source: 'introspection' });
      clock.advance(1001);
      expect(await verifier.verify(key)).toMatchObject({ source: 'introspection' });
      clock.advance(SETTLED_MS);
      expect(await verifier.verify(key)).toMatchObject({ source: 'introspection' });
      clock.advance(30_000);
      expect(await verifier.verify(key)).toMatchObject({ source: 'cache' });
    },
  );

  it('is asked about anew at once, however lately that was done', async () => {
    const { issuer, clock, verifier } = setUp();
    await verifier.ready();
    const key = issuer.apiKey();
    expect(await verifier.verify(key)).toMatchObject({ ok: true });
    clock.advance(1);
    issuer.revoke(key);
    await told(issuer, verifier);
    expect(await verifier.verify(key)).toMatchObject({ status: 401, code: 'inactive' });
  });

  it('stays known when the feed speaks of others', async () => {
    const { issuer, clock, verifier, asked } = setUp(REMEMBERED);
    await verifier.ready();
    const key = issuer.apiKey({ principal: { roles: ['exporter'] } });
    await verifier.verify(key);
    for (const type of ['credential', 'principal', 'organization', 'role', 'audience'] as const) {
      issuer.publish({ type, id: 'another' });
    }
    await told(issuer, verifier);
    clock.advance(SETTLED_MS);
    expect(await verifier.verify(key)).toMatchObject({ source: 'cache' });
    expect(asked()).toBe(1);
  });

  it('is not remembered on the answer of a replica that is behind what the feed has told', async () => {
    const { issuer, clock, counting, verifier } = setUp(REMEMBERED);
    await verifier.ready();
    const key = issuer.apiKey();
    const behind = await issuer.fetch('https://auth.test/introspect', {
      method: 'POST',
      headers: { authorization: `Bearer ${issuer.verifierOptions.credential as string}` },
      body: new URLSearchParams({ token: key }),
    });
    const body: unknown = await behind.json();
    issuer.revoke(key);
    await told(issuer, verifier);
    clock.advance(10);
    // Not confirmed yet: that replica may still say so.
    counting.overrides.set('/introspect', async () => Response.json(body));
    expect(await verifier.verify(key)).toMatchObject({ ok: true, source: 'introspection' });
    counting.overrides.clear();
    clock.advance(1001);
    expect(await verifier.verify(key)).toMatchObject({ status: 401, code: 'inactive' });
  });

  it('is unknown when the answer comes later than anything that is acted upon may be', async () => {
    const { issuer, clock, counting, verifier } = setUp();
    await verifier.ready();
    const key = issuer.apiKey();
    counting.overrides.set('/introspect', async (url, init) => {
      const answer = await issuer.fetch(url, init);
      clock.advance(1001);
      return answer;
    });
    expect(await verifier.verify(key)).toMatchObject({ status: 503, reason: 'introspection' });
  });

  it('is refused for a request that its restrictions do not allow, also when it is known', async () => {
    const { issuer, verifier, asked } = setUp(ALWAYS_FRESH);
    await verifier.ready();
    const options: TestApiKeyOptions = { restrictions: { ips: ['10.0.0.0/8'], paths: ['/a/*'] } };
    const key = issuer.apiKey(options);
    const use = (ip: string, path: string) => verifier.verify(key, { context: { ip, path } });
    expect(await use('10.0.0.1', '/a/b')).toMatchObject({ ok: true });
    expect(await use('11.0.0.1', '/a/b')).toMatchObject({ status: 401, code: 'ip_not_allowed' });
    expect(await use('10.0.0.1', '/b')).toMatchObject({ code: 'path_not_allowed' });
    expect(await verifier.verify(key)).toMatchObject({ code: 'ip_not_allowed' });
    expect(await use('10.0.0.2', '/a/c')).toMatchObject({ ok: true, source: 'cache' });
    expect(asked()).toBe(1);
  });

  it('is known for one and the same request only where the service tells no restrictions', async () => {
    const { issuer, counting, verifier, asked } = setUp(ALWAYS_FRESH);
    await verifier.ready();
    const key = issuer.apiKey();
    counting.overrides.set('/introspect', async (url, init) => {
      const body = (await (await issuer.fetch(url, init)).json()) as { restrictions?: unknown };
      delete body.restrictions;
      return Response.json(body);
    });
    const use = (path: string) => verifier.verify(key, { context: { path } });
    expect(await use('/a')).toMatchObject({ source: 'introspection' });
    expect(await use('/b')).toMatchObject({ source: 'introspection' });
    expect(await use('/a')).toMatchObject({ source: 'cache' });
    expect(asked()).toBe(2);
  });

  it('is asked about separately for each certificate that it comes with', async () => {
    const { issuer, verifier, asked } = setUp(ALWAYS_FRESH);
    await verifier.ready();
    const key = issuer.apiKey();
    for (const certificateThumbprint of ['a', 'b', undefined]) {
      await verifier.verify(key, { context: { certificateThumbprint } });
      await verifier.verify(key, { context: { certificateThumbprint } });
    }
    expect(asked()).toBe(3);
  });

  it.each([
    ['for others', { audience: ['https://other.test'] }, { status: 401, code: 'wrong_audience' }],
    ['for us among others', { audience: ['https://other.test', 'https://api.test'] }, { ok: true }],
    ['for anybody', { audience: [] }, { ok: true }],
  ])('that is %s is answered accordingly', async (_, overrides, expected) => {
    const { issuer, counting, verifier } = setUp();
    const key = issuer.apiKey();
    counting.overrides.set('/introspect', async (url, init) => {
      const body = (await (await issuer.fetch(url, init)).json()) as { principal: object };
      return Response.json({ ...body, principal: { ...body.principal, ...overrides } });
    });
    expect(await verifier.verify(key)).toMatchObject(expected);
  });

  it('needs the scopes of each use', async () => {
    const { issuer, verifier } = setUp(ALWAYS_FRESH);
    const key = issuer.apiKey({ principal: { scopes: ['a', 'b'] } });
    expect(await verifier.verify(key, { scopes: ['a', 'b'] })).toMatchObject({ ok: true });
    expect(await verifier.verify(key, { scopes: ['a', 'c'] })).toMatchObject({
      status: 403,
      code: 'insufficient_scope',
      challenge: 'Bearer realm="https://api.test", error="insufficient_scope", scope="a c"',
    });
  });

  it('is bound to nothing, so that it is refused under the scheme DPoP', async () => {
    const { issuer, verifier } = setUp();
    const result = await verifier.verify(issuer.apiKey(), { context: { scheme: 'DPoP' } });
    expect(result).toMatchObject({ status: 401, code: 'binding_unproven' });
  });

  it('that nobody knows is remembered for a moment as that, and not longer', async () => {
    const { issuer, clock, verifier, asked } = setUp();
    const key = createTestIssuer().apiKey();
    expect(await verifier.verify(key)).toMatchObject({ status: 401, code: 'inactive' });
    expect(await verifier.verify(key)).toMatchObject({ status: 401, code: 'inactive' });
    expect(asked()).toBe(1);
    clock.advance(2001);
    await verifier.verify(key);
    expect(asked()).toBe(2);
    expect(issuer.issuer).toBe('https://auth.test');
  });

  it.each([
    '',
    'x',
    'cs_live_',
    'cs_refresh_abc',
    `cs_live_${'a'.repeat(70)}`,
    `cs_live_${'-'.repeat(69)}`,
  ])('that is none by its form costs no question: %s', async (text) => {
    const { verifier, asked } = setUp();
    expect(await verifier.verify(text)).toMatchObject({ status: 401, code: 'unrecognised' });
    expect(asked()).toBe(0);
  });

  it('cannot be accepted without a credential of our own, and says so', async () => {
    const { issuer, verifier } = setUp({ credential: undefined, ...ALWAYS_FRESH });
    expect(await verifier.verify(issuer.apiKey())).toMatchObject({ code: 'unrecognised' });
  });
});
