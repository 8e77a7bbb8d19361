import { describe, expect, it } from '@jest/globals';
import { CountingFetch } from '../../test/counting-fetch.js';
import { eventually } from '../../test/eventually.js';
import { ManualClock } from '../../test/manual-clock.js';
import { told } from '../../test/told.js';
import { verifierOf } from '../../test/verifiers.js';
import { createTestIssuer } from '../testing/create-test-issuer.js';
import type { VerifierOptions } from '../verifier-options.js';

function setUp(options: Partial<VerifierOptions> = {}) {
  const issuer = createTestIssuer();
  const clock = new ManualClock();
  const counting = new CountingFetch(issuer.fetch);
  const verifier = verifierOf(issuer, { clock, fetch: counting.fetch, ...options });
  return { issuer, clock, counting, verifier };
}

const WITHOUT_CREDENTIAL = { credential: undefined, staleness: { policy: 'continue' } } as const;

describe('a token of ours', () => {
  it('is verified once, and its result made once', async () => {
    const { issuer, verifier } = setUp();
    await verifier.ready();
    const token = issuer.token({ scopes: ['read'] });
    const first = await verifier.verify(token);
    expect(first).toMatchObject({ ok: true, source: 'local', principal: { scopes: ['read'] } });
    expect(await verifier.verify(`${token}`)).toBe(first);
    expect(Object.isFrozen(first.ok && first.principal.scopes)).toBe(true);
  });

  it('is known by the whole of its text: no other is taken for it, whichever character differs', async () => {
    const { issuer, verifier } = setUp(WITHOUT_CREDENTIAL);
    await verifier.ready();
    const token = issuer.token();
    const first = await verifier.verify(token);
    expect(first.ok).toBe(true);
    for (let at = 0; at < token.length; at += 1) {
      const other = token[at] === 'A' ? 'B' : 'A';
      const result = await verifier.verify(token.slice(0, at) + other + token.slice(at + 1));
      expect([at, result.ok]).toEqual([at, false]);
    }
    for (const other of [`${token} `, ` ${token}`, `${token}A`, token.slice(1), token.slice(-9)]) {
      expect(await verifier.verify(other)).toMatchObject({ ok: false });
    }
    expect(await verifier.verify(token)).toBe(first);
  });

  it('is forgotten when as many others came after it as are remembered', async () => {
    const { issuer, verifier } = setUp({ ...WITHOUT_CREDENTIAL, tokenCacheSize: 3 });
    await verifier.ready();
    const [token, ...others] = Array.from({ length: 4 }, () => issuer.token());
    const first = await verifier.verify(token ?? '');
    for (const other of others) {
      expect(await verifier.verify(token ?? '')).toBe(first);
      expect(await verifier.verify(other)).toMatchObject({ ok: true });
    }
    expect(await verifier.verify(token ?? '')).toBe(first);
    for (let turn = 0; turn < 3; turn += 1) await verifier.verify(issuer.token());
    const anew = await verifier.verify(token ?? '');
    expect(anew).toEqual(first);
    expect(anew).not.toBe(first);
  });

  it('costs no question when it is forged, whatever the policy', async () => {
    const { issuer, verifier, counting } = setUp();
    await verifier.ready();
    const token = issuer.token();
    const forged = `${token.slice(0, -8)}AAAAAAAA`;
    expect(await verifier.verify(forged)).toMatchObject({ status: 401, code: 'bad_signature' });
    const ofAnother = createTestIssuer().token();
    expect(await verifier.verify(ofAnother)).toMatchObject({ code: 'unknown_signing_key' });
    expect(counting.count('/introspect')).toBe(0);
  });

  it('is looked up anew by its key once the feed says that another key was compromised', async () => {
    const { issuer, clock, verifier, counting } = setUp();
    await verifier.ready();
    const ofAnother = createTestIssuer().token();
    const fetched = async () => {
      expect(await verifier.verify(ofAnother)).toMatchObject({ status: 401 });
      return counting.count('/.well-known/jwks.json');
    };
    expect(await fetched()).toBe(1);
    issuer.publish({ type: 'kid', id: 'compromised' });
    await eventually(() => expect(verifier.staleness().entries).toBe(1));
    clock.advance(1);
    expect(await fetched()).toBe(2);
    expect(await fetched()).toBe(2);
  });

  it.each<[string, Parameters<ReturnType<typeof createTestIssuer>['token']>[1], string]>([
    ['for somebody else', { aud: 'https://other.test' }, 'wrong_audience'],
    ['for the issuer', { aud: 'https://auth.test' }, 'wrong_audience'],
    ['expired', { exp: 1 }, 'expired'],
    ['not begun', { nbf: 9_000_000_000 }, 'not_yet_valid'],
    ['bound to a key', { cnf: { jkt: 'a'.repeat(43) } }, 'binding_unproven'],
    ['restricted', { restrictions: { ips: ['10.0.0.0/8'] } }, 'ip_not_allowed'],
    ['of another shape', { name: 1 }, 'malformed_claims'],
  ])('is refused when it is %s', async (_, claims, code) => {
    const { issuer, verifier, counting } = setUp();
    await verifier.ready();
    expect(await verifier.verify(issuer.token({}, claims))).toMatchObject({ status: 401, code });
    expect(counting.count('/introspect')).toBe(0);
  });

  it('is refused at each use for what it is used for, also when it is remembered', async () => {
    const { issuer, clock, verifier } = setUp(WITHOUT_CREDENTIAL);
    const restrictions = { ips: ['10.0.0.0/8'], methods: ['GET'] };
    const token = issuer.token({ scopes: ['read'] }, { restrictions });
    const use = (ip: string, method: string, scopes?: string) =>
      verifier.verify(token, { scopes, context: { ip, method } });
    expect(await use('10.1.2.3', 'GET', 'read')).toMatchObject({ ok: true });
    expect(await use('11.1.2.3', 'GET')).toMatchObject({ code: 'ip_not_allowed' });
    expect(await use('10.1.2.3', 'POST')).toMatchObject({ code: 'method_not_allowed' });
    expect(await use('10.1.2.3', 'GET', 'write')).toMatchObject({
      status: 403,
      challenge: 'Bearer realm="https://api.test", error="insufficient_scope", scope="write"',
    });
    clock.advance(306_000);
    expect(await use('10.1.2.3', 'GET')).toMatchObject({ code: 'expired' });
  });

  it('is refused once its key is not published any more, also when it is remembered', async () => {
    const { issuer, clock, counting, verifier } = setUp(WITHOUT_CREDENTIAL);
    const token = issuer.token({}, { exp: 9_000_000_000 });
    expect(await verifier.verify(token)).toMatchObject({ ok: true });
    counting.overrides.set('/.well-known/jwks.json', async () => Response.json({ keys: [] }));
    clock.advance(601_000);
    expect(await verifier.verify(token)).toMatchObject({ code: 'unknown_signing_key' });
  });

  it('is neither good nor bad while the keys cannot be had', async () => {
    const { issuer, verifier } = setUp(WITHOUT_CREDENTIAL);
    issuer.setUnreachable(true);
    expect(await verifier.verify(issuer.token())).toMatchObject({ status: 503, reason: 'keys' });
  });

  describe.each(['introspect', 'refuse', 'continue'] as const)('under the policy %s', (policy) => {
    const options = { staleness: { policy } };

    it('is refused for good once it was revoked', async () => {
      const { issuer, verifier, counting } = setUp(options);
      await verifier.ready();
      const token = issuer.token();
      expect(await verifier.verify(token)).toMatchObject({ ok: true });
      issuer.revoke(token);
      await told(issuer, verifier);
      expect(await verifier.verify(token)).toMatchObject({
        status: 401,
        code: 'credential_revoked',
        challenge: 'Bearer realm="https://api.test", error="invalid_token"',
      });
      expect(counting.count('/introspect')).toBe(0);
    });

    it('is what the service says once it was narrowed, or refused where nobody is asked', async () => {
      const { issuer, clock, verifier, counting } = setUp(options);
      await verifier.ready();
      const token = issuer.token({ scopes: ['read', 'write'] });
      issuer.narrow(token, ['read']);
      await told(issuer, verifier);
      clock.advance(1);
      const result = await verifier.verify(token);
      if (policy === 'introspect') {
        expect(result).toMatchObject({
          ok: true,
          source: 'introspection',
          principal: { scopes: ['read'] },
        });
        expect(await verifier.verify(token)).toMatchObject({ source: 'cache' });
        expect(counting.count('/introspect')).toBe(1);
      } else {
        expect(result).toMatchObject({ status: 401, code: 'credential_changed' });
        expect(counting.count('/introspect')).toBe(0);
      }
    });

    it('is accepted when it was issued after what the feed says of it', async () => {
      const { issuer, verifier } = setUp(options);
      const principal = issuer.principal();
      issuer.publish({ type: 'principal', id: principal.subject, final: false });
      await verifier.ready();
      expect(await verifier.verify(issuer.token(principal))).toMatchObject({ source: 'local' });
    });

    it('is not accepted on the word of a feed that is older than the limit', async () => {
      const { issuer, clock, verifier, counting } = setUp(options);
      await verifier.ready();
      const token = issuer.token();
      expect(await verifier.verify(token)).toMatchObject({ source: 'local' });
      // Between heartbeats, and before the stream is opened anew.
      clock.advance(3000);
      const result = await verifier.verify(token);
      const expected = {
        introspect: { ok: true, source: 'introspection' },
        refuse: { status: 503, code: 'unavailable', reason: 'stale', retryAfterSeconds: 1 },
        continue: { ok: true, source: 'local' },
      };
      expect(result).toMatchObject(expected[policy]);
      expect(counting.count('/introspect')).toBe(policy === 'introspect' ? 1 : 0);
    });

    it('is not accepted from before the machine was suspended', async () => {
      const { issuer, clock, verifier } = setUp(options);
      await verifier.ready();
      const token = issuer.token();
      expect(await verifier.verify(token)).toMatchObject({ source: 'local' });
      clock.suspend(3000);
      const result = await verifier.verify(token);
      expect(result).toMatchObject(policy === 'continue' ? { source: 'local' } : {});
      if (policy !== 'continue') expect(result).not.toMatchObject({ source: 'local' });
    });

    it('is refused once a token that it came of is revoked', async () => {
      const { issuer, verifier } = setUp(options);
      await verifier.ready();
      const token = issuer.token({}, { derived_from: ['parent'] });
      expect(await verifier.verify(token)).toMatchObject({ source: 'local' });
      issuer.publish({ type: 'jti', id: 'parent' });
      await told(issuer, verifier);
      expect(await verifier.verify(token)).toMatchObject({ code: 'credential_revoked' });
    });

    it('begins to be refused at the time that the feed has told before', async () => {
      const { issuer, clock, verifier } = setUp(options);
      await verifier.ready();
      const token = issuer.token();
      const effective_at = Math.floor(clock.wallMs() / 1000) + 1;
      issuer.publish({ type: 'principal', id: '*', effective_at });
      const subject = await verifier.verify(token);
      if (!subject.ok) throw new Error(subject.code);
      issuer.publish({ type: 'principal', id: subject.principal.subject, effective_at });
      await told(issuer, verifier);
      expect(await verifier.verify(token)).toMatchObject({ ok: true });
      clock.advance(2000);
      expect(await verifier.verify(token)).toMatchObject({ code: 'credential_revoked' });
    });
  });

  it('is unavailable when it is stale and nobody answers, and good again after the outage', async () => {
    const { issuer, clock, verifier } = setUp();
    await verifier.ready();
    const token = issuer.token();
    expect(await verifier.verify(token)).toMatchObject({ ok: true });
    issuer.setUnreachable(true);
    clock.advance(1500);
    expect(await verifier.verify(token)).toMatchObject({ status: 503, reason: 'introspection' });
    issuer.setUnreachable(false);
    await verifier.ready();
    expect(await verifier.verify(token)).toMatchObject({ source: 'local' });
  });

  it('is not known after the verifier was closed', async () => {
    const { issuer, verifier } = setUp();
    const token = issuer.token();
    await verifier.close();
    expect(await verifier.verify(token)).toMatchObject({ status: 503, reason: 'closed' });
  });
});
