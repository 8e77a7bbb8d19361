import { expect, it } from '@jest/globals';
import pg from 'pg';
import { administer } from './administer.js';
import { createTestDatabase } from './create-test-database.js';

it('creates a database that is empty and nobody else’s', async () => {
  const [first, second] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await administer(first.url, 'CREATE TABLE mine ()');
  const tables = `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace`;
  expect(await administer(first.url, tables)).toEqual([{ relname: 'mine' }]);
  expect(await administer(second.url, tables)).toEqual([]);
  await Promise.all([first.drop(), second.drop()]);
});

it('drops it under a connection that is still open, and more than once', async () => {
  const { url, drop } = await createTestDatabase();
  const client = new pg.Client({ connectionString: url });
  const broken = new Promise((resolve) => client.on('error', resolve));
  await client.connect();
  await drop();
  await broken;
  await drop();
  await expect(administer(url, 'SELECT 1')).rejects.toThrow(/does not exist/);
});
