import { describe, expect, it } from '@jest/globals';
import { createCore, useAt } from '../../test/create-core.js';
import { NOW_MS } from '../../test/key-state.js';
import { claimsOf } from '../../test/sign-claims.js';
import { oneOfEach } from '../../test/signing-keys.js';
import type { RequestBinding } from '../binding/request-binding.js';
import { DependencyUnavailable } from '../dependency-unavailable.js';

const CNF = { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' };
const OTHER = { jkt: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs' };
const signingKeys = await oneOfEach();

function binding(overrides: Partial<RequestBinding> = {}): RequestBinding & { spent: number } {
  const one = {
    ok: true,
    scheme: 'DPoP',
    ...CNF,
    spent: 0,
    spend: () => (one.spent += 1) === 1,
    ...overrides,
  } as const satisfies RequestBinding & { spent: number } as RequestBinding & { spent: number };
  return one;
}

async function coreWithTokens() {
  const core = await createCore({ signingKeys });
  const apiKey = await core.newKey();
  const issue = async (credential: string, confirmation?: typeof CNF, proven?: RequestBinding) => {
    const context = useAt({ purpose: 'exchange', binding: proven ?? 'unchecked' });
    const subject = await core.authenticator.authenticate(credential, context);
    if (!subject.ok) throw new Error(subject.code);
    const request = { scope: undefined, audience: [], nowMs: NOW_MS, feedPosition: 0 };
    return core.tokens.issue({ subject, confirmation, ...request });
  };
  const newToken = async (credential: string, confirmation?: typeof CNF) => {
    const issued = await issue(credential, confirmation);
    if (!issued.ok) throw new Error(issued.detail);
    return issued.accessToken;
  };
  return { ...core, apiKey, issue, newBoundToken: () => newToken(apiKey, CNF), newToken };
}

describe('a token that is bound to a key', () => {
  it('is used by who proves the key, and by nobody else', async () => {
    const { outcomeOf, newBoundToken } = await coreWithTokens();
    const token = await newBoundToken();
    expect(claimsOf(token)).toMatchObject({ cnf: CNF });
    expect(await outcomeOf(token, { binding: binding() })).toBe('accepted');
    expect(await outcomeOf(token)).toBe('binding_unproven');
    expect(await outcomeOf(token, { binding: binding({ jkt: undefined }) })).toBe(
      'binding_unproven',
    );
    expect(await outcomeOf(token, { binding: binding(OTHER) })).toBe('binding_unproven');
    const asBearer = binding({ scheme: 'other', jkt: undefined });
    expect(await outcomeOf(token, { binding: asBearer })).toBe('binding_unproven');
  });

  it('is refused all the same once it is remembered', async () => {
    const { outcomeOf, newBoundToken } = await coreWithTokens();
    const token = await newBoundToken();
    expect(await outcomeOf(token, { binding: binding() })).toBe('accepted');
    expect(await outcomeOf(token)).toBe('binding_unproven');
  });

  it('is looked at without the key where somebody else asks for the proof', async () => {
    const { outcomeOf, newBoundToken } = await coreWithTokens();
    expect(await outcomeOf(await newBoundToken(), { binding: 'unchecked' })).toBe('accepted');
  });

  it('is not used with a proof that was used before', async () => {
    const { outcomeOf, newBoundToken, rejections } = await coreWithTokens();
    const [token, proof] = [await newBoundToken(), binding()];
    expect(await outcomeOf(token, { binding: proof })).toBe('accepted');
    expect(await outcomeOf(token, { binding: proof })).toBe('replayed');
    expect(rejections).toEqual(['replayed']);
  });

  it('uses up a proof only where the token itself is accepted', async () => {
    const { outcomeOf, newBoundToken } = await coreWithTokens();
    const [token, proof] = [await newBoundToken(), binding()];
    expect(await outcomeOf(token, { binding: proof, nowMs: NOW_MS + 300_000 })).toBe('expired');
    expect(await outcomeOf(`${token.slice(0, -4)}AAAA`, { binding: proof })).toBe('bad_signature');
    expect(proof.spent).toBe(0);
  });

  it('is neither accepted nor refused when the proof cannot be remembered', async () => {
    const { outcomeOf, newBoundToken } = await coreWithTokens();
    const full = binding({
      spend: () => {
        throw new DependencyUnavailable('dpop proof memory');
      },
    });
    const token = await newBoundToken();
    await expect(outcomeOf(token, { binding: full })).rejects.toThrow(DependencyUnavailable);
  });

  it('is exchanged only for one that is bound to the same key', async () => {
    const { issue, newBoundToken } = await coreWithTokens();
    const token = await newBoundToken();
    const same = await issue(token, CNF, binding());
    expect(same.ok && claimsOf(same.accessToken)).toMatchObject({ cnf: CNF });
    for (const confirmation of [undefined, OTHER]) {
      expect(await issue(token, confirmation)).toMatchObject({ ok: false, error: 'invalid_grant' });
    }
  });
});

describe('a credential that is bound to nothing', () => {
  it('is not presented as DPoP: there is nothing that the proof could prove', async () => {
    const { outcomeOf, apiKey, newToken } = await coreWithTokens();
    for (const credential of [apiKey, await newToken(apiKey)]) {
      const proof = binding();
      expect(await outcomeOf(credential, { binding: proof })).toBe('binding_unproven');
      expect(proof.spent).toBe(0);
      expect(await outcomeOf(credential, { binding: binding({ scheme: 'other' }) })).toBe(
        'accepted',
      );
    }
  });

  it('may be exchanged for a token that is bound', async () => {
    const { issue, apiKey, newToken } = await coreWithTokens();
    const issued = await issue(await newToken(apiKey), CNF);
    expect(issued.ok && claimsOf(issued.accessToken)).toMatchObject({ cnf: CNF });
  });
});
