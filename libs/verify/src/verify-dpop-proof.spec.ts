import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { CLIENT_SIGNING_ALGORITHMS } from '@countersign/contracts';
import { base64url, calculateJwkThumbprint, exportJWK, type JWK, SignJWT } from 'jose';
import { athOf, createDpopClient, METHOD, URL_OF_REQUEST } from '../test/dpop-client.js';
import { THUMBPRINT_VECTOR } from '../test/rfc-vectors.js';
import { DPOP_VECTORS } from '../test/rfc9449-vectors.js';
import { NOW } from '../test/signer.js';
import { type DpopRequest, type DpopTimeliness, verifyDpopProof } from './verify-dpop-proof.js';

const TOKEN = 'a.b.c';
const client = await createDpopClient();

const verify = (
  proof: DpopRequest['proof'],
  request: Partial<DpopRequest> = {},
  timeliness: Partial<DpopTimeliness> = {},
) =>
  verifyDpopProof(
    { proof, method: METHOD, url: URL_OF_REQUEST, ...request },
    { nowSeconds: NOW, ...timeliness },
  );

async function expectInvalid(answer: ReturnType<typeof verify>, detail: string): Promise<void> {
  expect(await answer).toEqual({
    ok: false,
    code: 'invalid_dpop_proof',
    detail: expect.stringContaining(detail),
  });
}

describe('the examples of RFC 9449', () => {
  it.each([DPOP_VECTORS.atTokenEndpoint, DPOP_VECTORS.atResource])(
    'are verified: $request.method $request.url',
    async ({ request, proof, jti, iat }) => {
      expect(await verify(proof, request, { nowSeconds: iat })).toEqual({
        ok: true,
        jkt: DPOP_VECTORS.jkt,
        jti,
        nonce: undefined,
        issuedAt: iat,
      });
    },
  );

  it('hold for no other token, method or URL', async () => {
    const { request, proof, iat } = DPOP_VECTORS.atResource;
    const at = { nowSeconds: iat };
    await expectInvalid(verify(proof, { ...request, accessToken: 'x' }, at), 'ath');
    await expectInvalid(verify(proof, { ...request, method: 'POST' }, at), 'htm');
    await expectInvalid(verify(proof, { ...request, url: `${request.url}/x` }, at), 'htu');
  });
});

