import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { administer } from '../../../test/administer.js';
import { eventually } from './eventually.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';

const USES = 200;

let service: ServiceUnderTest;

beforeAll(async () => {
  service = await startServiceUnderTest();
});

afterAll(() => service.stop());

describe('last_used_at', () => {
  it('moves when a key or what is derived from it is used, and takes no write for each use', async () => {
    const [key, source] = [await service.admin.newKey(), await service.admin.newKey()];
    expect([key.last_used_at, source.last_used_at]).toEqual([null, null]);
    const token = await service.tokenFor(source.key);
    const revoked = await service.admin.newKey();
    await service.admin.revokeKey(revoked.id);
    const startedAt = Date.now();
    expect(await service.introspect(revoked.key)).toEqual({ active: false });
    for (let use = 0; use < USES; use++) await service.introspect(use % 2 ? key.key : token);
    for (const { id } of [key, source]) {
      const usedAt = await eventually(
        'the use is on record',
        async () => (await service.admin.readKey(id)).last_used_at,
      );
      expect(Date.parse(usedAt)).toBeGreaterThan(startedAt - 1_000);
      expect(Date.parse(usedAt)).toBeLessThanOrEqual(Date.now());
    }
    // Being turned away is no use.
    expect((await service.admin.readKey(revoked.id)).last_used_at).toBeNull();
    // Postgres counts what a session did when the session comes to rest.
    const updates = await eventually('the writes are counted', async () => {
      const counted = await updatesOfKeys();
      return counted >= 2 && counted;
    });
    // Of three keys, the administrator's among them, at each of a few times.
    expect(updates).toBeLessThan(USES / 5);
  });
});

async function updatesOfKeys(): Promise<number> {
  const [row] = await administer(
    service.databaseUrl,
    `SELECT n_tup_upd::int AS updates FROM pg_stat_user_tables WHERE relname = 'api_keys'`,
  );
  return Number(row?.['updates']);
}
