import { verifyRequest } from '@countersign/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readUsualRequest, readVerifyRequest } from './read-verify-request.js';

const WHOLE = {
  credential: 'cs_live_x',
  audience: 'https://api.example.com',
  required_scopes: { all: ['read:users', { any: ['write:users', { not: 'admin' }] }] },
  context: { ip: '192.0.2.1', method: 'GET', path: '/users/1' },
  cost: 3,
  explain: false,
  dry_run: true,
};

/** Mostly right, so that a whole body of such members now and then has nothing wrong about it. */
const mostly = (right: unknown, atTheLimits: fc.Arbitrary<unknown>) =>
  fc.oneof(
    { arbitrary: fc.constant(right), weight: 12 },
    { arbitrary: atTheLimits, weight: 3 },
    { arbitrary: fc.jsonValue({ maxDepth: 2 }), weight: 1 },
  );
const text = (maxChars: number) =>
  mostly(
    'x',
    fc.oneof(fc.constantFrom('', 'x'.repeat(maxChars), 'x'.repeat(maxChars + 1)), fc.string()),
  );
const audiences = fc.constantFrom(
  'urn:x:y',
  'https://',
  'https://a.example/#x',
  'a b',
  `https://a.example/${'x'.repeat(500)}`,
);
const { scopes } = fc.letrec((tie) => ({
  scopes: fc.oneof(
    { maxDepth: 9 },
    mostly('read:users', fc.constantFrom('a b', '', 'x'.repeat(128), 'x'.repeat(129))),
    fc.array(tie('scopes'), { maxLength: 4 }),
    fc.record({ all: fc.array(tie('scopes'), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('scopes'), { maxLength: 3 }) }),
    fc.record({ not: tie('scopes') }),
    fc.record({ any: fc.constant([]), all: fc.constant([]) }),
  ),
}));
const usualContext = { ip: text(64), method: text(32), path: text(8192) };
const unusualContext = {
  certificate_thumbprint: text(43),
  dpop_proof: text(16_384),
  url: fc.constantFrom('https://a.example/x', 'x'),
  host: text(64),
};
const contexts = fc.oneof(
  { arbitrary: fc.record(usualContext, { requiredKeys: [] }), weight: 6 },
  { arbitrary: fc.record({ ...usualContext, ...unusualContext }, { requiredKeys: [] }), weight: 1 },
);
const usualMembers = {
  credential: mostly('cs_live_x', fc.oneof(fc.constant(''), fc.string())),
  audience: mostly('https://api.example.com', audiences),
  required_scopes: mostly('read:users', scopes),
  context: mostly({}, contexts),
  cost: mostly(1, fc.constantFrom(0, -0, 1.5, -1, 1_000_000, 1_000_001, 1e300)),
  explain: mostly(true, fc.boolean()),
  dry_run: mostly(true, fc.boolean()),
};
const bodies = fc.oneof(
  { arbitrary: fc.record(usualMembers, { requiredKeys: [] }), weight: 10 },
  { arbitrary: fc.record({ ...usualMembers, another: fc.boolean() }), weight: 1 },
  { arbitrary: fc.jsonValue(), weight: 1 },
);

describe('readVerifyRequest', () => {
  it('never tells by hand what the schema would tell otherwise', () => {
    let told = 0;
    fc.assert(
      fc.property(bodies, (body) => {
        const usual = readUsualRequest(body);
        if (usual === undefined) return;
        told += 1;
        const parsed = verifyRequest.safeParse(body);
        expect(parsed.success).toBe(true);
        expect(usual).toEqual(parsed.data);
      }),
      { numRuns: 5_000 },
    );
    expect(told).toBeGreaterThan(500);
  });

  it.each([
    ['a credential alone', { credential: 'x' }],
    ['all that there usually is', WHOLE],
  ])('tells %s by hand, with what the schema adds', (_, body) => {
    expect(readUsualRequest(body)).toEqual(verifyRequest.parse(body));
  });

  it('leaves proofs and certificates to the schema', () => {
    const context = { dpop_proof: 'x', method: 'GET', url: 'https://a.example/' };
    expect(readUsualRequest({ ...WHOLE, context })).toBeUndefined();
    expect(readVerifyRequest({ ...WHOLE, context })).toEqual({ ...WHOLE, context });
  });

  it('reads no body as one without members, and says what is missing', () => {
    expect(() => readVerifyRequest(undefined)).toThrow();
    expect(() => readVerifyRequest({ ...WHOLE, audience: 'no URI' })).toThrow();
  });

  it('keeps refusing an audience that is none, however often it is asked', () => {
    const audiences = Array.from({ length: 1_500 }, (_, at) => `https://a${at}.example`);
    for (const one of audiences)
      expect(readUsualRequest({ ...WHOLE, audience: one })).toBeDefined();
    expect(readUsualRequest({ ...WHOLE, audience: 'https://a b' })).toBeUndefined();
    expect(readUsualRequest({ ...WHOLE, audience: 'https://a b' })).toBeUndefined();
  });
});
