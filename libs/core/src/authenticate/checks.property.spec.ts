import { describe, expect, it } from '@jest/globals';
import { CHECK_NAMES, type CheckName, type Restrictions } from '@countersign/contracts';
import { importVerificationKey, verifySignature } from '@countersign/verify';
import fc from 'fast-check';
import { useAt } from '../../test/create-core.js';
import { API, ISSUER, KEY_ID, keyState, NOW_MS, NOW_SECONDS } from '../../test/key-state.js';
import { PRINCIPAL_ID, VERSION_ID } from '../../test/key-state.js';
import { signClaims } from '../../test/sign-claims.js';
import { signingKey } from '../../test/signing-keys.js';
import type { KeyState } from '../state/key-state.js';
import { VerifiedAccessToken } from '../state/verified-access-token.js';
import { VerifiedApiKey } from '../state/verified-api-key.js';
import type { VerifiedCredential } from '../state/verified-credential.js';
import { UNBOUND } from '../binding/request-binding.js';
import { CHECKS } from './checks.js';
import { decide } from './decide.js';
import type { DecisionContext } from './decision-context.js';
import { findFailures } from './find-failures.js';
import { possibleChecks } from './possible-checks.js';

const OTHER_API = 'https://other.example.com';
const JTI = 'the-token';
const HERE = { ip: '192.0.2.1', method: 'GET', path: '/reports/1' };
const ELSEWHERE: Restrictions = { ips: ['198.51.100.0/24'], methods: ['PUT'], paths: ['/x'] };
const LISTS = { ip: 'ips', method: 'methods', path: 'paths' } as const;

const ACTOR_ID = 'prn_01JD0000000000000000000011';
const OTHER_ACTOR_ID = 'prn_01JD0000000000000000000012';
const CID = `${KEY_ID}.${VERSION_ID}`;
const ACT = { sub: ACTOR_ID, cid: CID, act: { sub: OTHER_ACTOR_ID, cid: CID } };

const signer = await signingKey('Ed25519');
const keys = new Map([[signer.kid, importVerificationKey(signer.publicJwk)]]);

/** What is wrong with a credential or its use; each by itself makes one check fail. */
interface Defects {
  readonly keyStatus: KeyState['keyStatus'];
  readonly keyExpired: boolean;
  readonly versionExpired: boolean;
  readonly principalDisabled: boolean;
  readonly organizationDisabled: boolean;
  readonly audienceAsked: boolean;
  readonly wrongAudience: boolean;
  readonly restricted: readonly ('ip' | 'method' | 'path')[];
  readonly scopesMissing: boolean;
  /** What only a token can have; null: a key. */
  readonly token: {
    readonly revoked: boolean;
    readonly expired: boolean;
    readonly tooEarly: boolean;
    readonly wrongType: boolean;
    readonly beyondRoot: boolean;
    readonly bound: boolean;
    readonly actor: ActorDefects | null;
    readonly restricted: readonly ('ip' | 'method' | 'path')[];
  } | null;
}

/** What is wrong with one of a token's actors, the second of two; null: it has none. */
interface ActorDefects {
  readonly unnamed: boolean;
  readonly ended: Partial<KeyState>;
  readonly foreign: boolean;
  readonly missing: boolean;
  readonly beyondAudience: boolean;
  readonly restricted: readonly ('ip' | 'method' | 'path')[];
}

const restricted = fc.subarray(['ip', 'method', 'path'] as const);
const actor: fc.Arbitrary<ActorDefects> = fc.record({
  unnamed: fc.boolean(),
  ended: fc.constantFrom<Partial<KeyState>>(
    {},
    {},
    { keyStatus: 'revoked' },
    { keyStatus: 'disabled' },
    { keyExpiresAtMs: NOW_MS },
    { versionExpiresAtMs: NOW_MS },
    { versionEnded: true },
    { principalStatus: 'disabled' },
    { organizationStatus: 'disabled' },
    { environment: 'test' },
  ),
  foreign: fc.boolean(),
  missing: fc.boolean(),
  beyondAudience: fc.boolean(),
  restricted,
});
const defects: fc.Arbitrary<Defects> = fc.record({
  keyStatus: fc.constantFrom('active' as const, 'active' as const, 'disabled', 'revoked'),
  keyExpired: fc.boolean(),
  versionExpired: fc.boolean(),
  principalDisabled: fc.boolean(),
  organizationDisabled: fc.boolean(),
  audienceAsked: fc.boolean(),
  wrongAudience: fc.boolean(),
  restricted,
  scopesMissing: fc.boolean(),
  token: fc.option(
    fc.record({
      revoked: fc.boolean(),
      expired: fc.boolean(),
      tooEarly: fc.boolean(),
      wrongType: fc.boolean(),
      beyondRoot: fc.boolean(),
      bound: fc.boolean(),
      actor: fc.option(actor),
      restricted,
    }),
  ),
});

