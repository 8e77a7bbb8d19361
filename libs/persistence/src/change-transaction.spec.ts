import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DependencyUnavailable } from '@countersign/core';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { eventually } from '../test/eventually.js';
import { createMigratedDatabase, type MigratedDatabase } from '../test/migrated-database.js';
import { createNetwork } from '../test/network.js';
import { insertOrganization, insertPrincipal, insertRole, NOBODY } from '../test/rows.js';
import { type ChangeTransaction, runChangeTransaction } from './change-transaction.js';
import { ForeignKeyViolation, UniqueViolation } from './database-violation.js';
import {
  AuditEventEntity,
  OrganizationEntity,
  PrincipalRoleEntity,
  RevocationEntity,
  RoleEntity,
} from './entities/index.js';

const AUDITED = {
  action: 'organization.updated',
  resourceType: 'organization',
  resourceId: 'org_1',
  organizationId: 'org_1',
  before: { name: 'before' },
  after: { name: 'after' },
} as const;

interface FeedRow {
  readonly kind: string;
  readonly subject: string;
}

/** A promise that is settled from outside, to put transactions in an order. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe('runChangeTransaction', () => {
  let database: MigratedDatabase;
  let dataSource: DataSource;
  const change = <T>(work: (tx: ChangeTransaction) => Promise<T>) =>
    runChangeTransaction(dataSource, NOBODY, work);
  const feed = async () =>
    (await dataSource.query('SELECT position, kind, subject FROM changes ORDER BY position')).map(
      (row: Record<string, unknown>) => ({ ...row, position: Number(row['position']) }),
    );
  const head = async () =>
    Number((await dataSource.query('SELECT position FROM change_head'))[0].position);

  beforeAll(async () => {
    database = await createMigratedDatabase();
    ({ dataSource } = database);
  });

  beforeEach(async () => {
    await dataSource.query(
      'TRUNCATE changes, revocations, signing_keys, audit_events, organizations, roles CASCADE',
    );
    await dataSource.query('UPDATE change_head SET position = 0');
  });

  afterAll(() => database.drop());

  test('commits the rows, the record and the entries of the feed together', async () => {
    const id = await insertOrganization(dataSource);
    const actor = {
      principalId: 'prn_1',
      credentialType: 'api_key',
      credentialId: 'key_1',
      sourceIp: '192.0.2.1',
      userAgent: 'curl/8',
      requestId: 'req-1',
    };
    const expiresAt = new Date('2027-01-01T00:00:00.000Z');
    const { result, position, revokes } = await runChangeTransaction(
      dataSource,
      actor,
      async (tx) => {
        await tx.manager.update(OrganizationEntity, { id }, { name: 'after', updatedAt: tx.now });
        tx.audit({ ...AUDITED, resourceId: id, organizationId: id, reason: 'renamed' });
        tx.changed('organization', id);
        tx.revoked({ type: 'jti', id: 'jti-1', final: true, organizationId: id }, expiresAt);
        return tx.now;
      },
    );

    expect({ position, revokes }).toEqual({ position: 2, revokes: true });
    expect(await feed()).toEqual([
      { position: 1, kind: 'organization', subject: id },
      { position: 2, kind: 'revocation', subject: 'jti-1' },
    ]);
    expect(await dataSource.manager.find(RevocationEntity)).toEqual([
      {
        position: '2',
        type: 'jti',
        id: 'jti-1',
        final: true,
        effectiveAt: null,
        expiresAt: new Date('2027-01-01T00:05:00.000Z'),
        audiences: null,
        organizationId: id,
      },
    ]);
    expect(await dataSource.manager.find(AuditEventEntity)).toEqual([
      {
        id: expect.stringMatching(/^aud_[0-9A-HJKMNP-TV-Z]{26}$/),
        occurredAt: result,
        action: 'organization.updated',
        actorPrincipalId: 'prn_1',
        actorCredentialType: 'api_key',
        actorCredentialId: 'key_1',
        sourceIp: '192.0.2.1',
        userAgent: 'curl/8',
        requestId: 'req-1',
        organizationId: id,
        resourceType: 'organization',
        resourceId: id,
        reason: 'renamed',
        before: { name: 'before' },
        after: { name: 'after' },
      },
    ]);
    expect(await dataSource.manager.findOneByOrFail(OrganizationEntity, { id })).toMatchObject({
      name: 'after',
      updatedAt: result,
    });
  });

  describe('what it revokes', () => {
    const KEY = { type: 'credential', id: 'key_1', organizationId: null } as const;
    const insertSigningKey = (status: string, longestTtlSeconds: number) =>
      dataSource.query(
        `INSERT INTO signing_keys (kid, alg, status, public_jwk, longest_ttl_seconds, created_at)
         VALUES ($1, 'ES256', $1, '{}', $2, now())`,
        [status, longestTtlSeconds],
      );
    /** Seconds from the moment of the change to the end of each entry. */
    const lifetimes = async (now: Date) =>
      (await dataSource.manager.find(RevocationEntity, { order: { position: 'ASC' } })).map(
        ({ expiresAt }) => (expiresAt.getTime() - now.getTime()) / 1000,
      );
    const revokeKey = () =>
      change(async (tx) => {
        tx.revoked({ ...KEY, final: true });
        return tx.now;
      });

    test('stays in the log for as long as a token can live that any key in use has signed', async () => {
      await insertSigningKey('active', 300);
      await insertSigningKey('retiring', 3_600);
      await insertSigningKey('removed', 7_200);
      expect(await lifetimes((await revokeKey()).result)).toEqual([3_600 + 300]);
    });

    test('stays in the log for a day and more where no key tells', async () => {
      expect(await lifetimes((await revokeKey()).result)).toEqual([86_400 + 300]);
    });

    test('stays longer also where that was decided at the same time, and committed before', async () => {
      await insertSigningKey('active', 300);
      const longer = dataSource.createQueryRunner();
      await longer.startTransaction();
      await longer.query('UPDATE signing_keys SET longest_ttl_seconds = 3600');
      await longer.query('UPDATE change_head SET position = position + 1');
      const revoking = revokeKey();
      await eventually(async () => {
        const [waiting] = await dataSource.query(
          `SELECT count(*)::int AS n FROM pg_stat_activity
           WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return waiting.n === 1;
      });
      await longer.commitTransaction();
      await longer.release();
      expect(await lifetimes((await revoking).result)).toEqual([3_600 + 300]);
    });

    test('is one entry for what is said twice, and one for each moment and weight of it', async () => {
      const effectiveAt = new Date('2027-01-01T00:00:00.000Z');
      await change(async (tx) => {
        tx.revoked({ ...KEY, final: false });
        tx.revoked({ ...KEY, final: true });
        tx.revoked({ ...KEY, final: false });
        tx.revoked({ ...KEY, final: false, effectiveAt });
        tx.revoked({ ...KEY, type: 'role', final: false });
      });
      const rows = await dataSource.manager.find(RevocationEntity, { order: { position: 'ASC' } });
      expect(rows.map((row) => [row.position, row.type, row.final, row.effectiveAt])).toEqual([
        ['1', 'credential', false, null],
        ['2', 'credential', true, null],
        ['3', 'credential', false, effectiveAt],
        ['4', 'role', false, null],
      ]);
    });

    test('comes after all that empties memory, in whichever order it was said', async () => {
      await change(async (tx) => {
        tx.revoked({ ...KEY, final: true });
        tx.changed('api_key', 'key_1');
        tx.revoked({ type: 'jti', id: 'jti-1', final: true, organizationId: null });
        tx.changed('api_key_version', 'version');
      });
      expect((await feed()).map(({ kind, subject }: FeedRow) => `${kind} ${subject}`)).toEqual([
        'api_key key_1',
        'api_key_version version',
        'revocation key_1',
        'revocation jti-1',
      ]);
      expect(await dataSource.manager.find(RevocationEntity)).toMatchObject([
        { position: '3', id: 'key_1' },
        { position: '4', id: 'jti-1' },
      ]);
    });

    test('is told to who waits for it, also where no token could tell of it', async () => {
      const silent = await change(async (tx) => tx.changed('role', 'rol_1'));
      const narrowed = await change(async (tx) => {
        tx.changed('principal', 'prn_1');
        tx.narrowed();
      });
      expect([silent.revokes, narrowed.revokes]).toEqual([false, true]);
      expect(await dataSource.manager.count(RevocationEntity)).toBe(0);
    });

    test('becomes visible in the order of its positions and without a gap, however slow each is', async () => {
      const seen: number[][] = [];
      let isOver = false;
      const watch = async () => {
        while (!isOver) {
          const rows: { position: string; revoked: string | null }[] = await dataSource.query(
            `SELECT changes.position, revocations.position AS revoked FROM changes
             LEFT JOIN revocations USING (position) ORDER BY changes.position`,
          );
          expect(rows.filter(({ revoked }) => revoked === null)).toEqual([]);
          seen.push(rows.map(({ position }) => Number(position)));
        }
      };
      const revokeSlowly = (index: number) =>
        change(async (tx) => {
          await tx.manager.query('SELECT pg_sleep($1)', [(index * 7) % 5 === 0 ? 0.05 : 0.005]);
          for (let each = 0; each < 3; each += 1) {
            tx.revoked({ type: 'jti', id: `${index}-${each}`, final: true, organizationId: null });
          }
        });
      const watching = watch();
      const commits = await Promise.all(Array.from({ length: 40 }, (_, n) => revokeSlowly(n)));
      isOver = true;
      await watching;

      const all = Array.from({ length: 120 }, (_, index) => index + 1);
      for (const positions of seen) expect(positions).toEqual(all.slice(0, positions.length));
      expect(new Set(seen.map(({ length }) => length)).size).toBeGreaterThan(2);
      expect(commits.map(({ position }) => Number(position)).toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 40 }, (_, index) => 3 * (index + 1)),
      );
    });
  });

  test('takes no position when the feed is told nothing', async () => {
    const committed = await change(async (tx) => {
      tx.audit(AUDITED);
      return 'done';
    });
    expect(committed).toEqual({ result: 'done', position: null, revokes: false });
    expect(await dataSource.manager.count(AuditEventEntity)).toBe(1);
    expect(await head()).toBe(0);
  });

  test('has a row remember its last position, before it is visible to anybody', async () => {
    const id = await insertOrganization(dataSource);
    const remembering = (name: string) =>
      change(async (tx) => {
        tx.atPosition((at) => tx.manager.update(OrganizationEntity, { id }, { name: `${at}` }));
        tx.changed('organization', id);
        tx.revoked({ type: 'organization', id: name, final: false, organizationId: id });
      });
    const named = async () =>
      (await dataSource.manager.findOneByOrFail(OrganizationEntity, { id })).name;
    for (const [name, position] of [
      ['a', 2],
      ['b', 4],
    ] as const) {
      expect((await remembering(name)).position).toBe(position);
      expect(await named()).toBe(`${position}`);
    }
    const failing = change(async (tx) => {
      tx.changed('organization', id);
      tx.atPosition(() => Promise.reject(new RangeError('of the row')));
    });
    await expect(failing).rejects.toThrow(new RangeError('of the row'));
    expect(await head()).toBe(4);
  });

  test('tells the feed once what it is told twice', async () => {
    const { position } = await change(async (tx) => {
      tx.changed('principal', 'prn_1');
      tx.changed('principal', 'prn_1');
      tx.changed('role', 'prn_1');
    });
    expect(position).toBe(2);
  });

  test('a change that fails leaves no row, no record and no gap in the feed', async () => {
    const failing = change(async (tx) => {
      await tx.manager.insert(RoleEntity, {
        id: 'rol_1',
        name: 'exporter',
        createdAt: tx.now,
        updatedAt: tx.now,
      });
      tx.audit(AUDITED);
      tx.changed('role', 'rol_1');
      throw new RangeError('of the work');
    });
    await expect(failing).rejects.toThrow(new RangeError('of the work'));

    await change(async (tx) => tx.changed('role', 'rol_2'));
    expect((await feed()).map(({ position }: { position: number }) => position)).toEqual([1]);
    expect(await dataSource.manager.count(RoleEntity)).toBe(0);
    expect(await dataSource.manager.count(AuditEventEntity)).toBe(0);
  });

  test('a change whose record would hold a secret does not happen', async () => {
    const leaking = change(async (tx) => {
      tx.changed('api_key', 'key_1');
      tx.audit({ ...AUDITED, after: { secret_hash: 'x' } });
    });
    await expect(leaking).rejects.toThrow('audit: secret_hash may hold a secret');
    expect(await head()).toBe(0);
  });

  test('refuses what comes after the end, rather than lose it', async () => {
    let late: ChangeTransaction | undefined;
    await change(async (tx) => {
      late = tx;
    });
    expect(() => late?.changed('role', 'rol_1')).toThrow(/has ended/);
    expect(() => late?.audit(AUDITED)).toThrow(/has ended/);
  });

  test('gives positions in the order of the commits, not of the beginnings', async () => {
    const secondIsDone = gate();
    const first = change(async (tx) => {
      await tx.manager.query('SELECT 1');
      await secondIsDone.opened;
      tx.changed('role', 'first');
    });
    const second = await change(async (tx) => tx.changed('role', 'second'));
    secondIsDone.open();
    expect([(await first).position, second.position]).toEqual([2, 1]);
  });

  test('shows no position before the ones below it, however transactions interleave', async () => {
    const seen: number[][] = [];
    let writing = true;
    const watch = async () => {
      while (writing) {
        const rows = await dataSource.query(
          `SELECT position, (SELECT position FROM change_head) AS head FROM changes ORDER BY position`,
        );
        const positions = rows.map((row: { position: string }) => Number(row.position));
        seen.push(positions);
        if (rows.length > 0) expect(Number(rows[0].head)).toBe(positions.at(-1));
      }
    };
    const write = async (writer: number) => {
      for (let round = 0; round < 20; round += 1) {
        const entries = 1 + ((writer + round) % 3);
        const failing = round % 5 === 4;
        await change(async (tx) => {
          await tx.manager.query('SELECT pg_sleep(random() * 0.004)');
          for (let entry = 0; entry < entries; entry += 1) {
            tx.changed('role', `${writer}.${round}.${entry}`);
          }
          if (failing) throw new Error('on purpose');
        }).catch((error: unknown) => expect(error).toMatchObject({ message: 'on purpose' }));
      }
    };
    const watching = watch();
    await Promise.all([0, 1, 2].map(write));
    writing = false;
    await watching;

    const complete = (positions: number[]) =>
      positions.every((position, index) => position === index + 1);
    expect(seen.length).toBeGreaterThan(10);
    expect(seen.every(complete)).toBe(true);
    expect((await feed()).length).toBe(await head());
  });

  test('notifies once it is committed, with the last position', async () => {
    const listener = new pg.Client({ connectionString: database.url });
    await listener.connect();
    const payloads: unknown[] = [];
    listener.on('notification', ({ payload }) => payloads.push(payload));
    await listener.query('LISTEN countersign_changes');
    await change(async (tx) => {
      tx.changed('role', 'rol_1');
      tx.changed('role', 'rol_2');
    });
    await eventually(() => payloads.length > 0);
    expect(payloads).toEqual(['2']);
    await listener.end();
  });

  test('runs the work anew when Postgres gave it up for a deadlock', async () => {
    const one = await insertOrganization(dataSource);
    const two = await insertOrganization(dataSource);
    const bothHoldOne = [gate(), gate()] as const;
    let runs = 0;
    const crossing = (mine: string, other: string, [own, others]: ReturnType<typeof gate>[]) =>
      change(async (tx) => {
        runs += 1;
        await tx.manager.update(OrganizationEntity, { id: mine }, { name: 'mine' });
        own?.open();
        await others?.opened;
        await tx.manager.update(OrganizationEntity, { id: other }, { name: 'other' });
        tx.changed('organization', mine);
      });
    const [a, b] = await Promise.all([
      crossing(one, two, [bothHoldOne[0], bothHoldOne[1]]),
      crossing(two, one, [bothHoldOne[1], bothHoldOne[0]]),
    ]);
    expect(runs).toBeGreaterThanOrEqual(3);
    expect([a.position, b.position].sort()).toEqual([1, 2]);
  });

  test('says which constraint was violated', async () => {
    const roleId = await insertRole(dataSource, { name: 'exporter' });
    const row = (tx: ChangeTransaction) => ({ createdAt: tx.now, updatedAt: tx.now });
    const twice = change((tx) =>
      tx.manager.insert(RoleEntity, { id: 'rol_2', name: 'exporter', ...row(tx) }),
    );
    await expect(twice).rejects.toMatchObject({ constraint: 'roles_name_key' });
    await expect(twice).rejects.toBeInstanceOf(UniqueViolation);

    const principalId = await insertPrincipal(dataSource);
    await dataSource.manager.insert(PrincipalRoleEntity, { principalId, roleId });
    const inUse = change((tx) => tx.manager.delete(RoleEntity, { id: roleId }));
    await expect(inUse).rejects.toMatchObject({ constraint: 'principal_roles_role_id_fkey' });
    await expect(inUse).rejects.toBeInstanceOf(ForeignKeyViolation);

    const toNobody = change((tx) =>
      tx.manager.insert(PrincipalRoleEntity, { principalId: 'prn_0', roleId }),
    );
    await expect(toNobody).rejects.toMatchObject({
      constraint: 'principal_roles_principal_id_fkey',
    });
  });

  test('a database that goes away is unavailable, and nothing of the change remains', async () => {
    const network = await createNetwork(database.url);
    const remote = await database.connect({ url: network.url });
    const cut = runChangeTransaction(remote, NOBODY, async (tx) => {
      tx.changed('role', 'rol_1');
      await tx.manager.query('SELECT 1');
      await network.cut();
    });
    await expect(cut).rejects.toBeInstanceOf(DependencyUnavailable);
    await expect(
      runChangeTransaction(remote, NOBODY, async (tx) => tx.changed('role', 'rol_1')),
    ).rejects.toBeInstanceOf(DependencyUnavailable);
    expect(await head()).toBe(0);
    await remote.destroy();
  });
});
