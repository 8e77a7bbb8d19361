import { createPublicKey, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CompactEncrypt } from 'jose';
import { type Answer, asApiKey, asBearer } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest, TEST_SECRET } from './service-under-test.js';
import {
  type Claims,
  claimsOf,
  compactJws,
  es256,
  headerOf,
  hs256,
  rs256,
  rsaKeyPair,
  signingKeyOf,
} from './token-forge.js';

const INACTIVE = '{"active":false}';

let service: ServiceUnderTest;
let lure: Server;
let lureUrl: string;
let lured = 0;
let genuine: string;
let header: Claims;
let claims: Claims;
let ours: KeyObject;
let publicJwk: Record<string, string>;
const attacker = rsaKeyPair();
const attackerJwk = { ...attacker.publicKey.export({ format: 'jwk' }), kid: 'x', alg: 'RS256' };

beforeAll(async () => {
  service = await startServiceUnderTest();
  lure = createServer((_, response) => {
    lured += 1;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: [attackerJwk] }));
  });
  await new Promise<void>((resolve) => lure.listen(0, '127.0.0.1', resolve));
  lureUrl = `http://127.0.0.1:${(lure.address() as AddressInfo).port}/jwks.json`;
  genuine = await service.tokenFor(service.adminKey);
  [header, claims] = [headerOf(genuine), claimsOf(genuine)];
  ours = await signingKeyOf(service.databaseUrl, TEST_SECRET);
  publicJwk = (await service.http.get('/.well-known/jwks.json')).json.keys.find(
    (key: { kid: string }) => key.kid === header['kid'],
  );
});

afterAll(async () => {
  await service.stop();
  await new Promise((resolve) => lure.close(resolve));
});

/** Signed by our own key; `null` leaves a member out. */
function signedByUs(changed: Claims, changedHeader: Claims = {}): string {
  return compactJws(merged(header, changedHeader), merged(claims, changed), rs256(ours));
}

function signedByAttacker(changedHeader: Claims): string {
  return compactJws(merged(header, changedHeader), claims, rs256(attacker.privateKey));
}

function merged(members: Claims, changes: Claims): Claims {
  const all = Object.entries({ ...members, ...changes });
  return Object.fromEntries(all.filter(([, value]) => value !== null));
}

const now = () => Math.floor(Date.now() / 1000);

type Forgery = [title: string, code: string, make: () => string | Promise<string>];