/** A use at any time, for any purpose, with any binding, from anywhere. */
const anyUse: fc.Arbitrary<Partial<DecisionContext>> = fc.record({
  nowMs: fc.constantFrom(0, NOW_MS, NOW_MS + 2_000, 8.64e15, NaN),
  audience: fc.constantFrom(undefined, ISSUER, API, OTHER_API, ''),
  request: fc.constantFrom(undefined, HERE, {}),
  purpose: fc.constantFrom('use' as const, 'exchange', 'revocation'),
  binding: fc.constantFrom<DecisionContext['binding']>(undefined, 'unchecked', UNBOUND, {
    ...UNBOUND,
    scheme: 'DPoP',
  }),
  certificateThumbprint: fc.constantFrom(undefined, 'A'.repeat(43)),
  isPresentedElsewhere: fc.boolean(),
  requiredScopes: fc.constantFrom(undefined, 'read:everything'),
});

/** Told from the defects alone, by other means than the checks. */
function expectedFailures({ token, ...defect }: Defects): CheckName[] {
  const actor = token?.actor;
  // An actor that was not found has nothing by which more could be told.
  const found = actor?.missing === true ? undefined : actor;
  const isRestricted = (kind: 'ip' | 'method' | 'path') =>
    [defect, token, found].some((part) => part?.restricted.includes(kind));
  const failing: Record<CheckName, boolean> = {
    revocation: defect.keyStatus === 'revoked' || token?.revoked === true,
    expiry: defect.keyExpired || defect.versionExpired || token?.expired === true,
    not_before: token?.tooEarly === true,
    type: token?.wrongType === true,
    status: defect.keyStatus === 'disabled',
    principal: defect.principalDisabled,
    organization: defect.organizationDisabled,
    actor:
      actor?.unnamed === true ||
      actor?.foreign === true ||
      actor?.missing === true ||
      Object.keys(actor?.ended ?? {}).length > 0,
    root_audience: token?.beyondRoot === true || found?.beyondAudience === true,
    audience: defect.audienceAsked && defect.wrongAudience,
    binding: token?.bound === true,
    ip: isRestricted('ip'),
    method: isRestricted('method'),
    path: isRestricted('path'),
    scopes: defect.scopesMissing,
  };
  return CHECK_NAMES.filter((name) => failing[name]);
}

function keyWith({ token, ...defect }: Defects): VerifiedApiKey {
  const ownAudience = defect.wrongAudience ? OTHER_API : API;
  const state = keyState({
    keyStatus: defect.keyStatus,
    keyExpiresAtMs: defect.keyExpired ? NOW_MS : Infinity,
    versionExpiresAtMs: defect.versionExpired ? NOW_MS : NOW_MS + 1,
    principalStatus: defect.principalDisabled ? 'disabled' : 'active',
    organizationStatus: defect.organizationDisabled ? 'disabled' : 'active',
    audiences: token?.beyondRoot ? ['https://third.example.com'] : [ownAudience],
    restrictions: restrictionsFailing(defect.restricted),
    actorIds: token?.actor?.unnamed === true ? [ACTOR_ID] : [ACTOR_ID, OTHER_ACTOR_ID],
  });
  return new VerifiedApiKey(state, ISSUER);
}

