import { describe, expect, it } from '@jest/globals';
import { athOf, createDpopClient } from '../test/dpop-client.js';
import { verifierOf } from '../test/verifiers.js';
import { createTestIssuer } from './testing/create-test-issuer.js';
import type { VerifierOptions } from './verifier-options.js';

const BASE = 'https://api.test/base';

async function setUp(options: Partial<VerifierOptions> = {}) {
  const issuer = createTestIssuer();
  const verifier = verifierOf(issuer, { dpop: { baseUrl: BASE }, ...options });
  const client = await createDpopClient();
  const token = issuer.token({}, { cnf: { jkt: client.jkt } });
  const iat = Math.floor(Date.now() / 1000);
  const htu = `${BASE}/orders`;
  const prove = (claims: object = {}) =>
    client.prove({ ath: athOf(token), htm: 'GET', htu, iat, ...claims });
  const request = async (proof: string | undefined, url = '/orders?page=2', method = 'GET') =>
    verifier.verify({
      headers: { authorization: `DPoP ${token}`, ...(proof !== undefined && { dpop: proof }) },
      url,
      method,
    });
  return { issuer, verifier, token, prove, request, client };
}

const REFUSED = { ok: false, status: 401, code: 'invalid_dpop_proof' };

describe('a request', () => {
  it('is verified as Node, Express and the web have it', async () => {
    const issuer = createTestIssuer();
    const verifier = verifierOf(issuer);
    const restrictions = { ips: ['10.0.0.0/8'], methods: ['GET'], paths: ['/v1/orders'] };
    const token = issuer.token({}, { restrictions });
    const headers = { authorization: `Bearer ${token}` };
    const express = {
      headers,
      method: 'GET',
      url: '/orders',
      originalUrl: '/v1/orders?a=b',
      ip: '10.0.0.1',
    };
    expect(await verifier.verify(express)).toMatchObject({ ok: true });
    const web = new Request('https://api.test/v1/orders?a=b', { headers });
    expect(await verifier.verify(web)).toMatchObject({ code: 'ip_not_allowed' });
    expect(await verifier.verify(web, { context: { ip: '10.0.0.1' } })).toMatchObject({ ok: true });
    const elsewhere = { ...express, originalUrl: '/v2/orders' };
    expect(await verifier.verify(elsewhere)).toMatchObject({ code: 'path_not_allowed' });
  });

  it('without a credential, or with two, is answered as RFC 6750 has it', async () => {
    const issuer = createTestIssuer();
    const verifier = verifierOf(issuer);
    expect(await verifier.verify({ headers: {} })).toMatchObject({
      status: 401,
      code: 'no_credential',
      challenge: 'Bearer realm="https://api.test"',
    });
    const two = { authorization: `Bearer ${issuer.token()}`, 'x-api-key': issuer.apiKey() };
    expect(await verifier.verify({ headers: two })).toMatchObject({
      ok: false,
      status: 400,
      code: 'invalid_request',
    });
  });
});

describe('a request with a DPoP proof', () => {
  it('is accepted with a token that is bound to the key of the proof', async () => {
    const { prove, request } = await setUp();
    expect(await request(await prove())).toMatchObject({ ok: true, source: 'local' });
  });

  it.each<[string, object]>([
    ['another token', { ath: athOf('another') }],
    ['no token', { ath: undefined }],
    ['another URL', { htu: 'https://api.test/orders' }],
    ['another host', { htu: 'https://evil.test/base/orders' }],
    ['another method', { htm: 'POST' }],
    ['a minute ago', { iat: Math.floor(Date.now() / 1000) - 90 }],
  ])('is refused when the proof was made for %s', async (_, claims) => {
    const { prove, request } = await setUp();
    expect(await request(await prove(claims))).toMatchObject(REFUSED);
  });

  it('is refused without a proof, with two, and with one of another key', async () => {
    const { prove, request, token } = await setUp();
    expect(await request(undefined)).toMatchObject(REFUSED);
    expect(await request(`${await prove()}, ${await prove()}`)).toMatchObject(REFUSED);
    const thief = await createDpopClient();
    const claims = { ath: athOf(token), htm: 'GET', htu: `${BASE}/orders` };
    const proof = await thief.prove({ ...claims, iat: Math.floor(Date.now() / 1000) });
    expect(await request(proof)).toMatchObject({ status: 401, code: 'binding_unproven' });
  });

  it('is accepted once with one proof, and a refused credential spends none', async () => {
    const { prove, request, issuer, verifier, token } = await setUp();
    const proof = await prove();
    const first = await verifier.verify(
      { headers: { authorization: `DPoP ${token}`, dpop: proof }, method: 'GET', url: '/orders' },
      { scopes: 'none.has.it' },
    );
    expect(first).toMatchObject({ status: 403 });
    expect(await request(proof)).toMatchObject({ ok: true });
    expect(await request(proof)).toMatchObject(REFUSED);
    expect(issuer.audience).toBe('https://api.test');
  });

  it('that is bound is refused as a bearer token', async () => {
    const { verifier, token } = await setUp();
    expect(await verifier.verify(token)).toMatchObject({ status: 401, code: 'binding_unproven' });
  });

  it('is refused where the verifier was not told its own URL', async () => {
    const { prove, request } = await setUp({ dpop: undefined });
    expect(await request(await prove())).toMatchObject({ status: 401, code: 'binding_unproven' });
  });

  it('is told to use a nonce where there are nonces, and gets the next one in time', async () => {
    const nonces = { current: () => 'n2', isValid: (nonce: string) => nonce.startsWith('n') };
    const { prove, request } = await setUp({ dpop: { baseUrl: BASE, nonces } });
    expect(await request(await prove())).toMatchObject({ code: 'use_dpop_nonce', dpopNonce: 'n2' });
    const older = await request(await prove({ nonce: 'n1' }));
    expect(older).toMatchObject({ ok: true, dpopNonce: 'n2' });
    expect(await request(await prove({ nonce: 'n2' }))).not.toHaveProperty('dpopNonce');
  });

  it('cannot be told from a repetition once memory is full', async () => {
    const { prove, request } = await setUp({ dpop: { baseUrl: BASE, replayMemory: 1 } });
    expect(await request(await prove())).toMatchObject({ ok: true });
    expect(await request(await prove())).toMatchObject({ status: 503, reason: 'dpop' });
  });
});

describe('a token that is bound to a certificate', () => {
  it('is accepted with that certificate only (RFC 8705 §3)', async () => {
    const issuer = createTestIssuer();
    const verifier = verifierOf(issuer);
    const thumbprint = `${'a'.repeat(42)}A`;
    const token = issuer.token({}, { cnf: { 'x5t#S256': thumbprint } });
    const use = (certificateThumbprint: string | undefined) =>
      verifier.verify(token, { context: { certificateThumbprint } });
    expect(await use(thumbprint)).toMatchObject({ ok: true });
    expect(await use(`${'b'.repeat(42)}A`)).toMatchObject({ code: 'binding_unproven' });
    expect(await use(undefined)).toMatchObject({ code: 'binding_unproven' });
  });
});
