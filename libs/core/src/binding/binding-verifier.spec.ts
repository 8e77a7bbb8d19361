import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DpopProver } from '../../test/dpop-prover.js';
import { NOW_MS } from '../../test/key-state.js';
import { DependencyUnavailable } from '../dependency-unavailable.js';
import { BindingVerifier } from './binding-verifier.js';
import { DpopNonces } from './dpop-nonces.js';
import type { RequestBinding } from './request-binding.js';
import { SpentProofs } from './spent-proofs.js';

const MINUTE_MS = 60_000;
const key = randomBytes(32);
const url = 'https://auth.example.com/whoami';
const prover = await DpopProver.create();

function replica(nonceKeys: readonly [Buffer, ...Buffer[]] = [key], spent = new SpentProofs()) {
  const nonces = new DpopNonces(nonceKeys);
  const refusals: string[] = [];
  const onRefusal = (code: string) => refusals.push(code);
  return { nonces, spent, refusals, verifier: new BindingVerifier({ nonces, spent, onRefusal }) };
}

async function proven(
  { verifier }: ReturnType<typeof replica>,
  proof: string,
  nowMs = NOW_MS,
): Promise<RequestBinding> {
  const request = { scheme: 'DPoP', proof, method: 'GET', url, accessToken: 'token' } as const;
  const binding = await verifier.ofResourceRequest(request, nowMs);
  if (!binding.ok) throw new Error(`${binding.code}: ${binding.detail}`);
  return binding;
}

const prove = (nonce: string) => prover.prove('GET', url, { nonce, accessToken: 'token' });

describe('DpopNonces', () => {
  it('are good for one to two minutes, on every replica with the same secret', () => {
    const [one, two] = [new DpopNonces([key]), new DpopNonces([key])];
    const startMs = Math.floor(NOW_MS / MINUTE_MS) * MINUTE_MS;
    const nonce = one.current(startMs);
    expect(one.current(startMs + MINUTE_MS - 1)).toBe(nonce);
    const isGoodAt = (ms: number) => two.epochOf(nonce, startMs + ms) !== undefined;
    expect([0, MINUTE_MS, 2 * MINUTE_MS - 1].map(isGoodAt)).toEqual([true, true, true]);
    expect([2 * MINUTE_MS, 10 * MINUTE_MS].map(isGoodAt)).toEqual([false, false]);
  });

  it('are good a little early: a replica that is ahead has made them', () => {
    const nonces = new DpopNonces([key]);
    expect(nonces.epochOf(nonces.current(NOW_MS + MINUTE_MS), NOW_MS)).toBeDefined();
    expect(nonces.epochOf(nonces.current(NOW_MS + 2 * MINUTE_MS), NOW_MS)).toBeUndefined();
  });

  it('outlive a change of the secret, as long as the old one is still listed', () => {
    const old = new DpopNonces([key]).current(NOW_MS);
    const next = randomBytes(32);
    expect(new DpopNonces([next, key]).epochOf(old, NOW_MS)).toBeDefined();
    expect(new DpopNonces([next]).epochOf(old, NOW_MS)).toBeUndefined();
  });

  it('are made by nobody else, and have one spelling', () => {
    const nonces = new DpopNonces([key]);
    const nonce = nonces.current(NOW_MS);
    fc.assert(
      fc.property(fc.nat(29), fc.integer({ min: 1, max: 63 }), (at, by) => {
        const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
        const other = alphabet[(alphabet.indexOf(nonce.charAt(at)) + by) % 64] ?? '';
        const changed = nonce.slice(0, at) + other + nonce.slice(at + 1);
        expect(nonces.epochOf(changed, NOW_MS)).toBeUndefined();
      }),
    );
    for (const text of ['', nonce.slice(1), `${nonce}A`, ` ${nonce}`, `${nonce}=`]) {
      expect(nonces.epochOf(text, NOW_MS)).toBeUndefined();
    }
  });
});

