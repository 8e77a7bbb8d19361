import { describe, expect, it } from '@jest/globals';
import { createCore } from '../../test/create-core.js';
import {
  IDENTITY_ID,
  identityState,
  keyState,
  NOW_MS,
  TRUSTED_ISSUER_ID,
} from '../../test/key-state.js';
import { rootTokenStatus } from '../status/root-token-status.js';
import { TOKEN_STATUS } from '../status/encode-status-list.js';
import { VerifiedIdentity } from '../state/verified-identity.js';
import { isOfCurrentTrust } from './is-of-current-trust.js';

const USER_ID = 'prn_01JD0000000000000000000021';

/** An identity, tokens of it that were issued at a position of the feed, and its issuer. */
async function coreWithIdentity() {
  const core = await createCore();
  const state = identityState({ principalId: USER_ID });
  await core.database.insert(state);
  const subject = new VerifiedIdentity(state);
  const tokenAt = async (feedPosition: number) => {
    const request = { scope: undefined, audience: [], nowMs: NOW_MS, feedPosition };
    const issued = await core.tokens.issue({ subject, ...request });
    if (!issued.ok) throw new Error(issued.detail);
    return issued.accessToken;
  };
  const takeBackAt = (trustPosition: number) =>
    core.database.update(IDENTITY_ID, 'trusted_issuer', TRUSTED_ISSUER_ID, { trustPosition });
  return { ...core, tokenAt, takeBackAt };
}

describe('what was derived from an issuer’s token', () => {
  it('is void once the issuer’s word is taken back, and what is derived after that is not', async () => {
    const { outcomeOf, tokenAt, takeBackAt } = await coreWithIdentity();
    const [before, after] = [await tokenAt(6), await tokenAt(7)];
    expect([await outcomeOf(before), await outcomeOf(after)]).toEqual(['accepted', 'accepted']);
    await takeBackAt(7);
    expect([await outcomeOf(before), await outcomeOf(after)]).toEqual([
      'credential_revoked',
      'accepted',
    ]);
  });

  it('is void also where it acts for somebody', async () => {
    const { authenticator, newKey, outcomeOf, takeBackAt, tokens, tokenAt } =
      await coreWithIdentity();
    const key = await newKey({ actorIds: [USER_ID] });
    const use = { nowMs: NOW_MS, audience: undefined, request: undefined } as const;
    const context = { ...use, purpose: 'exchange' } as const;
    const subject = await authenticator.authenticate(key, context);
    const actor = await authenticator.authenticate(await tokenAt(6), context);
    if (!subject.ok || !actor.ok) throw new Error('turned away');
    const request = { scope: undefined, audience: [], nowMs: NOW_MS, feedPosition: 6 };
    const issued = await tokens.issue({ subject, actor, ...request });
    if (!issued.ok) throw new Error(issued.detail);
    expect(await outcomeOf(issued.accessToken)).toBe('accepted');
    await takeBackAt(7);
    expect(await outcomeOf(issued.accessToken)).toBe('actor_not_permitted');
  });
});

describe('isOfCurrentTrust', () => {
  it('counts positions, for identities alone', () => {
    const identity = identityState({ trustPosition: 7 });
    expect([6, 7, 8].map((position) => isOfCurrentTrust(identity, position))).toEqual([
      false,
      true,
      true,
    ]);
    expect(isOfCurrentTrust(keyState(), 0)).toBe(true);
  });

  it('is told by status lists as well', () => {
    const identity = identityState({ trustPosition: 7 });
    expect(rootTokenStatus(identity, 6, NOW_MS)).toBe(TOKEN_STATUS.invalid);
    expect(rootTokenStatus(identity, 7, NOW_MS)).toBe(TOKEN_STATUS.valid);
  });
});
