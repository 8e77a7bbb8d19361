import { describe, expect, it } from '@jest/globals';
import type { Restrictions } from '@countersign/contracts';
import { useAt } from '../../test/create-core.js';
import { API, ISSUER, keyState, NOW_MS } from '../../test/key-state.js';
import type { KeyState } from '../state/key-state.js';
import { VerifiedApiKey } from '../state/verified-api-key.js';
import { ResourceServers } from '../tokens/resource-servers.js';
import { decide } from './decide.js';
import type { DecisionContext } from './decision-context.js';

const MEMORY = {
  issuer: ISSUER,
  revocations: { has: () => false },
  resourceServers: new ResourceServers(async () => []),
};
const OTHER_API = 'https://other.example.com';
const FULL = { ip: '192.0.2.1', method: 'GET', path: '/reports/1' };
const RESTRICTIONS: Restrictions = {
  ips: ['192.0.2.0/24'],
  methods: ['GET'],
  paths: ['/reports/*'],
};

function codeOf(state: Partial<KeyState>, context: Partial<DecisionContext> = {}) {
  const decision = decide(new VerifiedApiKey(keyState(state), ISSUER), useAt(context), MEMORY);
  return decision.ok ? 'accepted' : decision.code;
}

describe('decide about a key', () => {
  it('asks for its standing at the moment of use, not at that of verification', () => {
    const key = { keyExpiresAtMs: NOW_MS };
    expect(codeOf(key, { nowMs: NOW_MS - 1 })).toBe('accepted');
    expect(codeOf(key, { nowMs: NOW_MS })).toBe('expired');
    expect(codeOf({ keyStatus: 'revoked' })).toBe('credential_revoked');
  });

  it.each([
    ['accepted', [], API],
    ['accepted', [], undefined],
    ['accepted', [API], undefined],
    ['accepted', [API], API],
    ['accepted', [OTHER_API, API], API],
    ['wrong_audience', [OTHER_API], API],
    ['wrong_audience', [`${API}/`], API],
    ['wrong_audience', [API.toUpperCase()], API],
  ])('%s: a key for %p, used at %p', (code, audiences, audience) => {
    expect(codeOf({ audiences }, { audience })).toBe(code);
  });

  it.each([
    ['accepted', FULL],
    ['ip_not_allowed', { ...FULL, ip: '198.51.100.1' }],
    ['ip_not_allowed', { ...FULL, ip: undefined }],
    ['method_not_allowed', { ...FULL, method: 'POST' }],
    ['path_not_allowed', { ...FULL, path: '/users' }],
    ['ip_not_allowed', undefined],
  ])('%s: a restricted key, used for %p', (code, request) => {
    expect(codeOf({ restrictions: RESTRICTIONS }, { request })).toBe(code);
  });

  it.each([
    ['accepted', { ip: FULL.ip, method: 'POST', path: '/token' }],
    ['ip_not_allowed', { ip: '198.51.100.1', method: 'GET', path: '/reports/1' }],
  ])(
    '%s: a restricted key, exchanged from %p: only where it comes from counts',
    (code, request) => {
      const context = { request, purpose: 'exchange' } as const;
      expect(codeOf({ restrictions: RESTRICTIONS }, context)).toBe(code);
      expect(codeOf({ restrictions: { paths: ['/reports/*'] } }, context)).toBe('accepted');
    },
  );

  it('does not ask for restrictions where a credential is revoked, but for all else', () => {
    const context = { purpose: 'revocation', audience: API } as const;
    expect(codeOf({ restrictions: RESTRICTIONS }, context)).toBe('accepted');
    expect(codeOf({ restrictions: RESTRICTIONS, audiences: [OTHER_API] }, context)).toBe(
      'wrong_audience',
    );
    expect(codeOf({ restrictions: RESTRICTIONS, keyExpiresAtMs: 0 }, context)).toBe('expired');
  });

  it('puts standing before audience, and audience before restrictions', () => {
    const state: Partial<KeyState> = { audiences: [OTHER_API], restrictions: RESTRICTIONS };
    const context = { audience: API, request: undefined };
    expect(codeOf({ ...state, keyStatus: 'revoked' }, context)).toBe('credential_revoked');
    expect(codeOf(state, context)).toBe('wrong_audience');
  });
});