/** Two actors: a good one, and within, so that it acted before, one with the defects. */
function actorsWith(defect: ActorDefects): VerifiedApiKey[] {
  const good = keyState({ principalId: ACTOR_ID });
  const bad = keyState({
    principalId: defect.foreign ? PRINCIPAL_ID : OTHER_ACTOR_ID,
    audiences: defect.beyondAudience ? ['https://third.example.com'] : [],
    restrictions: restrictionsFailing(defect.restricted),
    ...defect.ended,
  });
  const states = defect.missing ? [good] : [good, bad];
  return states.map((state) => new VerifiedApiKey(state, ISSUER));
}

async function credentialWith(defect: Defects): Promise<VerifiedCredential> {
  const root = keyWith(defect);
  if (defect.token === null) return root;
  const claims = {
    iss: ISSUER,
    sub: PRINCIPAL_ID,
    aud: defect.wrongAudience ? OTHER_API : API,
    client_id: KEY_ID,
    iat: defect.token.tooEarly ? NOW_SECONDS + 6 : NOW_SECONDS + 5,
    exp: defect.token.expired ? NOW_SECONDS : NOW_SECONDS + 1,
    jti: JTI,
    scope: 'read:users',
    name: 'job',
    principal_type: 'service',
    env: 'live',
    cid: `${KEY_ID}.${VERSION_ID}`,
    restrictions: restrictionsFailing(defect.token.restricted),
    ...(defect.token.bound && { cnf: { jkt: signer.kid } }),
    ...(defect.token.actor !== null && { act: ACT }),
  };
  const token = await signClaims(claims, signer, defect.token.wrongType ? 'id+jwt' : 'at+jwt');
  const verified = verifySignature(token, keys, ISSUER);
  if (!verified.ok) throw new Error(verified.code);
  const { actor } = defect.token;
  return new VerifiedAccessToken(verified, root, actor === null ? [] : actorsWith(actor));
}

function restrictionsFailing(kinds: readonly ('ip' | 'method' | 'path')[]): Restrictions {
  return Object.fromEntries(kinds.map((kind) => [LISTS[kind], ELSEWHERE[LISTS[kind]]]));
}

function useWith({ audienceAsked, scopesMissing }: Defects) {
  return useAt({
    request: HERE,
    audience: audienceAsked ? API : undefined,
    requiredScopes: scopesMissing ? ['read:users', 'read:everything'] : 'read:users',
  });
}

function memoryWith({ token }: Defects) {
  const policy = { audience: API, scopes: ['read:users'], accessTokenTtlSeconds: 300 };
  return {
    issuer: ISSUER,
    revocations: { has: (jti: string) => jti === JTI && token?.revoked === true },
    resourceServers: {
      find: () =>
        ({ ...policy, signingAlg: 'RS256', tokenTyp: 'at+jwt', refreshTokens: null }) as const,
    },
  };
}

describe('the checks of a credential', () => {
  it('find everything that is wrong, the gravest first, and a decision stops at the first', async () => {
    await fc.assert(
      fc.asyncProperty(defects, async (defect) => {
        const credential = await credentialWith(defect);
        const [context, memory] = [useWith(defect), memoryWith(defect)];
        const failures = findFailures(credential, context, memory);
        expect(failures.map(({ check }) => check.name)).toEqual(expectedFailures(defect));
        const decision = decide(credential, context, memory);
        expect(decision.ok).toBe(failures.length === 0);
        expect(decision.ok ? undefined : decision.code).toBe(failures[0]?.code);
      }),
      { numRuns: 500 },
    );
  });

  it('are left out only where no use of the credential could fail them, and keep their order', async () => {
    await fc.assert(
      fc.asyncProperty(defects, defects, anyUse, async (defect, others, use) => {
        const credential = await credentialWith(defect);
        const asked = possibleChecks(credential);
        expect(asked).toEqual(CHECKS.filter((check) => asked.includes(check)));
        const context = { ...useWith(others), ...use };
        const codes = CHECKS.filter((check) => !asked.includes(check)).map(({ failure }) =>
          failure(credential, context, memoryWith(others)),
        );
        expect(codes.filter((code) => code !== undefined)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('are all there are, in the order that is documented', () => {
    expect(CHECKS.map(({ name }) => name)).toEqual(CHECK_NAMES);
  });
});
