import { describe, expect, it } from '@jest/globals';
import { CountingFetch } from '../../test/counting-fetch.js';
import { eventually } from '../../test/eventually.js';
import { ManualClock } from '../../test/manual-clock.js';
import { verifierOf } from '../../test/verifiers.js';
import { createTestIssuer } from '../testing/create-test-issuer.js';
import { createTokenSource, type TokenSourceOptions } from './create-token-source.js';
import { exchange } from './exchange.js';

const TOKEN = '/token';

function setUp(options: Partial<TokenSourceOptions> = {}) {
  const issuer = createTestIssuer();
  const counting = new CountingFetch(issuer.fetch);
  const clock = new ManualClock();
  const credential = issuer.apiKey({ principal: { scopes: ['read'] } });
  const settings = { issuer: issuer.issuer, credential, fetch: counting.fetch, clock };
  const source = createTokenSource({ ...settings, ...options });
  return { issuer, counting, clock, source, settings };
}

const failing =
  (status: number, body: object = {}) =>
  async () =>
    Response.json(body, { status });

describe('createTokenSource', () => {
  it('gives a token that a backend accepts, asked for once however many wait', async () => {
    const { issuer, counting, source } = setUp();
    const tokens = await Promise.all(Array.from({ length: 20 }, () => source.token()));
    expect(new Set(tokens).size).toBe(1);
    expect(counting.count(TOKEN)).toBe(1);
    expect(await verifierOf(issuer).verify(await source.token())).toMatchObject({
      ok: true,
      principal: { scopes: ['read'] },
    });
  });

  it('renews ahead of the end, beside, and serves the old one meanwhile', async () => {
    const { counting, clock, source } = setUp();
    const first = await source.token();
    clock.advance(200_000);
    expect(await source.token()).toBe(first);
    expect(counting.count(TOKEN)).toBe(1);
    clock.advance(45_000);
    expect(await Promise.all([source.token(), source.token()])).toEqual([first, first]);
    await eventually(async () => expect(await source.token()).not.toBe(first));
    expect(counting.count(TOKEN)).toBe(2);
  });

  it('serves what is still good through an outage, and fails only when nothing is', async () => {
    const { issuer, clock, source } = setUp();
    const first = await source.token();
    issuer.setUnreachable(true);
    clock.advance(280_000);
    expect(await source.token()).toBe(first);
    clock.advance(16_000);
    await eventually(async () => {
      await expect(source.token()).rejects.toMatchObject({ name: 'TokenUnavailable' });
    });
    issuer.setUnreachable(false);
    clock.advance(1001);
    expect(await source.token()).not.toBe(first);
  });

  it('counts a token’s life while the machine is suspended', async () => {
    const { clock, source } = setUp();
    const first = await source.token();
    clock.suspend(400_000);
    expect(await source.token()).not.toBe(first);
  });

  it('tells a refusal from an outage', async () => {
    const { counting, source } = setUp();
    const refusal = { error: 'invalid_scope', error_description: 'no such scope' };
    counting.overrides.set(TOKEN, failing(400, refusal));
    await expect(source.token()).rejects.toMatchObject({
      name: 'TokenRefused',
      code: 'invalid_scope',
      status: 400,
      description: 'no such scope',
    });
    expect(counting.count(TOKEN)).toBe(1);
  });

  it.each([500, 503])(
    'asks again after %d, and then says that it is unavailable',
    async (status) => {
      const { counting, source } = setUp();
      counting.overrides.set(TOKEN, failing(status, { error: 'temporarily_unavailable' }));
      await expect(source.token()).rejects.toMatchObject({ name: 'TokenUnavailable' });
      expect(counting.count(TOKEN)).toBe(3);
    },
  );

  it('does not ask in a loop while it fails', async () => {
    const { counting, source } = setUp();
    counting.overrides.set(TOKEN, failing(401, { error: 'invalid_client' }));
    for (let count = 0; count < 5; count += 1) await source.token().catch(() => {});
    expect(counting.count(TOKEN)).toBe(1);
  });

  it('asks for the audience and scope that it is for', async () => {
    const forms: string[] = [];
    const { counting, issuer, source } = setUp({
      audience: ['https://a', 'https://b'],
      scope: ['x', 'y'],
    });
    counting.overrides.set(TOKEN, (url, init) => {
      forms.push((init.body as URLSearchParams).toString());
      return issuer.fetch(url, init);
    });
    await source.token();
    expect(new URLSearchParams(forms[0]).getAll('audience')).toEqual(['https://a', 'https://b']);
    expect(forms[0]).toContain('grant_type=client_credentials');
    expect(forms[0]).toContain('scope=x+y');
  });

  it.each<[string, Partial<TokenSourceOptions>]>([
    ['renewAt', { renewAt: 1.5 }],
    ['timeoutMs', { timeoutMs: 0 }],
    ['credential', { credential: '' }],
    ['https', { issuer: 'http://auth.test' }],
  ])('takes no %s that makes no sense', (name, options) => {
    expect(() => setUp(options)).toThrow(TypeError);
    expect(() => setUp(options)).toThrow(name);
  });
});

describe('exchange', () => {
  it('exchanges a token of somebody for another (RFC 8693 §2)', async () => {
    const { issuer, settings, counting } = setUp();
    let form = new URLSearchParams();
    counting.overrides.set(TOKEN, (url, init) => {
      form = init.body as URLSearchParams;
      return issuer.fetch(url, init);
    });
    const subject = { token: issuer.token({ name: 'Ada' }) };
    const token = await exchange({ ...settings, subject, audience: issuer.audience });
    expect(token).toMatchObject({ type: 'Bearer', scopes: [] });
    expect(token.expiresAtMs).toBe(settings.clock.wallMs() + 300_000);
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:token-exchange');
    expect(form.get('subject_token_type')).toBe('urn:ietf:params:oauth:token-type:access_token');
    expect(await verifierOf(issuer).verify(token.value)).toMatchObject({
      principal: { name: 'Ada' },
    });
  });

  it('says that it is unavailable when nobody answers in time', async () => {
    const { settings, counting } = setUp();
    counting.overrides.set(TOKEN, () => new Promise(() => {}));
    const asking = exchange({ ...settings, timeoutMs: 20 });
    await expect(asking).rejects.toMatchObject({ name: 'TokenUnavailable' });
  });
});
