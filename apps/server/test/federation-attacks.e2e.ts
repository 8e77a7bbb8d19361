import type { Explanation, TrustedIssuer } from '@countersign/contracts';
import { sign } from 'node:crypto';
import { CompactEncrypt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { answersByRoad } from './answers-by-road.js';
import { ExtAuthzClient } from './ext-authz-client.js';
import { FakeIssuer, issuerKey } from './fake-issuer.js';
import { asApiKey } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest, TEST_SECRET } from './service-under-test.js';
import {
  type Claims,
  es256,
  type Signature,
  claimsOf,
  compactJws,
  headerOf,
  hs256,
  rs256,
  signingKeyOf,
} from './token-forge.js';

const INACTIVE = { active: false };
const ACTIVE = expect.objectContaining({ active: true });
const CHALLENGE = 'Bearer realm="countersign", error="invalid_token"';
const FAILURE = { check: 'credential', code: 'invalid_credential' };
const DENIED = { code: 'invalid_credential', failures: [FAILURE] };

/** Whatever is the matter with a token: the answers tell nobody. */
const REFUSED = {
  introspection: INACTIVE,
  exchange: [400, 'invalid_request', undefined],
  forwardAuth: [401, CHALLENGE, null],
  decision: { allowed: false, principal: null, ...DENIED, explanation: expect.anything() },
  evaluation: { decision: false, context: DENIED },
  whoami: [401, expect.stringContaining('error="invalid_token"')],
  extAuthz: [401, CHALLENGE, null],
};

let service: ServiceUnderTest;
let issuer: FakeIssuer;
let other: FakeIssuer;
/** Signs by ES256. */
let curved: FakeIssuer;
let envoy: ExtAuthzClient;
let trusted: TrustedIssuer;

beforeAll(async () => {
  service = await startServiceUnderTest({
    env: {
      ...FakeIssuer.ENV,
      COUNTERSIGN_EXT_AUTHZ_PORT: '0',
    },
  });
  envoy = new ExtAuthzClient(service.extAuthzPort ?? 0);
  issuer = await FakeIssuer.start([issuerKey('RS256', 'first')]);
  other = await FakeIssuer.start([issuerKey('RS256', 'first'), issuerKey('RS256', 'others')]);
  curved = await FakeIssuer.start();
  const more = {
    algorithms: ['RS256' as const],
    scopes: ['read'],
    provisioning: 'create' as const,
    target_audiences: [],
  };
  trusted = await service.admin.trustIssuer(issuer.url, more);
  await service.admin.trustIssuer(other.url, more);
  await service.admin.trustIssuer(curved.url, { ...more, algorithms: ['ES256'] });
});

afterAll(async () => {
  envoy.close();
  await service.stop();
  await Promise.all([issuer.stop(), other.stop(), curved.stop()]);
});

const now = () => Math.floor(Date.now() / 1000);

const byRoad = (token: string) => answersByRoad(service, envoy, token, { scope: 'read' });

/** Why it was turned away, as it is explained to whoever may know. */
function reasonIn({ explanation }: { explanation: Explanation }): string {
  const failed = Object.values(explanation).find(({ outcome }) => outcome === 'failed');
  return failed !== undefined && 'code' in failed ? (failed.code ?? '') : 'unrecognised';
}

/** A good token of the issuer's, with another header or signature. */
async function forged(header: Claims, sign: Parameters<typeof compactJws>[2]): Promise<string> {
  const genuine = await issuer.token();
  return compactJws({ ...headerOf(genuine), ...header }, claimsOf(genuine), sign);
}

