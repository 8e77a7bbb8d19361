import { accessTokenClaims } from '@countersign/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { validClaims } from '../test/signer.js';
import { readAccessTokenClaims } from './read-access-token-claims.js';

/** Every claim there is, so that none is forgotten when one is added to the schema. */
const allClaims = (): Record<string, unknown> => ({
  ...validClaims(),
  nbf: 1_790_000_000,
  pos: 1_234_567,
  restrictions: { ips: ['10.0.0.0/8', '2001:db8::/32'], methods: ['GET'], paths: ['/a/*'] },
  cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' },
  proven_cnf: { 'x5t#S256': '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' },
  derived_from: ['0f8fad5b-d9cb-469f-a165-70867728950e', 'x'],
  act: actors(2),
  status: { status_list: { idx: 7, uri: 'https://auth.example.com/status-lists/1' } },
});

const FEDERATED_CID = 'tis_01JD0000000000000000000009.fid_01JD0000000000000000000008';

/** A chain of so many actors, each with the one before it. */
function actors(count: number): object {
  const actor = {
    sub: 'prn_01JD0000000000000000000009',
    ...(count % 2 && { org: 'org_01JD0000000000000000000007' }),
    cid: count % 2 ? FEDERATED_CID : `key_${'0'.repeat(26)}.aB3dE6gH9jK2mN5p`,
  };
  return count === 1 ? actor : { ...actor, act: actors(count - 1) };
}

/** As a payload reaches the reader: through JSON. */
const fromJson = (value: unknown): Record<string, unknown> => JSON.parse(JSON.stringify(value));
const bySchema = (payload: unknown) => accessTokenClaims.safeParse(payload).data ?? null;

const ulid = fc.string({
  unit: fc.constantFrom(...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'),
  minLength: 26,
  maxLength: 26,
});
const nearUlid = fc.string({
  unit: fc.constantFrom(...'019ABHIJLOUVZabz_ \n'),
  minLength: 25,
  maxLength: 27,
});

/** Values that are good, nearly good and bad for one claim or another. */
const anyValue = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(0, -0, -1, 1.5, 2 ** 53 - 1, 2 ** 53, 1e21, '', ' ', 'live', 'test', 'prod'),
  fc.constantFrom('user', 'service', 'admin', [], [''], ['a', 'b'], ['a', 1], [null], {}, null),
  fc.string({ unit: 'binary', maxLength: 70 }),
  fc
    .tuple(fc.constantFrom('prn_', 'key_', 'org_', ''), fc.oneof(ulid, nearUlid))
    .map((s) => s.join('')),
  fc.tuple(ulid, fc.stringMatching(/^[0-9A-Za-z]{15,17}$/)).map(([u, v]) => `key_${u}.${v}`),
  fc.dictionary(fc.string({ maxLength: 66 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5 }),
  fc.record(
    {
      ips: fc.array(
        fc.oneof(
          fc.ipV4(),
          fc.ipV6(),
          fc.tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(140)).map((parts) => parts.join('/')),
          fc.string(),
        ),
        { maxLength: 66 },
      ),
      methods: fc.array(fc.constantFrom('GET', 'POST', 'get', ''), { maxLength: 18 }),
      paths: fc.array(fc.constantFrom('/a', '/a/*', 'a', '', '/ä'), { maxLength: 3 }),
      other: fc.boolean(),
    },
    { requiredKeys: [] },
  ),
);

