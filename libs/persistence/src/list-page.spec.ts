import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { createMigratedDatabase, type MigratedDatabase } from '../test/migrated-database.js';
import { insertKey, insertOrganization, insertPrincipal } from '../test/rows.js';
import { PrincipalEntity, SigningKeyEntity } from './entities/index.js';
import { listPage, MalformedCursor } from './list-page.js';

const id = (number: number) => `prn_01JD${String(number).padStart(22, '0')}`;

describe('listPage', () => {
  let database: MigratedDatabase;
  let dataSource: DataSource;
  const principals = () => dataSource.manager.createQueryBuilder(PrincipalEntity, 'principal');

  beforeAll(async () => {
    database = await createMigratedDatabase();
    ({ dataSource } = database);
    const organizationId = await insertOrganization(dataSource);
    for (let number = 1; number <= 7; number += 1) {
      const row = number % 2 ? { organizationId } : {};
      await insertPrincipal(dataSource, { id: id(number), ...row });
    }
  });

  afterAll(() => database.drop());

  test('lists everything once, newest first, page by page', async () => {
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await listPage(principals(), 'id', { limit: 3, cursor });
      pages.push(page.rows.map((row) => row.id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(pages).toEqual([[id(7), id(6), id(5)], [id(4), id(3), id(2)], [id(1)]]);
  });

  test('gives no cursor when the last page is full', async () => {
    const { rows, nextCursor } = await listPage(principals(), 'id', { limit: 7 });
    expect([rows.length, nextCursor]).toEqual([7, null]);
  });

  test('keeps to the conditions of the query, on every page', async () => {
    const odd = () => principals().where('principal.organizationId IS NOT NULL');
    const first = await listPage(odd(), 'id', { limit: 2 });
    const second = await listPage(odd(), 'id', { limit: 2, cursor: first.nextCursor ?? '' });
    expect([...first.rows, ...second.rows].map((row) => row.id)).toEqual([7, 5, 3, 1].map(id));
    expect(second.nextCursor).toBeNull();
  });

  test('what is added meanwhile moves nothing from one page to another', async () => {
    const first = await listPage(principals(), 'id', { limit: 3 });
    await insertPrincipal(dataSource, { id: id(8) });
    const second = await listPage(principals(), 'id', { limit: 3, cursor: first.nextCursor ?? '' });
    expect(second.rows.map((row) => row.id)).toEqual([id(4), id(3), id(2)]);
    await dataSource.manager.delete(PrincipalEntity, { id: id(8) });
  });

  test('counts main rows, not the rows of what is joined', async () => {
    for (const number of [6, 7]) {
      await insertKey(dataSource, { principalId: id(number) });
      await insertKey(dataSource, { principalId: id(number) });
    }
    const joined = principals().innerJoin('api_keys', 'key', 'key.principal_id = principal.id');
    const { rows } = await listPage(joined, 'id', { limit: 2 });
    expect(rows.map((row) => row.id)).toEqual([id(7), id(6)]);
  });

  test('pages by any primary key, in the order of its bytes', async () => {
    const kids = ['-a', '0', 'A', 'Z', '_', 'a', 'z'];
    for (const kid of kids) {
      await dataSource.manager.insert(SigningKeyEntity, {
        kid,
        alg: 'RS256',
        status: 'next',
        publicJwk: {},
        longestTtlSeconds: 1,
        createdAt: new Date(),
      });
    }
    const keys = () => dataSource.manager.createQueryBuilder(SigningKeyEntity, 'key');
    const first = await listPage(keys(), 'kid', { limit: 4 });
    const second = await listPage(keys(), 'kid', { limit: 4, cursor: first.nextCursor ?? '' });
    expect([...first.rows, ...second.rows].map(({ kid }) => kid)).toEqual(kids.toReversed());
  });

  test.each([
    ['empty', ''],
    ['not base64url', '%%%'],
    ['padded', `${Buffer.from(id(11)).toString('base64url')}=`],
    ['no id', Buffer.from("' OR 1=1").toString('base64url')],
    ['not UTF-8', Buffer.from([0xff, 0xfe]).toString('base64url')],
    ['too long', Buffer.from('x'.repeat(65)).toString('base64url')],
  ])('refuses a cursor that is %s', async (_, cursor) => {
    await expect(listPage(principals(), 'id', { limit: 1, cursor })).rejects.toBeInstanceOf(
      MalformedCursor,
    );
  });

  test('reads a page from the index of the primary key, however far into the list', async () => {
    await dataSource.query(
      `INSERT INTO principals (id, type, name, created_at, updated_at)
       SELECT 'prn_01JE' || lpad(n::text, 22, '0'), 'service', 'many', now(), now()
       FROM generate_series(1, 5000) AS n`,
    );
    await dataSource.query('ANALYZE principals');
    const plan = await dataSource.query(
      'EXPLAIN SELECT * FROM principals WHERE id < $1 ORDER BY id DESC LIMIT 51',
      ['prn_01JE0000000000000000002500'],
    );
    expect(JSON.stringify(plan)).toMatch(/Index Scan Backward using principals_pkey/);
  });
});
