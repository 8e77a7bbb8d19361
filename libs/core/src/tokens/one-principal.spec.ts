import { describe, expect, it } from '@jest/globals';
import {
  label,
  type Metadata,
  metadata,
  type Principal,
  principal as principalSchema,
  type Restrictions,
  SCOPE_TOKEN_PATTERN,
  SIGNING_ALGORITHMS,
} from '@countersign/contracts';
import {
  checkToken,
  keySetFromJwks,
  principalFromClaims,
  verifySignature,
} from '@countersign/verify';
import fc from 'fast-check';
import { createCore } from '../../test/create-core.js';
import { ISSUER, keyState, NOW_MS, NOW_SECONDS, ORGANIZATION_ID } from '../../test/key-state.js';
import { oneOfEach } from '../../test/signing-keys.js';
import type { KeyState } from '../state/key-state.js';
import { VerifiedApiKey } from '../state/verified-api-key.js';
import type { ResourceServerPolicy } from './resource-server-policy.js';

const scope = fc
  .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 })
  .filter((text) => SCOPE_TOKEN_PATTERN.test(text));
const POOL = fc.sample(scope, { numRuns: 30, seed: 7 });
const scopes = fc.uniqueArray(fc.constantFrom(...POOL));

const isKept = (value: object) => {
  const parsed = metadata.safeParse(value);
  return parsed.success && JSON.stringify(parsed.data) === JSON.stringify(value);
};
const freeForm = fc
  .dictionary(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
    fc.jsonValue({ maxDepth: 2, stringUnit: 'grapheme' }),
    { maxKeys: 4, noNullPrototype: true },
  )
  // As it comes from the database.
  .map((value) => JSON.parse(JSON.stringify(value)) as Metadata)
  .filter(isKept);

const states: fc.Arbitrary<KeyState> = fc
  .record({
    environment: fc.constantFrom('live' as const, 'test' as const),
    keyScopes: scopes,
    grantedScopes: scopes,
    keyMetadata: freeForm,
    principalMetadata: freeForm,
    principalType: fc.constantFrom('user' as const, 'service' as const),
    principalName: fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 50 })
      .filter((text) => label.safeParse(text).success),
    organizationId: fc.constantFrom(ORGANIZATION_ID, null),
    roles: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 10 })).map((names) => names.sort()),
    keyExpiresAtMs: fc.constantFrom(Infinity, NOW_MS + 60_000),
    restrictions: fc.constantFrom<Restrictions | null>(null, {
      ips: ['192.0.2.1', '2001:db8::/32'],
      paths: ['/a/*'],
    }),
  })
  .map((overrides) => keyState(overrides))
  // What is larger in sum than metadata may be gets no token.
  .filter(({ principalMetadata, keyMetadata }) => isKept({ ...principalMetadata, ...keyMetadata }));

/** One resource server for each algorithm, which define all of the scopes, and one that does not. */
const resourceServers: ResourceServerPolicy[] = SIGNING_ALGORITHMS.map((signingAlg) => ({
  audience: `https://${signingAlg.toLowerCase()}.example.com`,
  scopes: POOL,
  accessTokenTtlSeconds: 300,
  signingAlg,
  tokenTyp: 'at+jwt',
  refreshTokens: null,
}));
const FEW: ResourceServerPolicy = {
  audience: 'https://few.example.com',
  scopes: POOL.slice(0, 5),
  accessTokenTtlSeconds: 300,
  signingAlg: 'ES256',
  tokenTyp: 'at+jwt',
  refreshTokens: null,
};
const audiences = [[], ...resourceServers.map(({ audience }) => [audience])];

const core = await createCore({
  signingKeys: await oneOfEach(),
  resourceServers: [...resourceServers, FEW],
});
core.database.beforeAnswer = async () => {};
const publishedKeys = keySetFromJwks(JSON.parse(JSON.stringify(core.keyring.jwks)));

/** The three roads: the key itself, its token introspected here, its token verified by a backend. */
async function threeRoads(state: KeyState, audience: readonly string[], asked?: string) {
  core.database.rows.set(state.versionId, state);
  core.states.reset();
  const key = new VerifiedApiKey(state, ISSUER);
  const moment = { nowMs: NOW_MS, feedPosition: core.database.position };
  const issued = await core.tokens.issue({ subject: key, scope: asked, audience, ...moment });
  if (!issued.ok) throw new Error(issued.detail);
  const introspected = await core.accessTokens.verify(issued.accessToken, NOW_MS);
  if (!introspected.ok) throw new Error(introspected.code);
  const verified = verifySignature(issued.accessToken, publishedKeys, ISSUER);
  if (!verified.ok) throw new Error(verified.code);
  const used = checkToken(verified, {
    types: ['at+jwt'],
    audience: audience.length === 0 ? [ISSUER] : audience,
    nowSeconds: NOW_SECONDS,
    clockToleranceSeconds: 0,
    context: { ip: '192.0.2.1', path: '/a/b' },
  });
  expect(used.ok).toBe(true);
  return {
    byKey: key.principal,
    byIntrospection: introspected.principal,
    byLocalVerification: principalFromClaims(verified.claims),
  };
}

function withoutCredential({ credential: _credential, audience: _audience, ...rest }: Principal) {
  return rest;
}

describe('one principal by every road', () => {
  it('is the same for a key, for its token introspected, and for its token verified locally', async () => {
    await fc.assert(
      fc.asyncProperty(states, fc.constantFrom(...audiences), async (state, audience) => {
        const { byKey, byIntrospection, byLocalVerification } = await threeRoads(state, audience);
        expect(withoutCredential(byIntrospection)).toEqual(withoutCredential(byKey));
        expect(byLocalVerification).toEqual(byIntrospection);
        for (const one of [byKey, byIntrospection, byLocalVerification]) {
          expect(principalSchema.parse(one)).toEqual(one);
        }
        expect(byIntrospection.credential).toMatchObject({
          type: 'access_token',
          root: byKey.credential.root,
        });
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  it('is the same for a token with narrowed scopes, introspected and verified locally', async () => {
    await fc.assert(
      fc.asyncProperty(states, fc.infiniteStream(fc.boolean()), async (state, coins) => {
        const { principal } = new VerifiedApiKey(state, ISSUER);
        const some = principal.scopes.filter(() => coins.next().value === true);
        const asked = some.length > 0 ? some.join(' ') : undefined;
        const { byKey, byIntrospection, byLocalVerification } = await threeRoads(state, [], asked);
        expect(byLocalVerification).toEqual(byIntrospection);
        expect(byIntrospection.scopes).toEqual(asked === undefined ? byKey.scopes : some);
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  it('is the same, with the scopes that the audience defines, where it defines few', async () => {
    await fc.assert(
      fc.asyncProperty(states, async (state) => {
        const { byKey, byIntrospection, byLocalVerification } = await threeRoads(state, [
          FEW.audience,
        ]);
        expect(byLocalVerification).toEqual(byIntrospection);
        expect(byIntrospection.scopes).toEqual(
          byKey.scopes.filter((one) => FEW.scopes.includes(one)),
        );
      }),
      { numRuns: 50 },
    );
  });
});