const FORGERIES: Forgery[] = [
  [
    'alg none',
    'unsupported_algorithm',
    () => compactJws({ ...header, alg: 'none' }, claims, () => Buffer.from('x')),
  ],
  [
    'alg none without a signature',
    'malformed_token',
    () => compactJws({ ...header, alg: 'none' }, claims, () => Buffer.alloc(0)),
  ],
  [
    'alg nOnE',
    'unsupported_algorithm',
    () => compactJws({ ...header, alg: 'nOnE' }, claims, () => Buffer.from('x')),
  ],
  ['no alg', 'unsupported_algorithm', () => signedByUs({}, { alg: null })],
  ['HS256 with our public key (PEM)', 'unsupported_algorithm', () => underPublicKey(spki('pem'))],
  ['HS256 with our public key (DER)', 'unsupported_algorithm', () => underPublicKey(spki('der'))],
  [
    'HS256 with our public key (JWK)',
    'unsupported_algorithm',
    () => underPublicKey(JSON.stringify(publicJwk)),
  ],
  ['PS256, by our key', 'unsupported_algorithm', () => signedByUs({}, { alg: 'PS256' })],
  [
    'ES256 under the kid of our RSA key',
    'unsupported_algorithm',
    () => compactJws({ ...header, alg: 'ES256' }, claims, es256(ours)),
  ],
  ['another key under our kid', 'bad_signature', () => signedByAttacker({})],
  ['no signature', 'malformed_token', () => genuine.slice(0, genuine.lastIndexOf('.') + 1)],
  ["another token's claims", 'bad_signature', () => withClaims({ ...claims, jti: 'another' })],
  ['a foreign kid', 'unknown_signing_key', () => signedByAttacker({ kid: 'x' })],
  ['an unknown kid, by our key', 'unknown_signing_key', () => signedByUs({}, { kid: 'x' })],
  ['no kid, by our key', 'unknown_signing_key', () => signedByUs({}, { kid: null })],
  [
    'a kid that is a path',
    'unknown_signing_key',
    () => signedByUs({}, { kid: '../../etc/passwd' }),
  ],
  ['a kid that is SQL', 'unknown_signing_key', () => signedByUs({}, { kid: "' OR '1'='1" })],
  ['a kid that is no string', 'malformed_token', () => signedByUs({}, { kid: 1 })],
  ['jku', 'malformed_token', () => signedByAttacker({ kid: 'x', jku: lureUrl })],
  ['jku, under our kid', 'malformed_token', () => signedByAttacker({ jku: lureUrl })],
  ['jku, by our key', 'malformed_token', () => signedByUs({}, { jku: lureUrl })],
  ['x5u', 'malformed_token', () => signedByAttacker({ x5u: lureUrl })],
  ['x5c', 'malformed_token', () => signedByAttacker({ x5c: ['MIIB'] })],
  ['jwk', 'malformed_token', () => signedByAttacker({ kid: 'x', jwk: attackerJwk })],
  [
    'an issuer whose keys could be fetched',
    'wrong_issuer',
    () =>
      compactJws(
        { ...header, kid: 'x' },
        { ...claims, iss: new URL(lureUrl).origin },
        rs256(attacker.privateKey),
      ),
  ],
  ['crit, by our key', 'malformed_token', () => signedByUs({}, { crit: ['exp'], exp: now() + 60 })],
  ['b64 false, by our key', 'malformed_token', () => signedByUs({}, { b64: false, crit: ['b64'] })],
  [
    'a wrong issuer, by our key',
    'wrong_issuer',
    () => signedByUs({ iss: 'https://elsewhere.example' }),
  ],
  [
    'our issuer with a slash',
    'wrong_issuer',
    () => signedByUs({ iss: `${String(claims['iss'])}/` }),
  ],
  ['no issuer', 'wrong_issuer', () => signedByUs({ iss: null })],
  ['the typ of an ID token', 'wrong_type', () => signedByUs({}, { typ: 'id+jwt' })],
  ['the typ of a logout token', 'wrong_type', () => signedByUs({}, { typ: 'logout+jwt' })],
  ['no typ', 'wrong_type', () => signedByUs({}, { typ: null })],
  ['an expiry that has passed', 'expired', () => signedByUs({ iat: now() - 300, exp: now() - 10 })],
  ['a future nbf', 'not_yet_valid', () => signedByUs({ nbf: now() + 60 })],
  ['a future iat', 'not_yet_valid', () => signedByUs({ iat: now() + 60 })],
  ['no expiry', 'malformed_claims', () => signedByUs({ exp: null })],
  ['an expiry that is a string', 'malformed_claims', () => signedByUs({ exp: String(now() + 60) })],
  ['no jti', 'malformed_claims', () => signedByUs({ jti: null })],
  ['no subject', 'malformed_claims', () => signedByUs({ sub: null })],
  ['no audience', 'malformed_claims', () => signedByUs({ aud: null })],
  ['no key that it comes from', 'malformed_claims', () => signedByUs({ cid: null })],
  [
    'a key that never was',
    'credential_revoked',
    () => signedByUs({ cid: `${String(claims['client_id'])}.0123456789abcdef` }),
  ],
  ['claims that are a list', 'malformed_token', () => compactJws(header, '[]', rs256(ours))],
  ['claims that are no JSON', 'malformed_token', () => compactJws(header, 'x', rs256(ours))],
  ['a header that names alg twice', 'malformed_token', () => duplicateAlg()],
  ['JWE', 'unsupported_algorithm', () => encrypted()],
  ['100 kB', 'malformed_token', () => signedByUs({ filler: 'x'.repeat(75_000) })],
  ['100 kB of nothing', 'malformed_token', () => `eyJ${'x'.repeat(100_000)}`],
];

