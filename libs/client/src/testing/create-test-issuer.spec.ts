import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../test/eventually.js';
import type { Verifier } from '../verifier.js';
import { createTestIssuer } from './create-test-issuer.js';

const verifiers: Verifier[] = [];

function setUp(...args: Parameters<typeof createTestIssuer>) {
  const issuer = createTestIssuer(...args);
  const verifier = issuer.createVerifier();
  verifiers.push(verifier);
  return { issuer, verifier };
}

afterEach(async () => {
  await Promise.all(verifiers.splice(0).map((verifier) => verifier.close()));
});

describe('createTestIssuer', () => {
  it('issues tokens and keys that a verifier accepts, of the same principal', async () => {
    const { issuer, verifier } = setUp();
    const principal = issuer.principal({ name: 'Ada', scopes: ['read:users'] });
    const byToken = await verifier.verify(issuer.token(principal));
    const byKey = await verifier.verify(issuer.apiKey({ principal }));
    if (!byToken.ok || !byKey.ok) throw new Error(JSON.stringify([byToken, byKey]));
    const { credential: _, audience: __, ...ofToken } = byToken.principal;
    const { credential: ___, audience: ____, ...ofKey } = byKey.principal;
    expect(ofToken).toEqual(ofKey);
    expect(ofToken).toMatchObject({ name: 'Ada', scopes: ['read:users'], metadata: {} });
    expect([byToken.source, byKey.source]).toEqual(['local', 'introspection']);
  });

  it('revokes what it issued, and a verifier that was ready knows', async () => {
    const { issuer, verifier } = setUp();
    await verifier.ready();
    for (const credential of [issuer.token(), issuer.apiKey()]) {
      expect(await verifier.verify(credential)).toMatchObject({ ok: true });
      issuer.revoke(credential);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(await verifier.verify(credential)).toMatchObject({ ok: false, status: 401 });
    }
  });

  it('narrows what it issued: a scope that is left is enough, another is not', async () => {
    const { issuer, verifier } = setUp();
    await verifier.ready();
    const token = issuer.token({ scopes: ['read', 'write'] });
    expect(await verifier.verify(token, { scopes: 'write' })).toMatchObject({ ok: true });
    issuer.narrow(token, ['read']);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await verifier.verify(token, { scopes: 'write' })).toMatchObject({ status: 403 });
    expect(await verifier.verify(token, { scopes: 'read' })).toMatchObject({
      ok: true,
      principal: { scopes: ['read'] },
    });
  });

  it('cannot be told apart from an outage while it is unreachable', async () => {
    const { issuer, verifier } = setUp();
    issuer.setUnreachable(true);
    expect(await verifier.verify(issuer.apiKey())).toMatchObject({ status: 503 });
    issuer.setUnreachable(false);
    await verifier.ready();
    await eventually(() => expect(verifier.staleness().fresh).toBe(true));
  });
});
