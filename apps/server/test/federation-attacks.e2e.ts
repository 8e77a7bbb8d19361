import type { TrustedIssuer } from '@countersign/contracts';
import { CompactEncrypt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeIssuer, issuerKey } from './fake-issuer.js';
import { startServiceUnderTest, type ServiceUnderTest, TEST_SECRET } from './service-under-test.js';
import {
  type Claims,
  claimsOf,
  compactJws,
  headerOf,
  hs256,
  rs256,
  signingKeyOf,
} from './token-forge.js';

const INACTIVE = { active: false };
const ACTIVE = expect.objectContaining({ active: true });

let service: ServiceUnderTest;
let issuer: FakeIssuer;
let other: FakeIssuer;
let trusted: TrustedIssuer;

beforeAll(async () => {
  service = await startServiceUnderTest({
    env: {
      COUNTERSIGN_FEDERATION_INSECURE_HTTP: 'loopback',
      COUNTERSIGN_FEDERATION_PRIVATE_ADDRESSES: '127.0.0.1',
    },
  });
  issuer = await FakeIssuer.start([issuerKey('RS256', 'first')]);
  other = await FakeIssuer.start([issuerKey('RS256', 'first'), issuerKey('RS256', 'others')]);
  const more = {
    algorithms: ['RS256' as const],
    scopes: ['read'],
    provisioning: 'create' as const,
    target_audiences: [],
  };
  trusted = await service.admin.trustIssuer(issuer.url, more);
  await service.admin.trustIssuer(other.url, more);
});

afterAll(async () => {
  await service.stop();
  await Promise.all([issuer.stop(), other.stop()]);
});

const now = () => Math.floor(Date.now() / 1000);

/** A good token of the issuer's, with another header or signature. */
async function forged(header: Claims, sign: Parameters<typeof compactJws>[2]): Promise<string> {
  const genuine = await issuer.token();
  return compactJws({ ...headerOf(genuine), ...header }, claimsOf(genuine), sign);
}