describe('SpentProofs', () => {
  it('knows a proof for as long as its nonce is good', () => {
    const spent = new SpentProofs();
    const epoch = Math.floor(NOW_MS / MINUTE_MS);
    expect(spent.add(epoch, 'jkt', 'jti', NOW_MS)).toBe(true);
    expect(spent.add(epoch, 'jkt', 'jti', NOW_MS + MINUTE_MS)).toBe(false);
    expect(spent.add(epoch, 'another', 'jti', NOW_MS)).toBe(true);
    expect(spent.add(epoch, 'jkt', 'another', NOW_MS)).toBe(true);
    expect(spent.size).toBe(3);
    spent.add(epoch + 2, 'jkt', 'later', NOW_MS + 2 * MINUTE_MS);
    expect(spent.size).toBe(1);
  });

  it('forgets none when it is full: it says that it cannot tell', () => {
    const spent = new SpentProofs(2);
    const epoch = Math.floor(NOW_MS / MINUTE_MS);
    spent.add(epoch, 'jkt', '1', NOW_MS);
    spent.add(epoch, 'jkt', '2', NOW_MS);
    expect(() => spent.add(epoch, 'jkt', '3', NOW_MS)).toThrow(DependencyUnavailable);
    expect(spent.add(epoch, 'jkt', '1', NOW_MS)).toBe(false);
    const laterMs = NOW_MS + 2 * MINUTE_MS;
    expect(spent.add(epoch + 2, 'jkt', '3', laterMs)).toBe(true);
  });
});

describe('BindingVerifier', () => {
  it('sends whoever has no nonce for one, which another replica takes (RFC 9449 §8)', async () => {
    const [one, two] = [replica(), replica()];
    const request = { scheme: 'DPoP', method: 'GET', url, accessToken: 'token' } as const;
    const proof = await prover.prove('GET', url, { accessToken: 'token' });
    const refusal = await one.verifier.ofResourceRequest({ ...request, proof }, NOW_MS);
    expect(refusal).toMatchObject({ ok: false, code: 'use_dpop_nonce' });
    expect(one.refusals).toEqual(['use_dpop_nonce']);
    const { nonce } = refusal as { nonce: string };
    expect(await proven(two, await prove(nonce))).toMatchObject({
      scheme: 'DPoP',
      jkt: prover.jkt,
    });
  });

  it('takes no proof twice (RFC 9449 §11.1), and asking again is no second use', async () => {
    const one = replica();
    const proof = await prove(one.nonces.current(NOW_MS));
    const [binding, replayed] = [await proven(one, proof), await proven(one, proof)];
    expect([binding.spend(), binding.spend()]).toEqual([true, true]);
    expect([replayed.spend(), replayed.spend()]).toEqual([false, false]);
  });

  it('takes no proof whose nonce is over, on whatever replica', async () => {
    const one = replica();
    const proof = await prove(one.nonces.current(NOW_MS));
    const laterMs = NOW_MS + 2 * MINUTE_MS;
    await expect(proven(replica(), proof, laterMs)).rejects.toThrow('use_dpop_nonce');
  });

  it('remembers nothing of a proof that nobody spends', async () => {
    const one = replica();
    await proven(one, await prove(one.nonces.current(NOW_MS)));
    expect(one.spent.size).toBe(0);
  });

  it('hands out the next nonce once the one in the proof is about to end (§8.2)', async () => {
    const one = replica();
    const nonce = one.nonces.current(NOW_MS);
    expect((await proven(one, await prove(nonce))).nextNonce).toBeUndefined();
    const laterMs = NOW_MS + MINUTE_MS;
    const later = await proven(one, await prove(nonce), laterMs);
    expect(later.nextNonce).toBe(one.nonces.current(laterMs));
  });

  it('looks at no proof where the scheme is not DPoP, and finds none proven', async () => {
    const { verifier } = replica();
    const request = { scheme: 'other', proof: 'x', method: 'GET', url, accessToken: 't' } as const;
    const binding = await verifier.ofResourceRequest(request, NOW_MS);
    expect(binding).toMatchObject({ ok: true, scheme: 'other' });
    expect('jkt' in binding).toBe(false);
  });

  it('binds at the token endpoint only where a proof was sent, and then it must hold', async () => {
    const { verifier, nonces } = replica();
    const request = { method: 'POST', url: 'https://auth.example.com/token' };
    const without = verifier.ofTokenRequest({ ...request, proof: undefined }, NOW_MS);
    expect(without).toMatchObject({ ok: true, scheme: 'other' });
    const nonce = nonces.current(NOW_MS);
    const proof = await prover.prove('POST', request.url, { nonce });
    const bound = await verifier.ofTokenRequest({ ...request, proof }, NOW_MS);
    expect(bound).toMatchObject({ ok: true, scheme: 'other', jkt: prover.jkt });
    const wrong = await verifier.ofTokenRequest({ ...request, proof: '' }, NOW_MS);
    expect(wrong).toMatchObject({ ok: false, code: 'invalid_dpop_proof', nonce });
  });
});