describe('verifyDpopProof', () => {
  it.each([...CLIENT_SIGNING_ALGORITHMS])('accepts a proof that %s signed', async (alg) => {
    const { prove, jkt } = await createDpopClient(alg);
    expect(await verify(await prove())).toMatchObject({ ok: true, jkt });
  });

  it('names the key by its RFC 7638 thumbprint, whatever else its jwk says', async () => {
    const { jwk, thumbprint } = THUMBPRINT_VECTOR;
    expect(await calculateJwkThumbprint(jwk as JWK)).toBe(thumbprint);
    const more = { ...client.publicJwk, kid: 'x', use: 'sig', ext: true, x5t: 'y' };
    expect(await verify(await client.prove({}, { jwk: more }))).toMatchObject({ jkt: client.jkt });
  });

  it('1: there is exactly one DPoP header', async () => {
    const [one, two] = [await client.prove(), await client.prove()];
    await expectInvalid(verify(undefined), 'missing');
    await expectInvalid(verify([one, two]), 'more than once');
    await expectInvalid(verify([one]), 'more than once');
    await expectInvalid(verify(`${one}, ${two}`), 'more than once');
  });

  it('2: it is a single well-formed JWT', async () => {
    const proof = await client.prove();
    const [header = '', claims = '', signature = ''] = proof.split('.');
    const members = Buffer.from(claims, 'base64url').toString().slice(1);
    const twice = base64url.encode(`{"htm":"GET",${members}`);
    const malformed = [
      ...['', 'x', '..', 'e30.e30', `${header}.${claims}`, `${proof}.`, `${proof}.x`, ` ${proof}`],
      ...[`${header}=.${claims}.${signature}`, `${header}.W10.${signature}`, 'x'.repeat(8_193)],
      `${header}.${twice}.${signature}`,
    ];
    for (const text of malformed) await expectInvalid(verify(text), 'not a JWT');
  });

  it('2: it is refused like any other when it is nested as deep as its length allows', async () => {
    const [, claims = '', signature = ''] = (await client.prove()).split('.');
    const depth = 2950;
    const header = base64url.encode(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`);
    await expectInvalid(verify(`${header}.${claims}.${signature}`), 'typ');
  });

  it.each(['jti', 'htm', 'htu', 'iat'])(
    '3: it has the claim %s, of the right type',
    async (name) => {
      for (const value of [undefined, null, {}, [], true]) {
        await expectInvalid(verify(await client.prove({ [name]: value })), name);
      }
    },
  );

  it('3: its jti is neither empty nor beyond bounds', async () => {
    await expectInvalid(verify(await client.prove({ jti: '' })), 'jti');
    await expectInvalid(verify(await client.prove({ jti: 'x'.repeat(257) })), 'jti');
    expect(await verify(await client.prove({ jti: 'x'.repeat(256) }))).toMatchObject({ ok: true });
  });

  it.each([undefined, 'JWT', 'at+jwt', 'DPOP+JWT', 'application/dpop+jwt', 7])(
    '4: its typ is dpop+jwt, not %j',
    async (typ) => {
      await expectInvalid(verify(await client.prove({}, { typ })), 'typ');
    },
  );

  it('5: its alg is asymmetric, supported, and one for its key', async () => {
    const [, claims, signature] = (await client.prove()).split('.');
    for (const alg of ['none', 'HS256', 'ES384', 'RS256', 'ES256K', 'es256', undefined]) {
      const header = { typ: 'dpop+jwt', alg, jwk: client.publicJwk };
      const proof = `${base64url.encode(JSON.stringify(header))}.${claims}.${signature}`;
      await expectInvalid(verify(proof), 'alg');
    }
  });

  it('6: its signature holds under its jwk', async () => {
    const other = await createDpopClient();
    await expectInvalid(verify(await client.prove({}, { jwk: other.publicJwk })), 'signature');
    const proof = await client.prove();
    const [header, , signature] = proof.split('.');
    const [, claims] = (await client.prove({ jti: 'another' })).split('.');
    await expectInvalid(verify(`${header}.${claims}.${signature}`), 'signature');
  });

  it('6: nothing about it needs an extension that is not understood (RFC 7515 §4.1.11)', async () => {
    const jwk = client.publicJwk;
    const header = { typ: 'dpop+jwt', alg: 'ES256', jwk, crit: ['x'], x: 1 };
    const [, claims, signature] = (await client.prove()).split('.');
    const proof = `${base64url.encode(JSON.stringify(header))}.${claims}.${signature}`;
    await expectInvalid(verify(proof), 'signature');
  });

  it('7: its jwk has no private part', async () => {
    const jwk = await exportJWK(client.privateKey);
    expect(jwk.d).toBeDefined();
    await expectInvalid(verify(await client.prove({}, { jwk })), 'jwk');
  });

  it('7: its jwk is there, of a supported type, and strong', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const weak = publicKey.export({ format: 'jwk' });
    const symmetric = { kty: 'oct', k: 'AAAA' };
    const offCurve = { ...client.publicJwk, y: client.publicJwk.x };
    for (const jwk of [undefined, null, 'x', symmetric, weak]) {
      await expectInvalid(verify(await client.prove({}, { jwk })), 'jwk');
    }
    await expectInvalid(verify(await client.prove({}, { jwk: offCurve })), 'signature');
  });

  it('8: its htm is the method, compared exactly (RFC 9110 §9.1)', async () => {
    await expectInvalid(verify(await client.prove({ htm: 'POST' })), 'htm');
    await expectInvalid(verify(await client.prove({ htm: 'get' })), 'htm');
  });

  it.each([
    'https://api.example.com/orders?page=2',
    'https://api.example.com/orders#top',
    'HTTPS://API.example.com:443/orders',
    'https://api.example.com/x/../orders',
    'https://api.example.com/%6Frders',
  ])('9: its htu may be %s: query, fragment and spelling do not count', async (htu) => {
    expect(await verify(await client.prove({ htu }))).toMatchObject({ ok: true });
    const request = { url: `${URL_OF_REQUEST}?page=3` };
    expect(await verify(await client.prove({ htu }), request)).toMatchObject({ ok: true });
  });

  it.each([
    'https://api.example.com/Orders',
    'https://api.example.com/orders/',
    'https://api.example.com/orders%2F',
    'https://api.example.com:8443/orders',
    'http://api.example.com/orders',
    'https://api.example.com.evil.example/orders',
    'https://user@api.example.com/orders',
    '/orders',
    'orders',
    '',
  ])('9: its htu is not %j', async (htu) => {
    await expectInvalid(verify(await client.prove({ htu })), 'htu');
  });

  it('10: it bears a nonce that the server takes, where the server gives them', async () => {
    const isNonceValid = (nonce: string) => nonce === 'ours';
    const needed = { ok: false, code: 'use_dpop_nonce' };
    for (const nonce of [undefined, 'theirs', '', 7, null]) {
      const proof = await client.prove({ nonce });
      expect(await verify(proof, {}, { isNonceValid })).toMatchObject(needed);
    }
    const proof = await client.prove({ nonce: 'ours' });
    expect(await verify(proof, {}, { isNonceValid })).toMatchObject({ ok: true, nonce: 'ours' });
  });

  it('11: it is recent by its iat, either way', async () => {
    expect(await verify(await client.prove({ iat: NOW - 60 }))).toMatchObject({ ok: true });
    expect(await verify(await client.prove({ iat: NOW + 5 }))).toMatchObject({ ok: true });
    await expectInvalid(verify(await client.prove({ iat: NOW - 61 })), 'iat');
    await expectInvalid(verify(await client.prove({ iat: NOW + 6 })), 'iat');
    const old = await client.prove({ iat: NOW - 299 });
    expect(await verify(old, {}, { maxAgeSeconds: 300 })).toMatchObject({ ok: true });
    await expectInvalid(verify(await client.prove(), {}, { nowSeconds: Number.NaN }), 'iat');
  });

  it('11: it is recent by the nonce, and then the clock of the client does not matter', async () => {
    const isNonceValid = () => true;
    for (const iat of [0, NOW - 86_400, NOW + 86_400]) {
      const proof = await client.prove({ iat, nonce: 'x' });
      expect(await verify(proof, {}, { isNonceValid })).toMatchObject({ ok: true });
    }
  });

  it('12: it is for the token that it comes with', async () => {
    const request = { accessToken: TOKEN };
    const proof = await client.prove({ ath: athOf(TOKEN) });
    expect(await verify(proof, request)).toMatchObject({ ok: true, jkt: client.jkt });
    await expectInvalid(verify(await client.prove({ ath: athOf('x') }), request), 'ath');
    await expectInvalid(verify(await client.prove({ ath: TOKEN }), request), 'ath');
    await expectInvalid(verify(await client.prove(), request), 'ath');
  });

  it('tells first what can be told without cryptography', async () => {
    const foreign = await new SignJWT({ jti: 'x', htm: 'PUT', htu: URL_OF_REQUEST, iat: NOW })
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: client.publicJwk })
      .sign((await createDpopClient()).privateKey);
    await expectInvalid(verify(foreign), 'htm');
  });
});