describe('a token that claims to be of a trusted issuer', () => {
  it('is accepted when it is: what follows is turned away for what it says', async () => {
    expect(await service.introspect(await issuer.token())).toEqual(ACTIVE);
    expect(await service.introspect(await other.token())).toEqual(ACTIVE);
  });

  const key = () => issuer.keys[0] ?? issuerKey();
  const pem = () => key().publicKey.export({ type: 'spki', format: 'pem' });
  const der = () => key().publicKey.export({ type: 'spki', format: 'der' });
  const attacker = issuerKey('RS256', 'first');
  const byAttacker = rs256(attacker.privateKey);
  const byOthers = (input: Buffer) => rs256((other.keys[1] ?? key()).privateKey)(input);
  const byIssuer = (input: Buffer) => rs256(key().privateKey)(input);
  const cases: [string, () => string | Promise<string>][] = [
    ['without a signature (alg none)', () => forged({ alg: 'none' }, () => Buffer.alloc(0))],
    ['with alg none and a signature', () => forged({ alg: 'none' }, byIssuer)],
    ['signed by HS256 with the public key as PEM', () => forged({ alg: 'HS256' }, hs256(pem()))],
    ['signed by HS256 with the public key as DER', () => forged({ alg: 'HS256' }, hs256(der()))],
    ['signed by HS256, and said to be RS256', () => forged({}, hs256(pem()))],
    ['signed by another key under a known kid', () => forged({}, byAttacker)],
    [
      'signed by an algorithm that the issuer is not allowed',
      () => issuer.token({}, { alg: 'RS512' }),
    ],
    [
      'with a signature of RS256 that is said to be PS256',
      () => forged({ alg: 'PS256' }, byIssuer),
    ],
    ['with an unknown kid', () => issuer.token({}, { kid: 'unknown' })],
    ['without a kid, signed by another key', () => issuer.token({}, { kid: null }, attacker)],
    ['with jwk in its header', () => forged({ jwk: attacker.jwk }, byAttacker)],
    [
      'with jku, whose keys would verify it',
      () => forged({ jku: `${other.url}/jwks`, kid: 'others' }, byOthers),
    ],
    ['with x5u', () => forged({ x5u: `${other.url}/x5u` }, byIssuer)],
    ['with x5c', () => forged({ x5c: ['AAAA'] }, byIssuer)],
    ['with crit', () => forged({ crit: ['exp'], exp: 1 }, byIssuer)],
    ['with b64', () => forged({ b64: true }, byIssuer)],
    ['of another type: a logout token', () => issuer.token({}, { typ: 'logout+jwt' })],
    ['of another type: a DPoP proof', () => issuer.token({}, { typ: 'dpop+jwt' })],
    ['for another audience', () => issuer.token({ aud: 'them' })],
    ['for another spelling of the audience', () => issuer.token({ aud: 'US' })],
    ['for nobody', () => issuer.token({ aud: null })],
    ['for an audience that is no string', () => issuer.token({ aud: [{ us: 'us' }] })],
    ['of an issuer that nobody trusts', () => issuer.token({ iss: 'https://evil.example' })],
    ['of the same issuer with a slash', () => issuer.token({ iss: `${issuer.url}/` })],
    ['of two issuers', () => issuer.token({ iss: [issuer.url, other.url] as unknown as string })],
    ['of another trusted issuer', () => issuer.token({ iss: other.url })],
    ['of ours', () => issuer.token({ iss: service.url })],
    ['that has expired', () => issuer.token({ iat: now() - 600, exp: now() - 1 })],
    ['that never expires', () => issuer.token({ exp: null })],
    ['that expires in words', () => issuer.token({ exp: '9999999999' })],
    ['that expires after the end of time', () => issuer.token({ exp: 1e300 })],
    ['from nowhen', () => issuer.token({ iat: null })],
    ['from 62 seconds ahead', () => issuer.token({ iat: now() + 62 })],
    ['not valid for another 62 seconds', () => issuer.token({ nbf: now() + 62 })],
    ['about nobody', () => issuer.token({ sub: null })],
    ['about a number', () => issuer.token({ sub: 7 })],
    ['about a subject with a control character', () => issuer.token({ sub: 'al\u0000ice' })],
    ['about a subject with a line end', () => issuer.token({ sub: 'al\nice' })],
    ['about a subject with a lone surrogate', () => issuer.token({ sub: 'al\ud800' })],
    ['about what looks like the hash of a secret', () => issuer.token({ sub: '$argon2id$v=19' })],
    ['about a subject of 256 characters', () => issuer.token({ sub: 'a'.repeat(256) })],
    ['with a claim of 100 kB', () => issuer.token({ extra: 'x'.repeat(100_000) })],
    ['of 100 kB', async () => `${await issuer.token()}${'A'.repeat(100_000)}`],
    [
      'that is encrypted to us',
      async () =>
        new CompactEncrypt(Buffer.from(await issuer.token()))
          .setProtectedHeader({ alg: 'RSA-OAEP', enc: 'A128GCM', cty: 'JWT' })
          .encrypt(key().publicKey),
    ],
  ];

  it.each(cases)('is turned away %s', async (_what, make) => {
    const token = await make();
    const { length } = other.requests;
    expect(await service.introspect(token)).toEqual(INACTIVE);
    // What a token names is not fetched.
    expect(other.requests.slice(length)).toEqual([]);
  });

  it('has one spelling only', async () => {
    const token = await issuer.token();
    const [header = '', payload = '', signature = ''] = token.split('.');
    for (const respelt of [
      `${token}=`,
      `${token}.`,
      ` ${token}`,
      `${header}=.${payload}.${signature}`,
      `${header}.${payload}=.${signature}`,
      `${header}.${payload}.${signature}==`,
      `${header}.${payload}.${signature.replaceAll('-', '+').replaceAll('_', '/')}=`,
      `${header}.${payload}.${withOtherSpareBits(signature)}`,
      JSON.stringify({ protected: header, payload, signature }),
    ]) {
      expect(await service.introspect(respelt)).toEqual(INACTIVE);
    }
    expect(await service.introspect(token)).toEqual(ACTIVE);
  });

  it('is accepted from 59 seconds ahead', async () => {
    const ahead = await issuer.token({ iat: now() + 59, nbf: now() + 59 });
    expect(await service.introspect(ahead)).toEqual(ACTIVE);
  });
});