describe('a JWT that the service did not issue as it is', () => {
  it('is what these tests make: unchanged, the forger yields a token that is accepted', async () => {
    expect(await service.introspect(signedByUs({}))).toMatchObject({ active: true });
  });

  it.each(FORGERIES)(
    'RFC 7662 §4, RFC 9068 §4: is turned away everywhere, %s',
    async (_, code, make) => {
      const forged = await make();
      const before = await service.metrics();
      const introspected = await introspection(forged);
      expect([introspected.status, introspected.text]).toEqual([200, INACTIVE]);
      const answers = await asCaller(forged);
      expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
      for (const { headers } of answers) {
        expect(headers.get('www-authenticate')).toContain('error="invalid_token"');
      }
      expect((await asSubject(forged)).json).toMatchObject({ error: 'invalid_request' });
      expect((await service.metrics()).rejections(code) - before.rejections(code)).toBe(6);
    },
  );

  it('leads to no request to any URL that it names', () => {
    expect(lured).toBe(0);
  });
});

describe('a JWT for another audience', () => {
  it('is active, but is nobody at our own API', async () => {
    const audience = 'https://api.example.com';
    await service.admin.createResourceServer(audience, { scopes: ['countersign:admin'] });
    const token = await service.tokenFor(service.adminKey, { audience });
    expect(await service.introspect(token)).toMatchObject({ active: true, aud: audience });
    const before = await service.metrics();
    const answers = await asCaller(token);
    const [whoami, ...scoped] = answers;
    expect(scoped.map(({ status }) => status)).toEqual([401, 401, 401]);
    // Who one is may be asked with a credential for anywhere.
    expect(whoami?.status).toBe(200);
    const after = await service.metrics();
    expect(after.rejections('wrong_audience') - before.rejections('wrong_audience')).toBe(3);
  });
});

function introspection(token: string): Promise<Answer> {
  return service.http.form('/introspect', { token }, asApiKey(service.adminKey));
}

function asCaller(token: string): Promise<Answer[]> {
  return Promise.all([
    service.http.get('/whoami', asBearer(token)),
    service.http.form('/introspect', { token: 'x' }, asBearer(token)),
    service.http.form('/revoke', { token: 'x' }, asBearer(token)),
    service.http.get('/v1/principals', asBearer(token)),
  ]);
}

function asSubject(token: string): Promise<Answer> {
  return service.http.form('/token', {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: token,
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  });
}

function underPublicKey(secret: string | Buffer): string {
  return compactJws({ ...header, alg: 'HS256' }, claims, hs256(secret));
}

function spki(format: 'pem' | 'der'): string | Buffer {
  const key = createPublicKey({ key: publicJwk, format: 'jwk' });
  return format === 'pem'
    ? key.export({ type: 'spki', format: 'pem' })
    : key.export({ type: 'spki', format: 'der' });
}

function withClaims(changed: Claims): string {
  const [first, , signature] = genuine.split('.');
  return `${first}.${Buffer.from(JSON.stringify(changed)).toString('base64url')}.${signature}`;
}

function duplicateAlg(): string {
  const [, payload] = genuine.split('.');
  const twice = `{"alg":"none",${JSON.stringify(header).slice(1)}`;
  const input = `${Buffer.from(twice).toString('base64url')}.${payload}`;
  return `${input}.${rs256(ours)(Buffer.from(input)).toString('base64url')}`;
}

/** To our own public key, as if we were to decrypt it. */
function encrypted(): Promise<string> {
  return new CompactEncrypt(Buffer.from(genuine))
    .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', cty: 'JWT' })
    .encrypt(createPublicKey({ key: publicJwk, format: 'jwk' }));
}
