import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ManualClock } from '../test/manual-clock.js';
import { told } from '../test/told.js';
import { createTestIssuer, type TestIssuer } from './testing/create-test-issuer.js';
import type { Verifier } from './verifier.js';
import type { VerifyOptions } from './verify-input.js';
import type { VerifyResult } from './verify-result.js';

const RUNS = 12;
const ORGANIZATION = 'org_01JD0000000000000000000000';
const RESTRICTIONS = { ips: ['10.0.0.0/8'], methods: ['GET'] };

/** Something happens, and then the credential is used in some way. */
interface Step {
  readonly event: 'nothing' | 'time' | 'revoke' | 'narrow' | 'publish' | 'publish-later';
  readonly afterMs: number;
  readonly type: 'principal' | 'organization' | 'role' | 'audience' | 'jti';
  readonly isFinal: boolean;
  readonly ip: string;
  readonly method: string | undefined;
  readonly scopes: readonly string[];
}

const step: fc.Arbitrary<Step> = fc.record({
  event: fc.constantFrom('nothing', 'time', 'time', 'narrow', 'publish', 'publish-later', 'revoke'),
  afterMs: fc.nat(120_000),
  type: fc.constantFrom('principal', 'organization', 'role', 'audience', 'jti'),
  isFinal: fc.boolean(),
  ip: fc.constantFrom('10.0.0.1', '10.0.0.1', '11.0.0.1'),
  method: fc.constantFrom('GET', 'GET', 'POST', undefined),
  scopes: fc.subarray(['a', 'b']),
});

const credentials: Record<string, (issuer: TestIssuer) => string> = {
  'a token': (issuer) =>
    issuer.token(
      { scopes: ['a', 'b'], roles: ['exporter'], organization: ORGANIZATION },
      { restrictions: RESTRICTIONS },
    ),
  'an API key': (issuer) =>
    issuer.apiKey({
      principal: { scopes: ['a', 'b'], roles: ['exporter'], organization: ORGANIZATION },
      restrictions: RESTRICTIONS,
    }),
};

/** Follows the feed whatever the clock says, so that all differences are those of memory. */
function verifierAt(issuer: TestIssuer, clock: ManualClock, policy: 'continue' | 'introspect') {
  const limitMs = policy === 'introspect' ? 1e12 : 1000;
  return issuer.createVerifier({
    clock,
    staleness: { policy, limitMs },
    introspection: { cacheTtlMs: 300_000, timeoutMs: 5000 },
  });
}

async function happen(issuer: TestIssuer, clock: ManualClock, credential: string, step: Step) {
  const { event, afterMs, type, isFinal } = step;
  const ids = {
    principal: 'prn_01JD0000000000000000000000',
    organization: ORGANIZATION,
    role: 'exporter',
    audience: issuer.audience,
    jti: 'another',
  };
  clock.advance(event === 'time' ? afterMs : 1);
  if (event === 'revoke') issuer.revoke(credential);
  if (event === 'narrow') issuer.narrow(credential, ['a']);
  if (event === 'publish') issuer.publish({ type, id: ids[type], final: isFinal });
  if (event === 'publish-later') {
    const effective_at = Math.ceil((clock.wallMs() + afterMs) / 1000);
    issuer.publish({ type, id: ids[type], final: isFinal, effective_at });
  }
}

/** All of a result but how it was known. */
function decisionOf(result: VerifyResult) {
  return result.ok ? { ok: true, principal: result.principal } : result;
}

async function ask(verifier: Verifier, credential: string, { ip, method, scopes }: Step) {
  const options: VerifyOptions = { scopes, context: { ip, method, path: '/' } };
  return decisionOf(await verifier.verify(credential, options));
}

describe('what is remembered', () => {
  describe.each(['continue', 'introspect'] as const)('under %s', (policy) => {
    it.each(Object.keys(credentials))(
      'decides about %s as a verifier does that remembers nothing',
      async (kind) => {
        await fc.assert(
          fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
            const issuer = createTestIssuer();
            const clock = new ManualClock();
            const warm = verifierAt(issuer, clock, policy);
            try {
              await warm.ready();
              const credential = credentials[kind]?.(issuer) ?? '';
              for (const each of steps) {
                await happen(issuer, clock, credential, each);
                await told(issuer, warm);
                clock.advance(1);
                const cold = verifierAt(issuer, clock, policy);
                try {
                  await cold.ready();
                  expect(await ask(warm, credential, each)).toEqual(
                    await ask(cold, credential, each),
                  );
                } finally {
                  await cold.close();
                }
              }
            } finally {
              await warm.close();
            }
          }),
          { numRuns: RUNS },
        );
      },
    );
  });
});