describe('our own tokens and those of trusted issuers', () => {
  it('do not stand in for each other: ours with their iss', async () => {
    const ours = await service.tokenFor(service.adminKey);
    const key = await signingKeyOf(service.databaseUrl, TEST_SECRET);
    const claims = { ...claimsOf(ours), iss: issuer.url, aud: 'us' };
    expect(await service.introspect(compactJws(headerOf(ours), claims, rs256(key)))).toEqual(
      INACTIVE,
    );
  });

  it('do not stand in for each other: theirs with all that ours have', async () => {
    const ours = await service.tokenFor(service.adminKey);
    const own = claimsOf(ours);
    expect(await service.introspect(await issuer.token(own, { typ: 'at+jwt' }))).toEqual(INACTIVE);
    const theirs = await issuer.token({ ...own, iss: issuer.url, aud: 'us' }, { typ: 'at+jwt' });
    const answer = await service.introspect(theirs);
    expect([answer.active, answer.scope]).toEqual([true, '']);
    expect(answer.sub).not.toBe(own['sub']);
  });

  it('cannot be configured to: our own issuer is refused', async () => {
    const asTrusted = service.admin.trustIssuer(service.url);
    await expect(asTrusted).rejects.toThrow(/422.*is this service itself/);
  });
});

describe('one trusted issuer', () => {
  it('never vouches by its keys for another, even under the same kid', async () => {
    const theirs = other.keys[1];
    expect(await service.introspect(await other.token({}, {}, theirs))).toEqual(ACTIVE);
    expect(await service.introspect(await issuer.token({}, {}, theirs))).toEqual(INACTIVE);
    expect(await service.introspect(await issuer.token({}, {}, other.keys[0]))).toEqual(INACTIVE);
  });

  it('has subjects of its own: the same name at another is somebody else', async () => {
    const here = await service.introspect(await issuer.token({ sub: 'same' }));
    const there = await service.introspect(await other.token({ sub: 'same' }));
    expect(here.sub).not.toBe(there.sub);
  });

  it('cannot reach JavaScript’s own members by a mapping', async () => {
    await service.admin.patchTrustedIssuer(trusted.id, {
      mapping: { subject: '/sub', scopes: [{ claim: '/__proto__/scope' }], type: 'user' },
    });
    const token = await issuer.token({ scope: 'read' });
    expect((await service.introspect(token)).scope).toBe('');
  });

  it('cannot be trusted for reserved scopes', async () => {
    const reserved = { scopes: ['countersign:introspect'] };
    await expect(service.admin.patchTrustedIssuer(trusted.id, reserved)).rejects.toThrow(/422/);
  });

  it('gives none by a claim that names them', async () => {
    await service.admin.patchTrustedIssuer(trusted.id, {
      mapping: { subject: '/sub', scopes: [{ claim: '/groups' }], type: 'user' },
    });
    const token = await issuer.token({ groups: ['read', 'countersign:admin'] });
    expect((await service.introspect(token)).scope).toBe('read');
  });
});

function withOtherSpareBits(signature: string): string {
  // 256 octets leave four spare bits in the last character.
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(signature.at(-1) ?? 'A');
  return signature.slice(0, -1) + (alphabet[last + 1] ?? 'B');
}