describe('readAccessTokenClaims', () => {
  it('reads what the issuer writes, and all that there can be', () => {
    expect(readAccessTokenClaims(fromJson(validClaims()))).toEqual(validClaims());
    expect(readAccessTokenClaims(fromJson(allClaims()))).toEqual(allClaims());
  });

  it('knows every claim of the schema', () => {
    const read = readAccessTokenClaims(fromJson(allClaims()));
    expect(Object.keys(read ?? {}).sort()).toEqual(Object.keys(accessTokenClaims.shape).sort());
  });

  it('leaves out claims that the schema does not know', () => {
    const read = readAccessTokenClaims(fromJson({ ...validClaims(), admin: true }));
    expect(read).toEqual(validClaims());
  });

  it('agrees with the schema when any claims are replaced or missing', () => {
    const names = Object.keys(accessTokenClaims.shape);
    const change = fc.tuple(fc.constantFrom(...names), fc.option(anyValue, { nil: undefined }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const payload = fromJson({ ...allClaims(), ...Object.fromEntries(changes) });
        fc.pre(!JSON.stringify(payload).includes('__proto__'));
        expect(readAccessTokenClaims(payload)).toEqual(bySchema(payload));
      }),
      { numRuns: 1500 },
    );
  });

  it('agrees with the schema for every claim that is replaced by a value of each kind', () => {
    const values = [null, true, 0, 1.5, -1, '', 'x', [], ['x'], [1], {}, { x: 1 }, undefined];
    for (const name of Object.keys(accessTokenClaims.shape)) {
      for (const value of values) {
        const payload = fromJson({ ...allClaims(), [name]: value });
        expect([name, value, readAccessTokenClaims(payload)]).toEqual([
          name,
          value,
          bySchema(payload),
        ]);
      }
    }
  });

  it('agrees with the schema about any metadata', () => {
    const character = fc.oneof(
      { weight: 9, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }) },
      fc.constantFrom('\0', '\ud800', '\udfff', '\\', '\\u0000', '"', '\u{1f600}'),
    );
    const text = fc.string({ unit: character, maxLength: 70 });
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean()),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(text, tie('value'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(text, value, { maxKeys: 8 }), (meta) => {
        fc.pre(!JSON.stringify(meta).includes('__proto__'));
        const payload = fromJson({ ...validClaims(), meta });
        expect(readAccessTokenClaims(payload)).toEqual(bySchema(payload));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['1024 bytes', { a: 'x'.repeat(1024 - 8) }, true],
    ['1025 bytes', { a: 'x'.repeat(1025 - 8) }, false],
    ['1024 bytes, fewer characters', { a: 'é'.repeat(508) }, true],
    ['1026 bytes, fewer characters', { a: 'é'.repeat(509) }, false],
    ['1024 bytes, most of them escapes', { a: '"'.repeat(508) }, true],
    ['1026 bytes, most of them escapes', { a: '"'.repeat(509) }, false],
    ['1022 bytes, of control characters', { a: '\n'.repeat(507) }, true],
    ['1026 bytes, of control characters', { a: '\n'.repeat(509) }, false],
    ['1024 bytes in short members', shortMembers(), true],
    ['1025 bytes in short members', { ...shortMembers(), k10: 'x'.repeat(23) }, false],
    ['a name of 64 characters', { ['x'.repeat(64)]: 1 }, true],
    ['a name of 65 characters', { ['x'.repeat(65)]: 1 }, false],
    ['an empty name', { '': 1 }, false],
    ['an empty name further down', { a: { '': 1 } }, true],
    ['NUL', { a: '\0' }, false],
    ['a lone surrogate', { a: '\ud800' }, false],
    ['a pair of surrogates', { a: '\u{1f600}' }, true],
  ])('bounds metadata as the schema does: %s', (_, meta, good) => {
    const payload = fromJson({ ...validClaims(), meta });
    expect(readAccessTokenClaims(payload) !== null).toBe(good);
    expect(bySchema(payload) !== null).toBe(good);
  });

  it.each([
    '"exp":1e400',
    '"exp":-1e400',
    '"iat":1e400',
    '"nbf":1e400',
    '"exp":9007199254740992',
    '"exp":"1790000300"',
    '"meta":{"n":1e400}',
    '"meta":{"a":[{"n":-1e400}]}',
  ])('refuses numbers that overflow or are text: %s', (member) => {
    const payload = JSON.parse(`${JSON.stringify(validClaims()).slice(0, -1)},${member}}`);
    expect(readAccessTokenClaims(payload)).toBeNull();
    expect(bySchema(payload)).toBeNull();
  });

  it.each([
    '"meta":{"__proto__":{"plan":"gold"}}',
    '"meta":{"a":[{"__proto__":1}]}',
    '"meta":{"\\u005f_proto__":null}',
  ])('refuses a member __proto__ in metadata: %s', (member) => {
    const payload = JSON.parse(`${JSON.stringify(validClaims()).slice(0, -1)},${member}}`);
    expect(readAccessTokenClaims(payload)).toBeNull();
  });

  it('takes no claim from a member __proto__', () => {
    const { exp, ...claims } = validClaims();
    const text = `${JSON.stringify(claims).slice(0, -1)},"__proto__":{"exp":${exp}}}`;
    expect(readAccessTokenClaims(JSON.parse(text))).toBeNull();
  });

  it('freezes the claims, all the way down', () => {
    const meta = { a: [{ b: {} }] };
    const claims = readAccessTokenClaims(fromJson({ ...allClaims(), aud: ['a', 'b'], meta }));
    const isDeeplyFrozen = (value: unknown): boolean =>
      typeof value !== 'object' ||
      value === null ||
      (Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen));
    expect(claims).not.toBeNull();
    expect(isDeeplyFrozen(claims)).toBe(true);
  });

  it('reads up to four actors, and no token with more (RFC 8693 §4.1)', () => {
    for (const count of [1, 2, 3, 4, 5, 50]) {
      const payload = fromJson({ ...validClaims(), act: actors(count) });
      expect(readAccessTokenClaims(payload)?.act).toEqual(count <= 4 ? actors(count) : undefined);
      expect(readAccessTokenClaims(payload) === null).toBe(count > 4);
      expect(bySchema(payload) === null).toBe(count > 4);
    }
  });

  it.each([
    ['no sub', { cid: FEDERATED_CID }],
    ['a number for its organization', { ...actors(1), org: 1 }],
    ['an identity without its issuer', { ...actors(1), cid: 'fid_01JD0000000000000000000008' }],
    ['no cid', { sub: 'prn_01JD0000000000000000000009' }],
    ['a bad actor within', { ...actors(1), act: { sub: 'somebody' } }],
    ['null within', { ...actors(1), act: null }],
    ['a list', [actors(1)]],
  ])('takes no token whose actor has %s', (_, act) => {
    const payload = fromJson({ ...validClaims(), act });
    expect(readAccessTokenClaims(payload)).toBeNull();
    expect(bySchema(payload)).toBeNull();
  });

  it('yields one object for equal restrictions', () => {
    const read = () => readAccessTokenClaims(fromJson(allClaims()))?.restrictions;
    expect(read()).toBe(read());
  });
});

/** 33 members of 31 bytes each, and a brace: 1024. */
function shortMembers(): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: 33 }, (_, index) => [`k${index + 10}`, 'x'.repeat(22)]),
  );
}
