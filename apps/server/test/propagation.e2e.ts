import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ChangeRunner } from '../src/admin/change-runner.js';
import { Propagated } from '../src/http/propagated.js';
import { type AdminApi, startAdminApi } from './admin-api.js';
import type { AdminAnswer } from './admin-caller.js';
import { CONFIRMED } from './confirmed.js';

const NO_WAIT = { prefer: 'wait=0' };

let api: AdminApi;

beforeAll(async () => {
  api = await startAdminApi();
});

afterEach(() => api.dataSource.query(`DELETE FROM replicas WHERE id = 'ghost'`));

afterAll(() => api.stop());

/** A replica that never applies anything. */
async function addGhost(leaseMs = 60_000): Promise<void> {
  await api.dataSource.query(`INSERT INTO replicas (id, lease_ms) VALUES ('ghost', $1)`, [leaseMs]);
}

async function newKey() {
  const { id } = await api.principal({ scopes: ['read', 'write'] });
  return { principalId: id, ...(await api.key(id, { scopes: ['read', 'write'] })) };
}

function expectUnconfirmed(answer: AdminAnswer): void {
  expect([answer.status, answer.headers['preference-applied']]).toEqual([202, 'wait=0']);
  expect(answer.body.propagation).toEqual({
    confirmed: false,
    replicas: expect.any(Number),
    lapsed: 0,
    pending: expect.any(Number),
    took_ms: expect.any(Number),
    bound_ms: expect.any(Number),
  });
  expect(answer.body.propagation.pending).toBeGreaterThan(0);
  expect(answer.body.propagation.bound_ms).toBeGreaterThan(50_000);
}

describe('what takes something away', () => {
  it.each([
    ['a revoked key', (id: string) => ['POST', `/v1/keys/${id}/revoke`, {}] as const],
    [
      'a disabled key',
      (id: string) => ['PATCH', `/v1/keys/${id}`, { status: 'disabled' }] as const,
    ],
    ['a narrowed key', (id: string) => ['PATCH', `/v1/keys/${id}`, { scopes: ['read'] }] as const],
  ])('is 202 until every replica has it, and 200 when it is asked for again: %s', async (_, to) => {
    const key = await newKey();
    const [method, url, body] = to(key.id);
    await addGhost();
    const first = await api.root.send(method, url, body, NO_WAIT);
    expectUnconfirmed(first);
    expectUnconfirmed(await api.root.send(method, url, body, NO_WAIT));
    await api.dataSource.query(`DELETE FROM replicas WHERE id = 'ghost'`);
    const again = await api.root.send(method, url, body);
    expect([again.status, again.body]).toEqual([200, { ...first.body, propagation: CONFIRMED }]);
  });

  it('is 202 for a DELETE, with nothing else in its body', async () => {
    const { id } = await newKey();
    await addGhost();
    const answer = await api.root.send('DELETE', `/v1/keys/${id}`, undefined, NO_WAIT);
    expectUnconfirmed(answer);
    expect(Object.keys(answer.body)).toEqual(['propagation']);
  });

  it('is 202 for a rotation that ends the old secret, with the new one and its Location', async () => {
    const { id } = await newKey();
    const url = `/v1/keys/${id}/rotate`;
    const headers = { 'idempotency-key': 'rotation' };
    await addGhost();
    const body = { grace_seconds: 0 };
    const rotated = await api.root.post(url, body, { ...headers, ...NO_WAIT });
    expectUnconfirmed(rotated);
    expect([rotated.headers['location'], rotated.body.key]).toEqual([
      `/v1/keys/${id}`,
      expect.stringMatching(/^cs_live_/),
    ]);
    const replay = await api.root.post(url, body, { ...headers, ...NO_WAIT });
    expectUnconfirmed(replay);
    expect([replay.headers['idempotency-replayed'], replay.body.key]).toEqual(['true', null]);
    await api.dataSource.query(`DELETE FROM replicas WHERE id = 'ghost'`);
    const confirmed = await api.root.post(url, body, headers);
    expect([confirmed.status, confirmed.body.propagation]).toEqual([201, CONFIRMED]);
    expect(confirmed.headers['idempotency-replayed']).toBe('true');
  });

  it('waits for a lease to run out, and clears away whose it was', async () => {
    const { id } = await newKey();
    await addGhost(500);
    const { status, body, headers } = await api.root.post(`/v1/keys/${id}/revoke`);
    expect([status, body.propagation]).toEqual([200, { ...CONFIRMED, lapsed: 1 }]);
    expect(body.propagation.took_ms).toBeGreaterThanOrEqual(500);
    expect(headers['preference-applied']).toBeUndefined();
    const left: object[] = await api.dataSource.query('SELECT id FROM replicas');
    expect(left).toHaveLength(1);
  });
});

describe('what only adds', () => {
  it('waits for no other replica, and says nothing of them', async () => {
    const { principalId, id } = await newKey();
    await addGhost();
    const issued = await api.key(principalId);
    const renamed = await api.root.send('PATCH', `/v1/keys/${id}`, { name: 'renamed' }, NO_WAIT);
    const body = { name: 'k', scopes: [], environment: 'live' };
    const headers = { ...NO_WAIT, 'idempotency-key': 'creation' };
    const url = `/v1/principals/${principalId}/keys`;
    const first = await api.root.post(url, body, headers);
    const replay = await api.root.post(url, body, headers);
    expect([renamed.status, first.status, replay.status]).toEqual([200, 201, 201]);
    for (const each of [issued, renamed.body, first.body, replay.body]) {
      expect(each).not.toHaveProperty('propagation');
    }
  });
});

describe('ChangeRunner', () => {
  it('lets a change that nobody is told about wait for its own process only', async () => {
    await addGhost();
    const { principalId } = await newKey();
    const actor = {
      ...{ principalId: null, credentialType: null, credentialId: null },
      ...{ sourceIp: null, userAgent: null, requestId: null },
    };
    const runner = api.app.get(ChangeRunner);
    const revoking = (tx: Parameters<Parameters<typeof runner.runQuietly>[1]>[0]) => {
      tx.revoked({ type: 'principal', id: principalId, final: true, organizationId: null });
      return Promise.resolve('done');
    };
    expect(await runner.runQuietly({ actor }, revoking)).toBe('done');
    const told = await runner.run({ actor, preferredWaitSeconds: 0 }, revoking);
    expect(told).toBeInstanceOf(Propagated);
    expect(told).toMatchObject({ answer: 'done', status: 202, propagation: { confirmed: false } });
  });
});
