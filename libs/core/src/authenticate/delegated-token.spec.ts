import type { Confirmation } from '@countersign/contracts';
import { describe, expect, it } from '@jest/globals';
import { createCore, useAt, versionIdOf } from '../../test/create-core.js';
import { KEY_ID, NOW_MS, PRINCIPAL_ID } from '../../test/key-state.js';
import { needsCertificate } from '../binding/needs-certificate.js';
import type { KeyState } from '../state/key-state.js';

const ACTOR_ID = 'prn_01JD0000000000000000000011';
const ACTOR_KEY_ID = 'key_01JD0000000000000000000012';

const THUMBPRINT = 'A'.repeat(43);
const OTHER_THUMBPRINT = 'B'.repeat(43);

/** A key, one of another principal that may act for it, and a token by which it does. */
async function coreWithDelegation({
  actorOverrides = {},
  confirmation,
}: {
  actorOverrides?: Partial<KeyState>;
  confirmation?: Confirmation;
} = {}) {
  const core = await createCore();
  const { authenticator, tokens } = core;
  const subjectKey = await core.newKey({ actorIds: [ACTOR_ID] });
  const actorKey = await core.newKey({
    principalId: ACTOR_ID,
    keyId: ACTOR_KEY_ID,
    ...actorOverrides,
  });
  const verified = async (key: string) => {
    const outcome = await authenticator.authenticate(
      key,
      useAt({ purpose: 'exchange', certificateThumbprint: confirmation?.['x5t#S256'] }),
    );
    if (!outcome.ok) throw new Error(outcome.code);
    return outcome;
  };
  const [subject, actor] = [await verified(subjectKey), await verified(actorKey)];
  const request = {
    subject,
    actor,
    scope: undefined,
    audience: [],
    confirmation,
    nowMs: NOW_MS,
    feedPosition: 0,
  };
  const issued = await tokens.issue(request);
  if (!issued.ok) throw new Error(issued.detail);
  const token = issued.accessToken;
  const [subjectId, actorId] = [versionIdOf(subjectKey), versionIdOf(actorKey)];
  return {
    ...core,
    subject,
    actor,
    token,
    subjectId,
    actorId,
    use: () => authenticator.authenticate(token, useAt()),
  };
}

describe('a delegated token', () => {
  it('is answered at once, with the very same, when memory has subject and actor', async () => {
    const { use, database } = await coreWithDelegation();
    const first = await use();
    const reads = database.reads.length;
    expect(first).toMatchObject({ ok: true, principal: { actor: { subject: ACTOR_ID } } });
    expect(use()).toBe(first);
    expect(database.reads).toHaveLength(reads);
  });

  it('reads what a change has emptied, be it of the subject or of the actor', async () => {
    const { use, database, subjectId, actorId } = await coreWithDelegation();
    await use();
    for (const [kind, keyId, id] of [
      ['api_key', KEY_ID, subjectId],
      ['api_key', ACTOR_KEY_ID, actorId],
    ] as const) {
      database.reads.length = 0;
      await database.announce(kind, keyId);
      expect(use()).toBeInstanceOf(Promise);
      expect(await use()).toMatchObject({ ok: true });
      expect(database.reads).toEqual([id]);
      expect(use()).not.toBeInstanceOf(Promise);
    }
  });

  it('hears of a permission that is withdrawn while its actor is being read', async () => {
    const { use, database, states, subjectId } = await coreWithDelegation();
    states.reset();
    let readings = 0;
    database.beforeAnswer = async () => {
      readings += 1;
      if (readings !== 2) return;
      await database.update(subjectId, 'principal', PRINCIPAL_ID, { actorIds: [] });
    };
    expect(await use()).toMatchObject({ ok: false, code: 'actor_not_permitted' });
    expect(readings).toBeGreaterThan(2);
  });

  it("falls with its actor's key, revoked or deleted", async () => {
    const { use, database, actorId, rejections } = await coreWithDelegation();
    await database.update(actorId, 'api_key', ACTOR_KEY_ID, { keyStatus: 'revoked' });
    expect(await use()).toMatchObject({ ok: false, code: 'actor_not_permitted' });
    await database.update(actorId, 'api_key', ACTOR_KEY_ID, { keyStatus: 'active' });
    expect(await use()).toMatchObject({ ok: true });
    await database.delete(actorId, ACTOR_KEY_ID);
    expect(await use()).toMatchObject({ ok: false, code: 'actor_not_permitted' });
    expect(rejections).toEqual(['actor_not_permitted', 'actor_not_permitted']);
  });

  it('counts as a use of both keys', async () => {
    const { use, states } = await coreWithDelegation();
    states.takeUses();
    await use();
    expect([...states.takeUses().keys()].sort()).toEqual([KEY_ID, ACTOR_KEY_ID].sort());
  });

  it('is an outage, and not a rejection, when its actor cannot be read', async () => {
    const { use, database, states } = await coreWithDelegation();
    await use();
    states.reset();
    let readings = 0;
    database.beforeAnswer = async () => {
      readings += 1;
      if (readings > 1) throw new Error('the database is gone');
    };
    await expect(use()).rejects.toThrow('the database is gone');
  });
});

describe('a delegated token whose actor has a key that is bound to certificates', () => {
  const bound = {
    actorOverrides: { certificateThumbprints: [THUMBPRINT] },
    confirmation: { 'x5t#S256': THUMBPRINT },
  };

  it('has to be bound to a certificate, and what is derived from it as well', async () => {
    const { subject, actor, token, authenticator } = await coreWithDelegation(bound);
    expect(needsCertificate({ subject, client: undefined })).toBe(false);
    expect(needsCertificate({ subject, actor, client: undefined })).toBe(true);
    const context = useAt({ certificateThumbprint: THUMBPRINT });
    const delegated = await authenticator.authenticate(token, context);
    if (!delegated.ok) throw new Error(delegated.code);
    expect(needsCertificate({ subject: delegated, client: undefined })).toBe(true);
  });

  it('is good with that certificate alone', async () => {
    const { outcomeOf, token } = await coreWithDelegation(bound);
    expect(await outcomeOf(token, { certificateThumbprint: THUMBPRINT })).toBe('accepted');
    expect(await outcomeOf(token, { certificateThumbprint: OTHER_THUMBPRINT })).toBe(
      'binding_unproven',
    );
    expect(await outcomeOf(token)).toBe('binding_unproven');
  });

  it('ends when the certificate is taken off the list, and when there is first a list', async () => {
    const { outcomeOf, token, database, actorId } = await coreWithDelegation(bound);
    const change = { certificateThumbprints: [OTHER_THUMBPRINT] };
    await database.update(actorId, 'api_key', ACTOR_KEY_ID, change);
    for (const certificateThumbprint of [THUMBPRINT, OTHER_THUMBPRINT, undefined]) {
      expect(await outcomeOf(token, { certificateThumbprint })).toBe('binding_unproven');
      expect(await outcomeOf(token, { certificateThumbprint, binding: 'unchecked' })).toBe(
        'binding_unproven',
      );
    }
    const unbound = await coreWithDelegation();
    expect(await unbound.outcomeOf(unbound.token)).toBe('accepted');
    await unbound.database.update(unbound.actorId, 'api_key', ACTOR_KEY_ID, change);
    expect(await unbound.outcomeOf(unbound.token)).toBe('binding_unproven');
  });

  it('may be revoked without the certificate', async () => {
    const { outcomeOf, token } = await coreWithDelegation(bound);
    const context = { purpose: 'revocation', binding: 'unchecked' } as const;
    expect(await outcomeOf(token, context)).toBe('accepted');
  });
});