describe('a token that claims to be of a trusted issuer', () => {
  it('is accepted when it is: what follows is turned away for what it says', async () => {
    const ofOwnCurve = await ofCurve(es256((curved.keys[0] ?? key()).privateKey));
    for (const token of [await other.token(), ofOwnCurve, await withText('{', '{', byIssuer)]) {
      expect(await service.introspect(token)).toEqual(ACTIVE);
    }
    expect(await byRoad(await issuer.token({ scope: 'read' }))).toMatchObject({
      introspection: { active: true },
      exchange: [200, 'issued', 'read'],
      forwardAuth: [200, null, expect.any(String)],
      decision: { allowed: true },
      whoami: [200, null],
      extAuthz: [200, null, expect.any(String)],
    });
  });

  const key = () => issuer.keys[0] ?? issuerKey();
  const pem = () => key().publicKey.export({ type: 'spki', format: 'pem' });
  const der = () => key().publicKey.export({ type: 'spki', format: 'der' });
  const attacker = issuerKey('RS256', 'first');
  const byAttacker = rs256(attacker.privateKey);
  const byOthers = (input: Buffer) => rs256((other.keys[1] ?? key()).privateKey)(input);
  const byIssuer = (input: Buffer) => rs256(key().privateKey)(input);

  /** Begins the texts of header and claims otherwise. */
  async function withText(header: string, claims: string, sign: Signature): Promise<string> {
    const parts = (await issuer.token()).split('.').slice(0, 2);
    const beginnings = [header, claims || '{'];
    const texts = parts.map((part, index) =>
      Buffer.from(part, 'base64url')
        .toString()
        .replace('{', beginnings[index] ?? '{'),
    );
    const input = texts.map((text) => Buffer.from(text).toString('base64url')).join('.');
    return `${input}.${sign(Buffer.from(input)).toString('base64url')}`;
  }

  async function ofPayload(payload: string): Promise<string> {
    return compactJws(headerOf(await issuer.token()), payload, byIssuer);
  }

  async function ofCurve(signature: Signature): Promise<string> {
    const genuine = await curved.token();
    return compactJws(headerOf(genuine), claimsOf(genuine), signature);
  }
  const attacks: [code: string, what: string, () => string | Promise<string>][] = [
    [
      'malformed_token',
      'without a signature (alg none)',
      () => forged({ alg: 'none' }, () => Buffer.alloc(0)),
    ],
    [
      'unsupported_algorithm',
      'with alg none and a signature',
      () => forged({ alg: 'none' }, byIssuer),
    ],
    [
      'unsupported_algorithm',
      'signed by HS256 with the public key as PEM',
      () => forged({ alg: 'HS256' }, hs256(pem())),
    ],
    [
      'unsupported_algorithm',
      'signed by HS256 with the public key as DER',
      () => forged({ alg: 'HS256' }, hs256(der())),
    ],
    ['bad_signature', 'signed by HS256, and said to be RS256', () => forged({}, hs256(pem()))],
    ['bad_signature', 'signed by another key under a known kid', () => forged({}, byAttacker)],
    [
      'unsupported_algorithm',
      'signed by an algorithm that the issuer is not allowed',
      () => issuer.token({}, { alg: 'RS512' }),
    ],
    [
      'unsupported_algorithm',
      'with a signature of RS256 that is said to be PS256',
      () => forged({ alg: 'PS256' }, byIssuer),
    ],
    ['unsupported_algorithm', 'without an algorithm', () => forged({ alg: undefined }, byIssuer)],
    [
      'unsupported_algorithm',
      'with an algorithm in small letters',
      () => forged({ alg: 'rs256' }, byIssuer),
    ],
    [
      'unsupported_algorithm',
      'with two algorithms in a list',
      () => forged({ alg: ['RS256', 'none'] }, byIssuer),
    ],
    [
      'malformed_token',
      'whose header names alg twice',
      () => withText(`{"alg":"none",`, '', byIssuer),
    ],
    [
      'malformed_token',
      'whose claims name sub twice',
      () => withText('{', `{"sub":"admin",`, byIssuer),
    ],
    [
      'malformed_token',
      'whose claims name sub twice, once in escapes',
      () => withText('{', `{"s\\u0075b":"admin",`, byIssuer),
    ],
    [
      'malformed_token',
      'whose claims name two issuers',
      () => withText('{', `{"iss":"${service.url}",`, byIssuer),
    ],
    [
      'malformed_token',
      'whose claims repeat a nested name',
      () => withText('{', `{"x":{"a":1,"a":2},`, byIssuer),
    ],
    ['malformed_token', 'whose claims are a list', () => ofPayload('[]')],
    [
      'malformed_token',
      'whose claims are a list of claims',
      async () => ofPayload(JSON.stringify([claimsOf(await issuer.token())])),
    ],
    ['malformed_token', 'whose claims are a text', () => ofPayload('"alice"')],
    ['malformed_token', 'whose claims are null', () => ofPayload('null')],
    ['malformed_token', 'whose claims are nothing', () => ofPayload('')],
    [
      'malformed_token',
      'whose claims are another token',
      async () =>
        compactJws(
          { ...headerOf(await issuer.token()), cty: 'JWT' },
          await issuer.token(),
          byIssuer,
        ),
    ],
    [
      'malformed_token',
      'whose claims go on behind their end',
      async () => ofPayload(`${JSON.stringify(claimsOf(await issuer.token()))}{}`),
    ],
    [
      'malformed_token',
      'whose claims begin with a byte order mark',
      async () => ofPayload(`\ufeff${JSON.stringify(claimsOf(await issuer.token()))}`),
    ],
    [
      'malformed_token',
      'without the signature that it had',
      async () => (await issuer.token()).replace(/[^.]+$/, ''),
    ],
    [
      'bad_signature',
      'with a part of its signature',
      async () => (await issuer.token()).slice(0, -10),
    ],
    [
      'bad_signature',
      'with the signature of another token',
      async () => {
        const signature = (await issuer.token()).split('.')[2] ?? '';
        return forged({}, () => Buffer.from(signature, 'base64url'));
      },
    ],
    [
      'bad_signature',
      'by an ECDSA signature of zeros (CVE-2022-21449)',
      () => ofCurve(() => Buffer.alloc(64)),
    ],
    [
      'bad_signature',
      'by an ECDSA signature in DER',
      () => ofCurve((input) => sign('sha256', input, curved.keys[0]?.privateKey ?? '')),
    ],
    ['unknown_signing_key', 'with a kid that is empty', () => issuer.token({}, { kid: '' })],
    [
      'unknown_signing_key',
      'with a kid that is a path',
      () => issuer.token({}, { kid: '../../jwks' }),
    ],
    [
      'unknown_signing_key',
      'with a kid that is SQL',
      () => issuer.token({}, { kid: "' OR '1'='1" }),
    ],
    [
      'unknown_signing_key',
      'with a kid that every object has',
      () => issuer.token({}, { kid: '__proto__' }),
    ],
    [
      'unknown_signing_key',
      'with a kid in other letters',
      () => issuer.token({}, { kid: 'FIRST' }),
    ],
    ['malformed_token', 'with a kid that is a number', () => forged({ kid: 1 }, byIssuer)],
    ['malformed_token', 'with a kid that is a list', () => forged({ kid: ['first'] }, byIssuer)],
    ['malformed_token', 'with a kid of 2 kB', () => issuer.token({}, { kid: 'k'.repeat(2_048) })],
    ['unknown_signing_key', 'with an unknown kid', () => issuer.token({}, { kid: 'unknown' })],
    [
      'bad_signature',
      'without a kid, signed by another key',
      () => issuer.token({}, { kid: null }, attacker),
    ],
    ['malformed_token', 'with jwk in its header', () => forged({ jwk: attacker.jwk }, byAttacker)],
    [
      'malformed_token',
      'with jku, whose keys would verify it',
      () => forged({ jku: `${other.url}/jwks`, kid: 'others' }, byOthers),
    ],
    ['malformed_token', 'with x5u', () => forged({ x5u: `${other.url}/x5u` }, byIssuer)],
    ['malformed_token', 'with x5c', () => forged({ x5c: ['AAAA'] }, byIssuer)],
    ['malformed_token', 'with crit', () => forged({ crit: ['exp'], exp: 1 }, byIssuer)],
    ['malformed_token', 'with b64', () => forged({ b64: true }, byIssuer)],
    [
      'wrong_type',
      'of another type: a logout token',
      () => issuer.token({}, { typ: 'logout+jwt' }),
    ],
    ['wrong_type', 'of another type: a DPoP proof', () => issuer.token({}, { typ: 'dpop+jwt' })],
    ['wrong_audience', 'for another audience', () => issuer.token({ aud: 'them' })],
    ['wrong_audience', 'for another spelling of the audience', () => issuer.token({ aud: 'US' })],
    ['malformed_claims', 'for nobody', () => issuer.token({ aud: null })],
    [
      'malformed_claims',
      'for an audience that is no string',
      () => issuer.token({ aud: [{ us: 'us' }] }),
    ],
    [
      'wrong_issuer',
      'of an issuer that nobody trusts',
      () => issuer.token({ iss: 'https://evil.example' }),
    ],
    [
      'wrong_issuer',
      'of the same issuer with a slash',
      () => issuer.token({ iss: `${issuer.url}/` }),
    ],
    [
      'wrong_issuer',
      'of two issuers',
      () => issuer.token({ iss: [issuer.url, other.url] as unknown as string }),
    ],
    ['bad_signature', 'of another trusted issuer', () => issuer.token({ iss: other.url })],
    ['unknown_signing_key', 'of ours', () => issuer.token({ iss: service.url })],
    ['expired', 'that has expired', () => issuer.token({ iat: now() - 600, exp: now() - 1 })],
    ['malformed_claims', 'that never expires', () => issuer.token({ exp: null })],
    ['malformed_claims', 'that expires in words', () => issuer.token({ exp: '9999999999' })],
    ['malformed_claims', 'that expires after the end of time', () => issuer.token({ exp: 1e300 })],
    [
      'malformed_claims',
      'that expires in milliseconds',
      () => issuer.token({ exp: Date.now() + 60_000 }),
    ],
    ['malformed_claims', 'that expired before the epoch', () => issuer.token({ exp: -1 })],
    ['malformed_claims', 'that is valid from words on', () => issuer.token({ nbf: 'now' })],
    [
      'malformed_claims',
      'that is bound in a way that cannot be checked',
      () => issuer.token({ cnf: { kid: 'theirs' } }),
    ],
    ['malformed_claims', 'from nowhen', () => issuer.token({ iat: null })],
    ['not_yet_valid', 'from 62 seconds ahead', () => issuer.token({ iat: now() + 62 })],
    ['not_yet_valid', 'not valid for another 62 seconds', () => issuer.token({ nbf: now() + 62 })],
    ['malformed_claims', 'about nobody', () => issuer.token({ sub: null })],
    ['malformed_claims', 'about a number', () => issuer.token({ sub: 7 })],
    [
      'malformed_claims',
      'about a subject with a control character',
      () => issuer.token({ sub: 'al\u0000ice' }),
    ],
    ['malformed_claims', 'about a subject with a line end', () => issuer.token({ sub: 'al\nice' })],
    [
      'malformed_claims',
      'about a subject with a lone surrogate',
      () => issuer.token({ sub: 'al\ud800' }),
    ],
    [
      'malformed_claims',
      'about what looks like the hash of a secret',
      () => issuer.token({ sub: '$argon2id$v=19' }),
    ],
    [
      'malformed_claims',
      'about a subject of 256 characters',
      () => issuer.token({ sub: 'a'.repeat(256) }),
    ],
    [
      'malformed_token',
      'with a claim of 100 kB',
      () => issuer.token({ extra: 'x'.repeat(100_000) }),
    ],
    ['malformed_token', 'of 100 kB', async () => `${await issuer.token()}${'A'.repeat(100_000)}`],
    [
      'unsupported_algorithm',
      'that is encrypted to us',
      async () =>
        new CompactEncrypt(Buffer.from(await issuer.token()))
          .setProtectedHeader({ alg: 'RSA-OAEP', enc: 'A128GCM', cty: 'JWT' })
          .encrypt(key().publicKey),
    ],
  ];

  it.each(attacks)('is turned away by every road (%s): %s', async (code, _what, make) => {
    const token = await make();
    const { length } = other.requests;
    const answers = await byRoad(token);
    expect(answers).toEqual(REFUSED);
    expect(reasonIn(answers.decision)).toBe(code);
    // What a token names is not fetched.
    expect(other.requests.slice(length)).toEqual([]);
  });

  it('is explained by its text and the clock to anybody, by how it is trusted to who sees all', async () => {
    const scopes = ['countersign:introspect', 'countersign:verify:explain'];
    const [gate, any] = [
      await service.admin.newKey(scopes),
      await service.admin.newKey([...scopes, 'countersign:introspect:any']),
    ];
    const reasons = async (claims: Claims) => {
      const credential = await issuer.token(claims);
      return Promise.all(
        [gate, any].map(async (caller) => {
          const asked = { credential, explain: true };
          const headers = asApiKey(caller.key);
          return reasonIn((await service.http.json('POST', '/v1/verify', asked, headers)).json);
        }),
      );
    };
    expect(await reasons({ exp: now() - 1 })).toEqual(['expired', 'expired']);
    expect(await reasons({ nbf: now() + 99 })).toEqual(['not_yet_valid', 'not_yet_valid']);
    expect(await reasons({ aud: 'them' })).toEqual(['unknown_credential', 'wrong_audience']);
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
